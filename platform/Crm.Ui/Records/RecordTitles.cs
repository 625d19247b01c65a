using Crm.Data;
using Crm.Metadata;
using Crm.Ui.Shell;

namespace Crm.Ui.Records;

/// <summary>What records are called, for places that know only their ids: filters in an address, changes in a history, entries of rows and links.</summary>
public sealed class RecordTitles(RecordStore store, CurrentActor current)
{
    /// <summary>More than this a person does not look at before names have changed anyway.</summary>
    private const int Most = 5_000;

    private readonly Dictionary<Guid, string> _known = [];

    /// <summary>Titles by id; one query for each entity that something unknown belongs to.</summary>
    public async Task<IReadOnlyDictionary<Guid, string>> OfAsync(IEnumerable<(Entity Entity, Guid Id)> references, CancellationToken cancellationToken = default)
    {
        var unknown = references.Where(r => !_known.ContainsKey(r.Id)).Distinct().ToList();
        if (unknown.Count > 0)
        {
            if (_known.Count > Most)
            {
                _known.Clear();
                unknown = [.. references.Distinct()];
            }
            foreach (var (id, title) in await store.TitlesAsync(unknown, current.Actor, cancellationToken))
            {
                _known[id] = title;
            }
        }
        return _known;
    }
}
