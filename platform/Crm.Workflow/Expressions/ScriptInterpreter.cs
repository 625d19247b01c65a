using System.Globalization;
using System.Text;
using Jint;
using Jint.Native;
using Jint.Native.Object;
using Jint.Runtime;
using Jint.Runtime.Interop;

namespace Crm.Workflow;

/// <summary>One interpreter; used by one script at a time.</summary>
internal sealed class ScriptInterpreter
{
    private const int MaxStatements = 300_000;
    private const int MaxRecursion = 200;

    private readonly Engine _engine;
    private readonly Dictionary<Script, ICallable> _functions = [];
    private readonly Dictionary<string, JsValue> _accessors = new(StringComparer.Ordinal);
    private readonly ScriptBudget _budget = new();
    private readonly ScriptValues _values;
    private readonly int _globals;
    private readonly JsValue?[] _inherited;
    private ObjectInstance? _variables;
    private ActivityContext _context = null!;

    public ScriptInterpreter()
    {
        _engine = new Engine(options => options.LimitRecursion(MaxRecursion).MaxStatements(MaxStatements).TimeoutInterval(ScriptBudget.MaxTime).LocalTimeZone(TimeZoneInfo.Utc).Culture(CultureInfo.InvariantCulture));
        _values = new(_engine);
        _budget.Begin();
        new ScriptNatives(_engine, _budget).Guard();
        Define("getInput", a => WorkflowInputs.Of(_context, Text(a, 0), out var value) ? value : null);
        Define("getVariable", a => _context.TryVariable(Text(a, 0), out var value) ? value : null);
        Define("setVariable", a => Set(Text(a, 0), a.Length > 1 ? _values.From(a[1], 0) : null));
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
        Define("isNullOrWhiteSpace", a => a.Length == 0 || string.IsNullOrWhiteSpace(_values.From(a[0], 0) as string));
        Define("isNullOrEmpty", a => a.Length == 0 || string.IsNullOrEmpty(_values.From(a[0], 0) as string));
        Define("toJson", a => Values.ToJson(a.Length > 0 ? _values.From(a[0], 0) : null));
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
        Define("setOutcomes", a => _context.Run.ScriptOutcomes = [.. Values.ToList(_values.From(a[0], 0)).Select(v => Values.ToText(v) ?? "")]);
        Define("createEventTriggerUrl", a => EventUrl(Text(a, 0), a.Length > 1 ? _values.From(a[1], 0) : null));
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
        _values.Begin();
        _budget.Begin();
        if (!_functions.TryGetValue(script, out var function))
        {
            if (_functions.Count >= Scripts.KeptFunctions)
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
        arguments[^1] = _values.To(context.Run.Arguments is null ? null : new Dictionary<string, object?>(context.Run.Arguments, StringComparer.Ordinal));
        // What the workflow itself brings may be large without being the script's fault.
        _budget.Begin();
        var result = _values.From(function.Call(JsValue.Undefined, arguments), 0);
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
                variables.Put(name, _values.To(value), throwOnError: false);
            }
        }
        return variables;
    }

    private void KeepVariables(Script script, ObjectInstance variables)
    {
        foreach (var name in script.Variables)
        {
            var now = _values.From(variables.Get(name), 0);
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
            _variables.Put(known, _values.To(value), throwOnError: false);
        }
        return value;
    }

    /// <summary>What a name such as <c>getScore</c> means; it is asked each time, because each script runs in another place.</summary>
    private JsValue Accessor(string name)
    {
        if (!_accessors.TryGetValue(name, out var accessor))
        {
            var rest = name[3..];
            _accessors[name] = accessor = new JsValue(
                name == Scripts.GetSecret ? Promising(a => Secret(Text(a, 0))) : name[0] == 'g' ? Native(_ => Get(rest)) : Native(a => Set(rest, a.Length > 0 ? _values.From(a[0], 0) : null)));
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
                return _context.Run.OutputOf((named.Find(n => _context.Run.Outputs.ByNode?.ContainsKey(n.Index) == true) ?? named[0]).Id, output);
            }
        }
        throw Missing(name);
    }

    private string EventUrl(string name, object? until) => Outside.EventUrl is { } make
        ? make(new(_context.Run.Id, name, until switch
        {
            null => null,
            DateTimeOffset moment => moment,
            var span => _context.Run.Now() + (TimeSpan)Values.To(typeof(TimeSpan), span)!,
        }))
        : throw new WorkflowException("outside.none", "There is no server here that could give out addresses.");

    private string Secret(string name) => Outside.Secret?.Invoke(name) ?? throw new WorkflowException("secret.missing", $"There is no secret '{Values.Shorten(name)}' here.");

    private ScriptOutside Outside => _context.Run.Surroundings.Parts.Outside;

    private JavaScriptException Missing(string name) => new(_engine.ReferenceError, $"There is no variable, input or output '{name}' here.");

    private string ShortGuid() => Convert.ToBase64String(_context.Run.Surroundings.NewGuid().ToByteArray()).Replace('/', '_').Replace('+', '-')[..22];

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    private string Text(JsValue[] arguments, int index) => arguments.Length > index ? Values.ToText(_values.From(arguments[index], 0)) ?? "" : "";

    private byte[] Bytes(JsValue[] arguments) => Convert.FromBase64String(Text(arguments, 0));

    private void Define(string name, Func<JsValue[], object?> function) => _engine.Global.FastAddProperty(name, new JsValue(Native(function)), true, false, true);

    /// <summary>A function that gives a promise of its value, as Elsa's scripts expect of what may take its time.</summary>
    private ClrFunctionInstance Promising(Func<JsValue[], object?> function) => new(_engine, (_, arguments) =>
    {
        var promise = _engine.Global.Get("Promise").AsObject();
        return ((ICallable)promise.Get(" run").AsObject()).Call(new JsValue(promise), [new JsValue(Native(_ => function(arguments)))]);
    });

    private ClrFunctionInstance Native(Func<JsValue[], object?> function) => new(_engine, (_, arguments) =>
    {
        try
        {
            return _values.To(function(arguments));
        }
        catch (Exception e) when (e is FormatException or WorkflowException)
        {
            throw new JavaScriptException(_engine.TypeError, e.Message);
        }
    });
}
