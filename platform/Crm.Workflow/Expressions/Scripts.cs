using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Jint;
using Jint.Native;
using Jint.Native.Array;
using Jint.Native.Date;
using Jint.Native.Object;
using Jint.Parser;
using Jint.Runtime;
using Jint.Runtime.Interop;

namespace Crm.Workflow;

/// <summary>
/// With <see cref="ScriptGuard"/> and <see cref="ScriptNatives"/> the one place that knows the JavaScript interpreter. Interpreters are kept and used again, because making one costs more than most
/// scripts; what a script may use up is limited, and what it leaves behind in the interpreter's globals is thrown away with it.
/// </summary>
public sealed class Scripts
{
    private const int MaxStatements = 300_000;
    private const int MaxRecursion = 200;
    private const int MaxLength = 1_000_000;
    private const int MaxSource = 200_000;

    /// <summary>For the parser, which goes as deep as a script that nobody has looked at yet.</summary>
    private const int ParserStack = 256 << 20;
    private const int KeptFunctions = 2_000;

    /// <summary>Where a promise of <see cref="ScriptPrelude"/> keeps how it stands.</summary>
    private const string PromiseState = " state", PromiseValue = " value";

    /// <summary>Names with a meaning of their own, which no variable takes away.</summary>
    private static readonly HashSet<string> Fixed = new(StringComparer.Ordinal)
    {
        "getInput", "getVariable", "setVariable", "getOutputFrom", "getLastResult", "getWorkflowDefinitionId", "getWorkflowDefinitionVersionId", "getWorkflowDefinitionVersion",
        "getWorkflowInstanceId", "getCorrelationId", "setCorrelationId", "getWorkflowInstanceName", "setWorkflowInstanceName", "getGuidString", "getShortGuid", "setOutcome", "setOutcomes",
        "getConfig", "getSecret",
    };

    private readonly ConcurrentDictionary<string, Script> _scripts = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<Interpreter> _idle = [];

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
        var interpreter = _idle.TryTake(out var idle) ? idle : new Interpreter();
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

    /// <summary>One interpreter; used by one script at a time.</summary>
    private sealed class Interpreter
    {
        private readonly Engine _engine;
        private readonly Dictionary<Script, ICallable> _functions = [];
        private readonly Dictionary<string, JsValue> _accessors = new(StringComparer.Ordinal);
        private readonly ScriptBudget _budget = new();
        private readonly int _globals;
        private readonly JsValue?[] _inherited;
        private int _converted;
        private ObjectInstance? _variables;
        private ActivityContext _context = null!;

