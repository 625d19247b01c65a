using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Ui.Filters;

/// <summary>Writes a condition in the form in which it is read, so that an address can carry it.</summary>
public static class ConditionWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(Condition condition)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Options))
        {
            Write(json, condition);
        }
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    private static void Write(Utf8JsonWriter json, Condition condition)
    {
        json.WriteStartObject();
        switch (condition)
        {
            case AllOf all: WriteParts(json, "all", all.Parts); break;
            case AnyOf any: WriteParts(json, "any", any.Parts); break;
            case Not not:
                json.WritePropertyName("not");
                Write(json, not.Inner);
                break;
            case Comparison comparison: WriteComparison(json, comparison); break;
            case ChildExists child:
                json.WriteString("field", child.Path.Through is { } through ? $"{through}.{child.Path.Child.Name}.{child.Path.Parent.Name}" : $"{child.Path.Child.Name}.{child.Path.Parent.Name}");
                json.WriteString("op", Operators.NameOf(ConditionOperator.Exists));
                json.WritePropertyName("value");
                Write(json, child.Where);
                break;
        }
        json.WriteEndObject();
    }

    private static void WriteParts(Utf8JsonWriter json, string name, IReadOnlyList<Condition> parts)
    {
        json.WriteStartArray(name);
        foreach (var part in parts)
        {
            Write(json, part);
        }
        json.WriteEndArray();
    }

    private static void WriteComparison(Utf8JsonWriter json, Comparison comparison)
    {
        json.WriteString("field", comparison.Path.ToString());
        json.WriteString("op", Operators.NameOf(comparison.Operator));
        var form = Operators.Of(comparison.Operator).Form;
        if (form == OperandForm.None)
        {
            return;
        }
        json.WritePropertyName("value");
        switch (comparison.Operand)
        {
            case Variable variable: WriteReference(json, "var", variable.Name); break;
            case OtherField other: WriteReference(json, "field", other.Path.ToString()); break;
            case RelativeTime relative: json.WriteStringValue(relative.Span); break;
            case Constants constants when form is OperandForm.List or OperandForm.OneOrList or OperandForm.Pair:
                json.WriteStartArray();
                foreach (var value in constants.Values)
                {
                    WriteValue(json, comparison, value);
                }
                json.WriteEndArray();
                break;
            case Constants constants: WriteValue(json, comparison, constants.Values[0]); break;
        }
    }

    private static void WriteReference(Utf8JsonWriter json, string member, string name)
    {
        json.WriteStartObject();
        json.WriteString(member, name);
        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, Comparison comparison, object? value)
    {
        if (value is Variable variable)
        {
            WriteReference(json, "var", variable.Name);
        }
        else if (value is null)
        {
            json.WriteNullValue();
        }
        else
        {
            comparison.Path.Field.Type.WriteOperand(json, comparison.Operator, value);
        }
    }
}
