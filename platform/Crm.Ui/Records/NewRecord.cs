using Crm.Data;
using Crm.Metadata;
using Microsoft.AspNetCore.WebUtilities;

namespace Crm.Ui.Records;

/// <summary>How a new record starts: with the defaults of the metadata and with what the address says, such as the customer whose contact it is.</summary>
internal static class NewRecord
{
    public const string CopyOf = "copyOf";

    public static Record Begin(Entity entity, string query, Actor actor, DateTimeOffset now)
    {
        var record = new Record(entity);
        var scope = actor.ScopeAt(now);
        foreach (var field in entity.OwnFields.Where(f => f.IsWritable && f.Definition.Default is not null))
        {
            record[field] = Defaults.ValueOf(field.Definition.Default!.Value, field, scope);
        }
        record.Values[Entity.OwnerOrdinal] = actor.UserId;
        record.Values[Entity.UnitOrdinal] = actor.UnitId;
        foreach (var (name, texts) in QueryHelpers.ParseQuery(query))
        {
            if (entity.Find(name) is { IsWritable: true } field && texts.ToString() is { Length: > 0 } text && field.Type.FromText(text, TextFormat.Invariant) is { Fault: null, Value: { } value })
            {
                record[field] = value;
            }
        }
        return record;
    }

    /// <summary>The record that the address says is to be copied; no field is called that, because names of fields are small.</summary>
    public static Guid? CopiedFrom(string query) => QueryHelpers.ParseQuery(query).TryGetValue(CopyOf, out var text) && Guid.TryParse(text, out var id) ? id : null;

    /// <summary>Takes over what a person could have typed; what must be unique, and entries, which belong to the other record, are left out.</summary>
    public static void Copy(Record original, Record copy)
    {
        foreach (var field in original.Entity.OwnFields.Where(f => f.IsWritable && f.IsStored && !IsUnique(f) && f.Type is not (SecretFieldType or SignatureFieldType)))
        {
            copy[field] = original[field] ?? copy[field];
        }
    }

    private static bool IsUnique(Field field) => field.Definition.Unique || field.Entity.Definition.Unique.Any(set => set.Count == 1 && set[0] == field.Name);

    public static async Task<IReadOnlyDictionary<string, string>> TitlesAsync(Record record, RecordTitles titles, CancellationToken cancellationToken)
    {
        var pointed = record.Entity.Fields.Where(f => f.Ordinal != Entity.IdOrdinal).Select(f => (f.Name, To: f.PointedTo(record[f]))).Where(f => f.To is not null).ToList();
        var known = await titles.OfAsync(record.Entity.Fields.Where(f => f.Ordinal != Entity.IdOrdinal).SelectMany(f => f.PointedToBy(record[f])), cancellationToken);
        return pointed.Where(f => known.ContainsKey(f.To!.Value.Id)).ToDictionary(f => f.Name, f => known[f.To!.Value.Id], StringComparer.Ordinal);
    }
}