        public Interpreter()
        {
            _engine = new Engine(options => options.LimitRecursion(MaxRecursion).MaxStatements(MaxStatements).TimeoutInterval(ScriptBudget.MaxTime).LocalTimeZone(TimeZoneInfo.Utc).Culture(CultureInfo.InvariantCulture));
            _budget.Begin();
            new ScriptNatives(_engine, _budget).Guard();
            Define("getInput", a => WorkflowInputs.Of(_context, Text(a, 0), out var value) ? value : null);
            Define("getVariable", a => _context.TryVariable(Text(a, 0), out var value) ? value : null);
            Define("setVariable", a => Set(Text(a, 0), a.Length > 1 ? From(a[1], 0) : null));
            Define("getOutputFrom", a => _context.Run.OutputOf(Text(a, 0), a.Length > 1 && a[1].IsString() ? a[1].AsString() : null));
            Define("getLastResult", _ => _context.Run.LastResult);
            Define("getWorkflowDefinitionId", _ => _context.Run.Graph.Definition.DefinitionId);
            Define("getWorkflowDefinitionVersionId", _ => _context.Run.Graph.Definition.Id);
            Define("getWorkflowDefinitionVersion", _ => _context.Run.Graph.Definition.Version);
            Define("getWorkflowInstanceId", _ => _context.Run.Id);
            Define("getCorrelationId", _ => _context.Run.CorrelationId);
            Define("setCorrelationId", a => _context.Run.CorrelationId = Text(a, 0));
            Define("getWorkflowInstanceName", _ => _context.Run.Name);
            Define("setWorkflowInstanceName", a => _context.Run.Name = Text(a, 0));
            Define("isNullOrWhiteSpace", a => a.Length == 0 || string.IsNullOrWhiteSpace(From(a[0], 0) as string));
            Define("isNullOrEmpty", a => a.Length == 0 || string.IsNullOrEmpty(From(a[0], 0) as string));
            Define("toJson", a => Values.ToJson(a.Length > 0 ? From(a[0], 0) : null));
            Define("parseGuid", a => Guid.Parse(Text(a, 0)).ToString("D"));
            Define("newGuid", _ => _context.Run.Surroundings.NewGuid().ToString("D"));
            Define("newGuidString", _ => _context.Run.Surroundings.NewGuid().ToString("D"));
            Define("getGuidString", _ => _context.Run.Surroundings.NewGuid().ToString("D"));
            Define("newShortGuid", _ => ShortGuid());
            Define("getShortGuid", _ => ShortGuid());
            Define("bytesToString", a => Encoding.UTF8.GetString(Bytes(a)));
            Define("bytesFromString", a => Convert.ToBase64String(Encoding.UTF8.GetBytes(Text(a, 0))));
            Define("bytesToBase64", a => Convert.ToBase64String(Bytes(a)));
            Define("bytesFromBase64", a => Text(a, 0));
            Define("streamToBytes", a => Convert.ToBase64String(Bytes(a)));
            Define("streamToBase64", a => Convert.ToBase64String(Bytes(a)));
            Define("stringToBase64", a => Convert.ToBase64String(Encoding.UTF8.GetBytes(Text(a, 0))));
            Define("stringFromBase64", a => Encoding.UTF8.GetString(Convert.FromBase64String(Text(a, 0))));
            Define("setOutcome", a => _context.Run.ScriptOutcomes = [Text(a, 0)]);
            Define("setOutcomes", a => _context.Run.ScriptOutcomes = [.. Values.ToList(From(a[0], 0)).Select(v => Values.ToText(v) ?? "")]);
            _engine.Execute(ScriptGuard.Read(ScriptPrelude.Source, completes: false));
            _globals = _engine.Global.GetOwnProperties().Count();
            _inherited = [.. Inherited()];
        }

        public object? Run(Script script, ActivityContext context)
        {
            _context = context;
            _engine.ResetStatementsCount();
            _engine.ResetTimeoutTicks();
            _engine.ResetCallStack();
            _converted = 0;
            _budget.Begin();
            if (!_functions.TryGetValue(script, out var function))
            {
                if (_functions.Count >= KeptFunctions)
                {
                    _functions.Clear();
                }
                _engine.Execute(ScriptGuard.Read(script.Function, script.Completes));
                _functions[script] = function = (ICallable)_engine.GetCompletionValue().AsObject();
            }
            var arguments = new JsValue[script.Accessors.Count + 2];
            for (var i = 0; i < script.Accessors.Count; i++)
            {
                arguments[i] = Accessor(script.Accessors[i]);
            }
            var variables = _variables = script.Variables.Count > 0 ? Variables(script) : null;
            arguments[^2] = variables is null ? JsValue.Undefined : new JsValue(variables);
            arguments[^1] = To(context.Run.Arguments is null ? null : new Dictionary<string, object?>(context.Run.Arguments, StringComparer.Ordinal));
            // What the workflow itself brings may be large without being the script's fault.
            _budget.Begin();
            var result = From(function.Call(JsValue.Undefined, arguments), 0);
            if (variables is not null)
            {
                KeepVariables(script, variables);
            }
            return result;
        }

