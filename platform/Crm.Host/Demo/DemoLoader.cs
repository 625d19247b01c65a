using Crm.Data;
using Crm.Metadata;

namespace Crm.Host.Demo;

/// <summary>Writes the demo company into an empty database, through the same door as every other record, with its own past as time stamps.</summary>
internal sealed class DemoLoader(RecordStore store, BulkLoad bulk, ModelSource models, TimeProvider time)
{
    private const int PieceSize = 5_000;

    /// <exception cref="InvalidOperationException">The metadata in force refuses a record of the demo.</exception>
    public async Task LoadAsync(double scale, CancellationToken cancellationToken) =>
        await WriteAsync(DemoCompany.Records(time.GetUtcNow(), scale, models.Current.Organisation.Currency, models.Current.Organisation.Currencies), cancellationToken);

    /// <summary>
    /// Adds customers through the same door, and so many opportunities that they are stored in bulk; their description says where they come from.
    /// </summary>
    public async Task LoadManyAsync(int customers, int opportunities, CancellationToken cancellationToken)
    {
        var many = DemoCompany.Multitude(time.GetUtcNow(), customers, models.Current.Organisation.Currency);
        await WriteAsync([.. many.Customers], cancellationToken);
        await bulk.InsertAsync(models.Current["opportunity"], many.Opportunities(models.Current["opportunity"], opportunities), cancellationToken);
    }

    private async Task WriteAsync(IReadOnlyList<DemoRecord> records, CancellationToken cancellationToken)
    {
        var model = models.Current;
        foreach (var piece in Pieces(records))
        {
            var changes = piece.Select(record => ChangeOf(record, model)).ToList();
            var written = await store.WriteAsync(new(Actor.Platform, Door.Platform, changes, WriteMode.Partial), cancellationToken);
            if (written.FirstOrDefault(c => c.Failed) is { } refused)
            {
                throw new InvalidOperationException($"The demo's {refused.Entity} {refused.Id} was refused: {string.Join(", ", refused.Problems.Select(p => $"{p.Field} {p.Code}"))}.");
            }
        }
    }

    private static RecordChange ChangeOf(DemoRecord record, Model model)
    {
        var entity = model[record.Entity];
        List<FieldValue> values = [.. record.Values.Select(v => new FieldValue(entity[v.Key], v.Value))];
        return record.Change
            ? RecordChange.Update(entity, record.Id, values, (record.At, record.By))
            : RecordChange.Create(entity, values, record.Id, (record.At, record.By));
    }

    /// <summary>Pieces that do not mix new records with changes of them, nor rates with the amounts that are converted at them.</summary>
    private static IEnumerable<List<DemoRecord>> Pieces(IReadOnlyList<DemoRecord> records)
    {
        var piece = new List<DemoRecord>();
        foreach (var record in records)
        {
            if (piece.Count == PieceSize || (piece.Count > 0 && (piece[^1].Change != record.Change || IsRate(piece[^1]) != IsRate(record))))
            {
                yield return piece;
                piece = [];
            }
            piece.Add(record);
        }
        if (piece.Count > 0)
        {
            yield return piece;
        }

        static bool IsRate(DemoRecord record) => record.Entity == "exchange_rate";
    }
}
