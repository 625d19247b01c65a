using System.Text.Json;
using System.Text.Json.Nodes;

namespace Crm.Workflow;

/// <summary>Fills the inputs, outputs and ports of one activity from its JSON.</summary>
internal sealed class NodeBinder(GraphCompiler compiler, ActivityNode node, ActivityType? type)
{
    private readonly List<Input> _inputs = [];
    private readonly List<Input> _eager = [];
    private int _slots;

    public ActivityNode Node => node;

    public JsonObject Json => node.Json;

    public GraphCompiler Compiler => compiler;

    public void Bind()
    {
        foreach (var input in type!.Inputs)
        {
            var json = JsonShape.Member(node.Json, input.JsonName);
            input.Property.SetValue(node.Activity, input.IsWrapped ? Wrapped(input, json) : Plain(input, json));
        }
        foreach (var output in type.Outputs)
        {
            output.Property.SetValue(node.Activity, OutputOf(output.Name, JsonShape.Member(node.Json, output.JsonName)));
        }
        foreach (var port in type.Ports)
        {
            var children = JsonShape.Items(JsonShape.Member(node.Json, port.JsonName)).OfType<JsonObject>().Select(c => compiler.Compile(c, node)).ToList();
            if (port.IsList)
            {
                port.Property.SetValue(node.Activity, children);
            }
            else if (children.Count > 0)
            {
                port.Property.SetValue(node.Activity, children[0]);
            }
        }
        node.Activity.Bind(this);
        Finish();
    }

    public void BindSynthetic(WorkflowActivity activity, WorkflowDefinition used)
    {
        foreach (var port in used.Inputs)
        {
            var input = (Input)Activator.CreateInstance(typeof(Input<>).MakeGenericType(port.Type))!;
            input.Name = port.Name;
            if (Synthetic(port.Name) is { } json)
            {
                if (json is JsonObject given && given["typeName"] is null)
                {
                    compiler.Report(node.NodeId, port.Name, "workflow.input.typeName", port.Name);
                }
                Read(input, json);
            }
            Add(input, isLazy: false);
            activity.Inputs.Add((port, input));
        }
        foreach (var port in used.Outputs)
        {
            activity.Outputs.Add(OutputOf(port.Name, Synthetic(port.Name)));
        }
        Finish();
    }

    /// <summary>Reads an expression that stands outside of an input, such as a transition's condition.</summary>
    public Input<T> Lazy<T>(string name, JsonNode? json, T? fallback)
    {
        var input = new Input<T> { Name = name };
        input.SetConstant(fallback);
        if (json is not null)
        {
            Read(input, json is JsonObject given && (given["expression"] ?? (given["type"] is null ? null : given)) is { } expression ? new JsonObject { ["typeName"] = "Object", ["expression"] = expression.DeepClone() } : json);
        }
        Add(input, isLazy: true);
        return input;
    }

    private void Finish()
    {
        node.Inputs = _inputs;
        node.EagerInputs = [.. _eager];
        node.SlotCount = _slots;
    }

    private Input Wrapped(InputType input, JsonNode? json)
    {
        var made = (Input)Activator.CreateInstance(input.Property.PropertyType)!;
        made.Name = input.Name;
        made.IsSensitive = input.Attribute.IsSensitive;
        if (input.Attribute.Default is { } fallback)
        {
            made.SetConstant(fallback);
            made.IsGiven = true;
        }
        if (json is not null)
        {
            Read(made, json);
        }
        Add(made, input.Attribute.IsLazy);
        return made;
    }