        /// <summary>Whether it is as it was before the first script, so that the next may use it.</summary>
        public bool IsClean() => _engine.Global.GetOwnProperties().Count() == _globals && Inherited().SequenceEqual(_inherited, ReferenceEqualityComparer.Instance);

        /// <summary>What every object inherits; it cannot be frozen, because then no object could have its own.</summary>
        private IEnumerable<JsValue?> Inherited() => _engine.Object.PrototypeObject.GetOwnProperties().Select(p => p.Value.Value);

        private ObjectInstance Variables(Script script)
        {
            var variables = _engine.Object.Construct([]);
            foreach (var name in script.Variables)
            {
                if (_context.TryVariable(name, out var value))
                {
                    variables.Put(name, To(value), throwOnError: false);
                }
            }
            return variables;
        }

        private void KeepVariables(Script script, ObjectInstance variables)
        {
            foreach (var name in script.Variables)
            {
                var now = From(variables.Get(name), 0);
                var known = _context.TryVariable(name, out var before);
                if (!Values.AreEqual(before, now) && (known || now is not null))
                {
                    Set(name, now);
                }
            }
        }

        private object? Set(string name, object? value)
        {
            var known = _context.TrySetVariable(null, name, value) ? name : _context.TrySetVariable(null, Camel(name), value) ? Camel(name) : throw Missing(name);
            // What the script sees as variables.X is that value now, and is not written back over it.
            if (_variables?.HasOwnProperty(known) == true)
            {
                _variables.Put(known, To(value), throwOnError: false);
            }
            return value;
        }

        /// <summary>What a name such as <c>getScore</c> means; it is asked each time, because each script runs in another place.</summary>
        private JsValue Accessor(string name)
        {
            if (!_accessors.TryGetValue(name, out var accessor))
            {
                var rest = name[3..];
                _accessors[name] = accessor = new JsValue(name[0] == 'g' ? Native(_ => Get(rest)) : Native(a => Set(rest, a.Length > 0 ? From(a[0], 0) : null)));
            }
            return accessor;
        }

        private object? Get(string name)
        {
            if (_context.Run.Arguments is { } arguments && arguments.TryGetValue(name, out var value))
            {
                return value;
            }
            if (_context.TryVariable(name, out value) || _context.TryVariable(Camel(name), out value) || WorkflowInputs.Of(_context, name, out value) || WorkflowInputs.Of(_context, Camel(name), out value))
            {
                return value;
            }
            for (var at = name.IndexOf("From", 1, StringComparison.Ordinal); at > 0; at = name.IndexOf("From", at + 1, StringComparison.Ordinal))
            {
                var (output, activity) = (name[..at], name[(at + 4)..]);
                // Several may be called so, the workflow itself among them: whoever is called exactly so comes first, and whoever has given something out.
                var named = _context.Run.Graph.Nodes.Where(n => n.Activity is not WorkflowRoot && (n.Name == activity || WorkflowDefinition.SafeName(n.Name) == activity)).OrderByDescending(n => n.Name == activity).ToList();
                if (named.Count > 0)
                {
                    return _context.Run.OutputOf((named.Find(n => _context.Run.OutputRegister?.ContainsKey(n.Index) == true) ?? named[0]).Id, output);
                }
            }
            throw Missing(name);
        }

        private JavaScriptException Missing(string name) => new(_engine.ReferenceError, $"There is no variable, input or output '{name}' here.");

        private string ShortGuid() => Convert.ToBase64String(_context.Run.Surroundings.NewGuid().ToByteArray()).Replace('/', '_').Replace('+', '-')[..22];

        private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];

        private string Text(JsValue[] arguments, int index) => arguments.Length > index ? Values.ToText(From(arguments[index], 0)) ?? "" : "";

        private byte[] Bytes(JsValue[] arguments) => Convert.FromBase64String(Text(arguments, 0));

        private void Define(string name, Func<JsValue[], object?> function) => _engine.Global.FastAddProperty(name, new JsValue(Native(function)), true, false, true);

