using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Fields;
using Crm.Ui.Shell;

namespace Crm.Ui.Records;

/// <summary>What a timeline shows of another record beside its title.</summary>
/// <param name="Status">The value of its status.</param>
/// <param name="When">When it is due, or begins.</param>
/// <param name="Excerpt">The beginning of what it says.</param>
/// <param name="Files">What is attached to it.</param>
public sealed record TimelineDetail(string? Status, DateTimeOffset? When, string Excerpt, IReadOnlyList<AttachedFile> Files);

/// <summary>A page of what happened around a record, with what is shown of the records in it.</summary>
public sealed record TimelineView(IReadOnlyList<TimelineItem> Items, string? Next, IReadOnlyDictionary<Guid, string> Titles, IReadOnlyDictionary<Guid, TimelineDetail> Details);

/// <summary>Reads timelines for the screen: one page, and one statement for each kind of record on it.</summary>
public sealed class TimelineFeed(Timeline timeline, RecordStore store, RecordTitles titles, CurrentActor current, FieldText words)
{
    private const int Longest = 600;

    public async Task<TimelineView> ReadAsync(Record of, TimelineFilter filter, int limit, string? after, CancellationToken cancellationToken)
    {
        var page = await timeline.ReadAsync(of.Entity, of.Id, current.Actor, limit, after, filter, cancellationToken);
        var known = await titles.OfAsync(
            page.Items.Where(i => i.Entry is not null).SelectMany(i => i.Entry!.Changes).SelectMany(c => c.Field.PointedToBy(c.Before).Concat(c.Field.PointedToBy(c.After))), cancellationToken);
        var details = new Dictionary<Guid, TimelineDetail>();
        foreach (var group in page.Items.Where(i => i.Of is not null).GroupBy(i => i.Of!))
        {
            await AddAsync(details, group.Key, [.. group.Select(i => (object?)i.Id)], cancellationToken);
        }
        return new(page.Items, page.Next, known, details);
    }

    private async Task AddAsync(Dictionary<Guid, TimelineDetail> details, Entity entity, IReadOnlyList<object?> ids, CancellationToken cancellationToken)
    {
        Field?[] single = [Interactions.Status(entity), Interactions.When(entity)];
        var texts = entity.OwnFields.Where(f => f.IsStored && f.Type is LongTextFieldType or RichTextFieldType or MarkdownFieldType).ToList();
        var files = entity.OwnFields.Where(f => f.IsStored && f.Type is FileBasedFieldType).ToList();
        var fields = single.OfType<Field>().Concat(texts).Concat(files).ToList();
        var query = new RecordQuery(entity)
        {
            Filter = new Comparison(new([entity.Fields[Entity.IdOrdinal]]), ConditionOperator.In, new Constants(ids)),
            Fields = [.. fields.Select(f => new FieldPath([f]))],
            Limit = RecordQuery.MaxLimit,
        };
        foreach (var row in (await store.QueryAsync(query, current.Actor, cancellationToken)).Items)
        {
            details[row.Id] = new(
                Of(single[0]) as string, Of(single[1]) as DateTimeOffset?,
                ChangeWords.Cut(string.Join("\n", texts.Where(f => Of(f) is not null).Select(f => words.Of(f, Of(f)).Trim())), Longest),
                [.. files.Select(Of).OfType<FileSet>().SelectMany(s => s.Files)]);

            object? Of(Field? field) => field is null ? null : row[fields.IndexOf(field)];
        }
    }
}
