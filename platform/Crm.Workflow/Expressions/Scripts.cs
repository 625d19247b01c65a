using System.Collections.Concurrent;
using Jint.Parser;
using Jint.Runtime;

namespace Crm.Workflow;

/// <summary>
/// With the classes beside it whose names begin with Script the one place that knows the JavaScript interpreter. Interpreters are kept and used again, because making one costs more than most
/// scripts; what a script may use up is limited, and what it leaves behind in the interpreter's globals is thrown away with it.
/// </summary>
public sealed class Scripts
{
    internal const int KeptFunctions = 2_000;

    /// <summary>Only a script that says this name can ask for secrets, so that it shows which do.</summary>
    internal const string GetSecret = "getSecret";

    private const int MaxSource = 200_000;

    /// <summary>For the parser, which goes as deep as a script that nobody has looked at yet.</summary>
    private const int ParserStack = 256 << 20;

    /// <summary>Names with a meaning of their own, which no variable takes away.</summary>
    private static readonly HashSet<string> Fixed = new(StringComparer.Ordinal)
    {
        "getInput", "getVariable", "setVariable", "getOutputFrom", "getLastResult", "getWorkflowDefinitionId", "getWorkflowDefinitionVersionId", "getWorkflowDefinitionVersion",
        "getWorkflowInstanceId", "getCorrelationId", "setCorrelationId", "getWorkflowInstanceName", "setWorkflowInstanceName", "getGuidString", "getShortGuid", "setOutcome", "setOutcomes",
        "getConfig",
    };

    private readonly ConcurrentDictionary<string, Script> _scripts = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<ScriptInterpreter> _idle = [];

    /// <summary>Reads a script.</summary>
    /// <exception cref="WorkflowException">It is none.</exception>
    public Script Compile(string source)
    {
        if (_scripts.TryGetValue(source, out var known))
        {
            return known;
        }
        if (source.Length > MaxSource)
        {
            throw new WorkflowException("script.syntax", "The script is too long.");
        }
        var (lowered, words) = ScriptSource.Lower(source);
        var accessors = words.Where(w => w.Length > 3 && (w.StartsWith("get", StringComparison.Ordinal) || w.StartsWith("set", StringComparison.Ordinal)) && !Fixed.Contains(w)).Order(StringComparer.Ordinal).ToList();
        var variables = new List<string>();
        if (words.Contains("variables"))
        {
            variables.AddRange(words.Where(w => lowered.Contains("variables." + w, StringComparison.Ordinal) || lowered.Contains($"variables[\"{w}\"]", StringComparison.Ordinal) || lowered.Contains($"variables['{w}']", StringComparison.Ordinal)));
        }
        IReadOnlyList<string>? reads = words.Overlaps(Fixed) || accessors.Any(a => a.StartsWith("set", StringComparison.Ordinal) || a.Contains("From", StringComparison.Ordinal))
            ? null
            : [.. accessors.Select(a => a[3..]), .. accessors.Select(a => char.ToLowerInvariant(a[3]) + a[4..]), .. variables];
        var parameters = string.Join(", ", accessors.Append("variables").Append("args"));
        var expression = lowered.Trim().TrimEnd(';').TrimEnd();
        (string Function, bool Completes)[] forms = [($"(function ({parameters}) {{ return (\n{expression}\n); }})", false), ($"(function ({parameters}) {{\n{lowered}\n}})", true)];
        WorkflowException? fault = null;
        foreach (var (function, completes) in forms)
        {
            if (Fault(function, completes) is { } wrong)
            {
                fault = new WorkflowException("script.syntax", Values.Shorten(wrong.Message), wrong) { Advice = "Scripts are ECMAScript 5.1 with let, const, arrow functions, templates, patterns, spread, for-of, await, ?? and ?. ; classes are not among them." };
                continue;
            }
            var script = new Script(function, completes, accessors, variables, reads);
            if (_scripts.Count < KeptFunctions)
            {
                _scripts.TryAdd(source, script);
            }
            return script;
        }
        throw fault!;
    }

    /// <summary>What is wrong with a script. Whoever has none can be parsed on any stack afterwards.</summary>
    private static ParserException? Fault(string function, bool completes)
    {
        ParserException? fault = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    ScriptGuard.Read(function, completes);
                }
                catch (ParserException e)
                {
                    fault = e;
                }
#pragma warning disable CA1031 // A parser that gives up in another way must not end the process from a thread of its own.
                catch (Exception e)
#pragma warning restore CA1031
                {
                    fault = new ParserException(e.Message);
                }
            },
            ParserStack);
        thread.Start();
        thread.Join();
        return fault;
    }

    /// <summary>Runs a script in the place of an activity.</summary>
    /// <exception cref="WorkflowException">It throws, or uses more than it may.</exception>
    public object? Evaluate(Script script, ActivityContext context)
    {
        var interpreter = _idle.TryTake(out var idle) ? idle : new ScriptInterpreter();
        try
        {
            return interpreter.Run(script, context);
        }
        catch (JavaScriptException e)
        {
            throw new WorkflowException("script.error", Values.Shorten(e.Error.IsObject() ? e.Error.AsObject().Get("message").ToString() is { Length: > 0 } message and not "undefined" ? message : e.Error.ToString() : e.Error.ToString(), 400), e);
        }
        catch (ParserException e)
        {
            throw new WorkflowException("script.syntax", Values.Shorten(e.Message), e);
        }
        catch (Exception e) when (e is ScriptLimitException or InsufficientExecutionStackException or StatementsCountOverflowException or TimeoutException or RecursionDepthOverflowException or OutOfMemoryException or System.Text.RegularExpressions.RegexMatchTimeoutException)
        {
            throw new WorkflowException("script.limit", e is ScriptLimitException ? e.Message : "The script takes too long or uses too much.", e) { Advice = "Look for a loop whose end never comes, or give the work to an activity." };
        }
        finally
        {
            if (interpreter.IsClean())
            {
                _idle.Add(interpreter);
            }
        }
    }
}
