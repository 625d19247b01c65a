using System.Globalization;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Shell;

namespace Crm.Ui.Records;

/// <summary>What records are called, for places that know only their ids: filters in an address, changes in a history.</summary>
public sealed class RecordTitles(RecordStore store, CurrentActor current)
{
    private readonly Dictionary<Guid, string> _known = [];

    /// <summary>Titles by id; one query for each entity that something unknown belongs to.</summary>
    public async Task<IReadOnlyDictionary<Guid, string>> OfAsync(IEnumerable<(Entity Entity, Guid Id)> references, CancellationToken cancellationToken = default)
    {
        foreach (var group in references.Where(r => !_known.ContainsKey(r.Id)).Distinct().GroupBy(r => r.Entity).ToList())
        {
            if (group.Key.TitleField is { } title && Authority.May(current.Actor, Operation.Read, group.Key))
            {
                await ReadAsync(group.Key, title, [.. group.Select(r => r.Id)], cancellationToken);
            }
        }
        return _known;
    }

    private async Task ReadAsync(Entity entity, Field title, IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        foreach (var some in ids.Chunk(RecordQuery.MaxLimit))
        {
            var query = new RecordQuery(entity)
            {
                Filter = new Comparison(new([entity.Fields[Entity.IdOrdinal]]), ConditionOperator.In, new Constants([.. some.Cast<object?>()])),
                Fields = [new([title])],
                Limit = some.Length,
            };
            foreach (var row in (await store.QueryAsync(query, current.Actor, cancellationToken)).Items)
            {
                _known[row.Id] = row[0] is { } value ? title.Type.ToText(value, CultureInfo.CurrentCulture) : "";
            }
        }
    }
}
