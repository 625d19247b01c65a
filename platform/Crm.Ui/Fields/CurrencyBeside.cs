using Crm.Metadata;

namespace Crm.Ui.Fields;

/// <summary>In which currency a further amount of a record will probably be: that of those which it has.</summary>
internal static class CurrencyBeside
{
    /// <summary>Name under which a table of rows says it to its cells.</summary>
    public const string Name = "CurrencyBeside";

    /// <summary>The currency of the record's other amounts; null while there is none.</summary>
    public static string? Of(Record? record, Field? except = null) =>
        record?.Entity.OwnFields.Where(f => f.Type is MoneyFieldType && f != except).Select(f => record[f]).OfType<Money>().FirstOrDefault()?.Currency;
}
