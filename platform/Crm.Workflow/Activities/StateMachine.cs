using System.Globalization;
using System.Text.Json.Nodes;

namespace Crm.Workflow;

/// <summary>States, and the transitions that triggers lead along.</summary>
[Activity(TypeName, "Flow", "Executes a state machine made of named states and trigger-driven transitions.")]
public sealed class StateMachine : StatefulActivity<StateMachine.Place>
{
    public const string TypeName = "Elsa.StateMachine";

    /// <summary>Where in its JSON activities are.</summary>
    internal static readonly IReadOnlyList<(string List, string[] Members)> Places = [("states", ["entry", "exit"]), ("transitions", ["trigger", "action"])];

    private readonly List<State> _states = [];
    private readonly List<Transition> _transitions = [];
    private string? _initial;

    internal override void Bind(NodeBinder binder)
    {
        // A machine that says where it is does not begin anew.
        _initial = JsonShape.TextOf(binder.Json["currentState"]) is { } current && !string.IsNullOrWhiteSpace(current) ? current : JsonShape.TextOf(binder.Json["initialState"]);
        foreach (var json in JsonShape.Items(binder.Json["states"]).OfType<JsonObject>())
        {
            _states.Add(new(JsonShape.TextOf(json["name"]) ?? "", Child(binder, json, "entry"), Child(binder, json, "exit")));
        }
        foreach (var json in JsonShape.Items(binder.Json["transitions"]).OfType<JsonObject>())
        {
            var condition = json["condition"];
            _transitions.Add(new(
                _transitions.Count.ToString(CultureInfo.InvariantCulture), JsonShape.TextOf(json["from"]) ?? "", JsonShape.TextOf(json["to"]) ?? "", Child(binder, json, "trigger"), Child(binder, json, "action"),
                condition is null ? null : binder.Lazy<bool>($"transitions[{_transitions.Count}].condition", condition, false)));
        }
    }

    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        Enter(context, _initial);
        return ValueTask.CompletedTask;
    }

    protected internal override void ChildCompleted(ActivityContext context, ActivityContext child, Outcomes outcomes)
    {
        var (current, tag) = (StateOf(context).Current, child.Tag ?? "");
        if (tag == "entry")
        {
            Listen(context);
            return;
        }
        if (_transitions.Find(t => t.Key == tag[1..]) is not { } transition || transition.From != current)
        {
            return;
        }
        switch (tag[0])
        {
            case 't' when transition.Condition is { } condition && !condition.Again(context):
                context.Schedule(transition.Trigger, tag);
                break;
            case 't':
                // The first trigger decides; the others of this state stop waiting.
                context.Run.WithdrawChildren(context);
                foreach (var other in context.Children().Where(c => c != child).ToList())
                {
                    other.Cancel();
                }
                if (transition.Action is { } action)
                {
                    context.Schedule(action, "a" + transition.Key);
                }
                else
                {
                    Exit(context, transition);
                }
                break;
            case 'a':
                Exit(context, transition);
                break;
            case 'x':
                Enter(context, transition.To);
                break;
        }
    }

    private void Exit(ActivityContext context, Transition transition)
    {
        if (_states.Find(s => s.Name == transition.From)?.Exit is { } exit)
        {
            context.Schedule(exit, "x" + transition.Key);
        }
        else
        {
            Enter(context, transition.To);
        }
    }

    private void Enter(ActivityContext context, string? name)
    {
        StateOf(context).Current = name;
        if (_states.Find(s => s.Name == name) is not { } state)
        {
            context.Complete();
        }
        else if (state.Entry is { } entry)
        {
            context.Schedule(entry, "entry");
        }
        else
        {
            Listen(context);
        }
    }

    private void Listen(ActivityContext context)
    {
        var open = _transitions.Where(t => t.From == StateOf(context).Current && t.Trigger is not null && _states.Exists(s => s.Name == t.To)).ToList();
        if (open.Count == 0)
        {
            context.Complete();
        }
        foreach (var transition in open)
        {
            context.Schedule(transition.Trigger, "t" + transition.Key);
        }
    }

    private static ActivityNode? Child(NodeBinder binder, JsonObject json, string member) =>
        json[member] is JsonObject child && child["type"] is not null ? binder.Compiler.Compile(child, binder.Node) : null;

    private sealed record State(string Name, ActivityNode? Entry, ActivityNode? Exit);

    private sealed record Transition(string Key, string From, string To, ActivityNode? Trigger, ActivityNode? Action, Input<bool>? Condition);

    /// <summary>The state that it is in.</summary>
    public sealed class Place
    {
        public string? Current { get; set; }
    }
}