    private void Read(Input input, JsonNode json)
    {
        JsonNode? value = json;
        var kind = "Literal";
        if (json is JsonObject wrapped)
        {
            if (wrapped["typeName"] is null || wrapped["expression"] is not JsonObject expression || !expression.TryGetPropertyValue("type", out var type))
            {
                return;
            }
            kind = type is null ? "Literal" : JsonShape.TextOf(type) ?? "";
            value = expression["value"];
        }
        if (compiler.Parts.Expressions.Find(kind) is not { } language)
        {
            // Kept in the definition, empty when it runs.
            return;
        }
        try
        {
            var compiled = language.Compile(value, input.Type, compiler.Parts);
            if (compiled.IsConstant)
            {
                input.SetConstant(compiled.Evaluate(null!));
            }
            else
            {
                input.Expression = compiled;
            }
            input.IsSensitive |= compiled.IsSensitive;
            input.IsGiven = true;
        }
        catch (WorkflowException fault)
        {
            compiler.Report(node.NodeId, input.Name, fault.Code is "expression.refused" ? "workflow.expression.refused" : "workflow.expression.broken", kind, fault.Message);
            input.Expression = new BrokenExpression(fault);
        }
    }

    private void Add(Input input, bool isLazy)
    {
        _inputs.Add(input);
        if (input.Expression is not null)
        {
            input.Slot = _slots++;
            if (!isLazy)
            {
                _eager.Add(input);
            }
        }
    }

    private object? Plain(InputType input, JsonNode? json)
    {
        if (input.ValueType == typeof(VariableReference))
        {
            return json switch
            {
                JsonObject variable => new VariableReference(JsonShape.TextOf(variable["id"]), JsonShape.TextOf(variable["name"])),
                _ => JsonShape.TextOf(json) is { } text ? new VariableReference(text, text) : null,
            };
        }
        if (input.ValueType == typeof(IReadOnlyList<SwitchCase>))
        {
            return (IReadOnlyList<SwitchCase>)[.. JsonShape.Items(json).OfType<JsonObject>().Select((item, i) => new SwitchCase(
                JsonShape.TextOf(JsonShape.Member(item, "label")) ?? "",
                Lazy<bool>($"{input.Name}[{i}]", JsonShape.Member(item, "condition"), false),
                ActivityOf(item)))];
        }
        if (input.ValueType == typeof(IReadOnlyList<HttpStatusCase>))
        {
            return (IReadOnlyList<HttpStatusCase>)[.. JsonShape.Items(json).OfType<JsonObject>()
                .Select(item => (Status: int.TryParse(JsonShape.TextOf(JsonShape.Member(item, "statusCode")), out var status) ? status : 0, Item: item)).Where(c => c.Status > 0).Select(c => new HttpStatusCase(c.Status, ActivityOf(c.Item)))];
        }
        var value = json is JsonObject { } wrapped && wrapped["expression"] is JsonObject expression ? expression["value"] : json;
        try
        {
            return Values.To(input.ValueType, Values.FromJson(value) ?? input.Attribute.Default);
        }
        catch (WorkflowException fault)
        {
            compiler.Report(node.NodeId, input.Name, "workflow.expression.broken", "Literal", fault.Message);
            return Values.To(input.ValueType, input.Attribute.Default);
        }
    }

    private ActivityNode? ActivityOf(JsonObject item) => JsonShape.Member(item, "activity") is JsonObject child && child["type"] is not null ? compiler.Compile(child, node) : null;

    /// <summary>The member for an input or output of a workflow that is used here. Tools do not agree how "URL" or "my_input" begins small.</summary>
    private JsonNode? Synthetic(string name)
    {
        if ((node.Json[JsonNamingPolicy.CamelCase.ConvertName(name)] ?? node.Json[name]) is { } exact)
        {
            return exact;
        }
        var letters = Letters(name);
        return node.Json.FirstOrDefault(m => m.Value is not null && Letters(m.Key).Equals(letters, StringComparison.OrdinalIgnoreCase)).Value;

        static string Letters(string text) => string.Concat(text.Where(char.IsLetterOrDigit));
    }

    private Output OutputOf(string name, JsonNode? member)
    {
        var json = member as JsonObject;
        return new() { Name = name, Target = JsonShape.TextOf((json?["memoryReference"] as JsonObject)?["id"]) is { Length: > 0 } id ? id : null };
    }
}
