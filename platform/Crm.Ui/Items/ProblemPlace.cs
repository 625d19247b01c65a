using System.Globalization;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Forms;

namespace Crm.Ui.Items;

/// <summary>Where a problem stands in a form: at a field, or at a cell of its entries, which problems call <c>lines[1].quantity</c>.</summary>
/// <param name="ElementId">The element that leads there.</param>
/// <param name="Label">What the place is called.</param>
internal sealed record ProblemPlace(string ElementId, string Label)
{
    /// <summary>Null for a problem of the record as a whole.</summary>
    public static ProblemPlace? Of(Entity entity, Problem problem, string? form)
    {
        if (problem.Field is not { } name)
        {
            return null;
        }
        var index = IndexOf(problem);
        if (entity.Find(index < 0 ? name : name[..name.IndexOf('[', StringComparison.Ordinal)]) is not { } field)
        {
            return null;
        }
        if (index < 0 || field.Type is not CollectionFieldType collection)
        {
            return new(FieldRow.IdOf(field, form), field.Label.ToString());
        }
        var row = string.Create(CultureInfo.CurrentCulture, $"{field.Label} {index + 1}");
        var id = string.Create(CultureInfo.InvariantCulture, $"{FieldRow.IdOf(field, form)}-{index}");
        return collection.ItemFields.FirstOrDefault(f => f.Name == ColumnOf(problem)) is { } column ? new($"{id}-{column.Name}", $"{row} · {column.Label}") : new(id, row);
    }

    /// <summary>The entry that a problem is about; -1 if it is about none.</summary>
    public static int IndexOf(Problem problem)
    {
        var open = problem.Field?.IndexOf('[', StringComparison.Ordinal) ?? -1;
        var close = problem.Field?.IndexOf(']', StringComparison.Ordinal) ?? -1;
        return open > 0 && close > open && int.TryParse(problem.Field.AsSpan()[(open + 1)..close], NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : -1;
    }

    /// <summary>The field of the entry that a problem is about; null if it is about the entry as a whole.</summary>
    public static string? ColumnOf(Problem problem) =>
        problem.Field?.Split("].", 2) is [_, var rest] ? rest.Split('.', '[')[0] : null;
}
