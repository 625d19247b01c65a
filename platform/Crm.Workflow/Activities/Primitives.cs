using Crm.Rules;

namespace Crm.Workflow;

[Activity("Elsa.Start", "Flow", "Marks the start of a flowchart.", IsStart = true)]
public sealed class Start : CodeActivity
{
    protected override void Execute(ActivityContext context)
    {
    }
}

/// <summary>Ends the flowchart or sequence that it stands in.</summary>
[Activity("Elsa.End", "Flow", "Marks the end of a flowchart.", IsTerminal = true)]
public sealed class End : CodeActivity
{
    protected override void Execute(ActivityContext context)
    {
    }
}

/// <summary>Ends the whole instance: nothing that is scheduled or waits happens any more.</summary>
[Activity("Elsa.Finish", "Primitives", "Mark the workflow as finished.", IsTerminal = true)]
public sealed class Finish : CodeActivity
{
    protected override void Execute(ActivityContext context) => context.Run.Finish();
}

/// <summary>Fails on purpose.</summary>
[Activity("Elsa.Fault", "Primitives", "Faults the workflow.")]
public sealed class Fault : CodeActivity
{
    [Input("Code to categorize the fault.")]
    public Input<string> Code { get; set; } = null!;

    [Input("Category to categorize the fault. Examples: HTTP, Alteration, Azure, etc.")]
    public Input<string> Category { get; set; } = null!;

    [Input("The type of fault. Examples: System, Business, Integration, etc.", DisplayName = "Type")]
    public Input<string> FaultType { get; set; } = null!;

    [Input("The message to include with the fault.")]
    public Input<string> Message { get; set; } = null!;

    protected override void Execute(ActivityContext context)
    {
        var code = Code.Get(context) is { Length: > 0 } given ? given : "0";
        throw new FaultException(code, Message.Get(context) is { Length: > 0 } message ? message : $"Fault {code}.") { Category = Category.Get(context) ?? "General", FaultType = FaultType.Get(context) ?? "System" };
    }
}

/// <summary>A failure that a workflow wants.</summary>
public sealed class FaultException(string code, string message) : WorkflowException(code, message);

/// <summary>What its code does belongs to a program that builds workflows; in a definition it does nothing.</summary>
[Activity("Elsa.Inline", "Primitives", "Evaluate a Boolean condition to determine which path to execute next.", IsBrowsable = false)]
public sealed class Inline : CodeActivity
{
    protected override void Execute(ActivityContext context)
    {
    }
}

/// <summary>The base of activities that a program describes while it runs; by itself it does nothing.</summary>
[Activity("Elsa.Workflows.Activities.DynamicActivity", "Activities", "", IsBrowsable = false)]
public sealed class DynamicActivity : CodeActivity
{
    protected override void Execute(ActivityContext context)
    {
    }
}

[Activity("Elsa.WriteLine", "Console", "Write a line of text to the console.")]
public sealed class WriteLine : CodeActivity
{
    [Input("The text to write.")]
    public Input<string> Text { get; set; } = null!;

    protected override void Execute(ActivityContext context) => context.Run.Surroundings.WriteLine(Text.Get(context) ?? "");
}

[Activity("Elsa.ReadLine", "Console", "Read a line of text from the console.")]
public sealed class ReadLine : CodeActivity
{
    [Output(type: typeof(string))]
    public Output Result { get; set; } = null!;

    protected override void Execute(ActivityContext context) => context.Set(Result, context.Run.Surroundings.ReadLine());
}

[Activity("Elsa.SetVariable", "Primitives", "Assign a workflow variable a value.", DisplayName = "Set Variable")]
public sealed class SetVariable : CodeActivity
{
    [Input("The variable to assign the value to.", UiHint = "variable-picker", TypeName = "UnregisteredClrType:Elsa.Workflows.Memory.Variable, Elsa.Workflows.Core")]
    public VariableReference? Variable { get; set; }

    [Input("The value to assign.")]
    public Input<object> Value { get; set; } = null!;

    protected override void Execute(ActivityContext context)
    {
        if (Variable is null || !(context.TrySetVariable(Variable.Id, null, Value.Get(context)) || (Variable.Id is null && context.TrySetVariable(null, Variable.Name, Value.Get(context)))))
        {
            throw new WorkflowException("variable.missing", $"There is no variable '{Variable?.Name ?? Variable?.Id}' here.") { Advice = "Choose another variable in the designer, or declare it again." };
        }
    }
}

[Activity("Elsa.SetName", "Primitives", "Set the name of the workflow instance to a specified value.", DisplayName = "Set Name")]
public sealed class SetName : CodeActivity
{
    [Input("The value to set as the workflow instance's name.")]
    public Input<string> Value { get; set; } = null!;

    protected override void Execute(ActivityContext context) => context.Run.Name = Value.Get(context);
}

[Activity("Elsa.Correlate", "Primitives", "Set the CorrelationId of the workflow to a given value.")]
public sealed class Correlate : CodeActivity
{
    [Input("An expression that evaluates to the value to store as the correlation id.")]
    public Input<string> CorrelationId { get; set; } = null!;

    protected override void Execute(ActivityContext context) => context.Run.CorrelationId = CorrelationId.Get(context);
}

/// <summary>A script that may choose how it is left.</summary>
[Activity("Elsa.RunJavaScript", "Scripting", "Executes JavaScript code", DisplayName = "Run JavaScript")]
public sealed class RunJavaScript : Activity
{
    [Input("The script to run.", UiHint = "code-editor", DefaultSyntax = "JavaScript", IsLazy = true)]
    public Input<object> Script { get; set; } = null!;

    [Input("A list of possible outcomes. Use setOutcome(string) to set the outcome.", UiHint = "dynamic-outcomes")]
    public Input<List<string>> PossibleOutcomes { get; set; } = null!;

    [Output]
    public Output Result { get; set; } = null!;

    /// <summary>What the journal leaves out where the script asks for secrets.</summary>
    private static readonly HashSet<string> Concealed = new(StringComparer.Ordinal) { nameof(Result) };

    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        context.Run.ScriptOutcomes = null;
        var result = Script.Get(context);
        var isSensitive = Script.IsSensitive;
        // Whatever is no script itself, be it a text or a variable, gives one.
        if (Script.Expression is not JavaScriptExpression && result is string text)
        {
            var scripts = context.Run.Surroundings.Parts.Scripts;
            var script = string.IsNullOrWhiteSpace(text) ? null : scripts.Compile(text);
            result = script is null ? null : scripts.Evaluate(script, context);
            isSensitive |= script?.AsksForSecrets == true;
        }
        context.Concealed = isSensitive ? Concealed : null;
        if (result is not null)
        {
            context.Set(Result, result);
        }
        var outcomes = context.Run.ScriptOutcomes;
        context.Run.ScriptOutcomes = null;
        context.Complete(outcomes is null ? Outcomes.Default : Outcomes.Of([.. outcomes]));
        return ValueTask.CompletedTask;
    }
}

/// <summary>Definitions may carry it; it is refused when they are published.</summary>
[Activity("Elsa.RunCSharp", "Scripting", "Executes C# code, which is not done here.", DisplayName = "Run C#", IsBrowsable = false)]
public sealed class RunCSharp : Activity
{
    protected internal override IEnumerable<Problem> Validate() => [Problem.At(Node.NodeId, ProblemKind.Invalid, "workflow.expression.refused", "C#")];

    protected internal override ValueTask ExecuteAsync(ActivityContext context) =>
        throw new WorkflowException("expression.refused", "C# is not run here.") { Advice = "Write the script in JavaScript." };
}
