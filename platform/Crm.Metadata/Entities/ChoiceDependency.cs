using System.Globalization;

namespace Crm.Metadata;

/// <summary>Choices that depend on another field of the same record: a country decides which states there are.</summary>
public static class ChoiceDependency
{
    /// <summary>The options that the record, as it stands, may choose from; all of them where nothing is known of the record.</summary>
    public static IEnumerable<ChoiceOption> Offered(Field field, Record? record)
    {
        var options = ((IHasOptions)field.Type).Options;
        return record is null || Master(field) is not { } master ? options : Offered(options, TextOf(master, record));
    }

    /// <summary>The field on which the choice depends; null if it depends on none.</summary>
    public static Field? Master(Field field) => field.Definition.DependsOn is { } name && field.Type is IHasOptions ? field.Entity.Find(name) : null;

    /// <summary>A value of the choice that the record may not have; null if all is well.</summary>
    public static string? Misfit(Field field, Record record)
    {
        if (Master(field) is not { } master || record[field] is not { } value)
        {
            return null;
        }
        var offered = Offered(((IHasOptions)field.Type).Options, TextOf(master, record)).Select(o => o.Value).ToHashSet(StringComparer.Ordinal);
        return value switch
        {
            string one => offered.Contains(one) ? null : one,
            TextSet several => several.Items.FirstOrDefault(item => !offered.Contains(item)),
            _ => null,
        };
    }

    private static IEnumerable<ChoiceOption> Offered(IReadOnlyList<ChoiceOption> options, IReadOnlyList<string> values) => options.Where(o => o.For.Count == 0 || o.For.Intersect(values, StringComparer.Ordinal).Any());

    private static IReadOnlyList<string> TextOf(Field master, Record record) => record[master] switch
    {
        null => [],
        string text => [text],
        TextSet several => several.Items,
        Guid id => [id.ToString("D")],
        var value => [master.Type.ToText(value, CultureInfo.InvariantCulture)],
    };
}
