using Crm.Metadata;

namespace Crm.Data;

/// <summary>What a page shows beyond the columns of its records: rows and links that were asked for, and titles. Read for all of them at once.</summary>
internal static class PageExtras
{
    public static async ValueTask<RecordPage> FillAsync(Session session, RecordPage page, bool withTitles, Actor actor, CancellationToken cancellationToken)
    {
        for (var i = 0; i < page.Columns.Count; i++)
        {
            if (page.Columns[i] is { IsDirect: true, Field: { Type: CollectionFieldType collection } field } && Authority.May(actor, Operation.Read, collection.Child))
            {
                var entries = await Collections.LoadAsync(session, field, [.. page.Items.Select(r => r.Id)], cancellationToken);
                foreach (var row in page.Items)
                {
                    row.Values[i] = entries.TryGetValue(row.Id, out var held) ? Collections.ListOf(field, held) : null;
                }
            }
        }
        if (!withTitles)
        {
            return page;
        }
        var shown = page.Columns.Index().Where(c => c.Item.Field.Type is AnyLookupFieldType or CollectionFieldType).ToList();
        return shown.Count == 0 ? page : page with
        {
            Titles = await ReferenceTitles.ReadAsync(session, shown.SelectMany(c => page.Items.SelectMany(row => c.Item.Field.PointedToBy(row[c.Index]))), actor, cancellationToken),
        };
    }
}