        private ClrFunctionInstance Native(Func<JsValue[], object?> function) => new(_engine, (_, arguments) =>
        {
            try
            {
                return To(function(arguments));
            }
            catch (Exception e) when (e is FormatException or WorkflowException)
            {
                throw new JavaScriptException(_engine.TypeError, e.Message);
            }
        });

        private JsValue To(object? value)
        {
            switch (value)
            {
                case null: return JsValue.Null;
                case string text: return new JsValue(text);
                case bool truth: return new JsValue(truth);
                case DateTimeOffset moment: return new JsValue(_engine.Date.Construct(moment.UtcDateTime));
                case IDictionary<string, object?> map:
                    var instance = _engine.Object.Construct([]);
                    foreach (var (name, item) in map)
                    {
                        instance.FastAddProperty(name, To(item), true, true, true);
                    }
                    return new JsValue(instance);
                case byte[] or Guid or TimeSpan: return new JsValue(Values.ToText(value)!);
                case System.Collections.IEnumerable list:
                    // A list of one number must not be taken for the length of an empty one.
                    JsValue[] items = [.. list.Cast<object?>().Select(To)];
                    var array = _engine.Array.Construct([]);
                    if (items.Length > 0)
                    {
                        _engine.Array.PrototypeObject.Push(array, items);
                    }
                    return new JsValue(array);
                default: return Values.IsNumber(value) ? new JsValue(Convert.ToDouble(value, CultureInfo.InvariantCulture)) : new JsValue(Values.ToText(value) ?? "");
            }
        }

        private object? From(JsValue value, int depth)
        {
            if (depth > 60)
            {
                throw new WorkflowException("script.value", "The value contains itself or is nested too deeply.");
            }
            if (++_converted > MaxLength)
            {
                throw new WorkflowException("script.value", "The value is too large.");
            }
            if (value.IsNull() || value.IsUndefined())
            {
                return null;
            }
            if (value.IsBoolean())
            {
                return value.AsBoolean();
            }
            if (value.IsString())
            {
                return value.AsString();
            }
            if (value.IsNumber())
            {
                var number = value.AsNumber();
                return number is >= int.MinValue and <= int.MaxValue && Math.Floor(number).Equals(number) ? (object)(int)number
                    : Math.Abs(number) <= 9_007_199_254_740_991 && Math.Floor(number).Equals(number) ? (object)(long)number
                    : number;
            }
            switch (value.AsObject())
            {
                case DateInstance moment: return double.IsNaN(moment.PrimitiveValue) ? null : DateTimeOffset.FromUnixTimeMilliseconds((long)moment.PrimitiveValue);
                case ArrayInstance list:
                    var length = (int)Math.Min(list.Get("length").AsNumber(), int.MaxValue);
                    if (length > MaxLength)
                    {
                        throw new WorkflowException("script.value", "The list is too long.");
                    }
                    var items = new List<object?>(length);
                    for (var i = 0; i < length; i++)
                    {
                        items.Add(From(list.Get(i.ToString(CultureInfo.InvariantCulture)), depth + 1));
                    }
                    return items;
                case IPrimitiveInstance primitive: return From(primitive.PrimitiveValue, depth + 1);
                case ICallable: return null;
                case var promise when promise.HasOwnProperty(PromiseState):
                    return promise.Get(PromiseState).AsString() switch
                    {
                        "done" => From(promise.Get(PromiseValue), depth + 1),
                        "failed" => throw new JavaScriptException(promise.Get(PromiseValue)),
                        _ => null,
                    };
                case var instance:
                    var map = new Dictionary<string, object?>(StringComparer.Ordinal);
                    foreach (var (name, property) in instance.GetOwnProperties())
                    {
                        if (property.Enumerable == true)
                        {
                            map[name] = From(instance.Get(name), depth + 1);
                        }
                    }
                    return map;
            }
        }
    }
}
