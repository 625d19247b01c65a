using Crm.Data;
using Crm.Metadata;
using Microsoft.AspNetCore.WebUtilities;

namespace Crm.Ui.Records;

/// <summary>How a new record starts: with the defaults of the metadata and with what the address says, such as the customer whose contact it is.</summary>
internal static class NewRecord
{
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

    public static async Task<IReadOnlyDictionary<string, string>> TitlesAsync(Record record, RecordTitles titles, CancellationToken cancellationToken)
    {
        var pointed = record.Entity.Fields.Where(f => f.Ordinal != Entity.IdOrdinal).Select(f => (f.Name, To: f.PointedTo(record[f]))).Where(f => f.To is not null).ToList();
        var known = await titles.OfAsync(pointed.Select(f => f.To!.Value), cancellationToken);
        return pointed.Where(f => known.ContainsKey(f.To!.Value.Id)).ToDictionary(f => f.Name, f => known[f.To!.Value.Id], StringComparer.Ordinal);
    }
}
