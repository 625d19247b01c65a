using System.Globalization;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Filters;
using Crm.Ui.Items;

namespace Crm.Ui.Lists;

/// <summary>A column of a list: what it shows and, for a lookup, where its title is read.</summary>
/// <param name="Path">The field.</param>
/// <param name="Title">For a lookup: the path to the title of what it points to, read in the same query.</param>
/// <param name="Width">In pixels, if the view says so.</param>
public sealed record ListColumn(FieldPath Path, FieldPath? Title, int? Width)
{
    private const int Fallback = 6;

    /// <summary>
    /// What else of its record says how a value is shown: whose condition it is, and, for a figure, which always is there, whether it has a meaning.
    /// </summary>
    public IReadOnlyList<FieldPath> Beside { get; private init; } = [];

    public string Label => FilterWords.LabelOf(Path);

    public bool IsNumeric => Path.Field.Type.IsNumeric;

    public bool IsSortable => Path.Field.IsStored && Path.Field.Type.IsSortable;

    /// <summary>The path whose order makes sense to people: a lookup's title, not its id.</summary>
    public FieldPath SortPath => Title ?? Path;

    /// <summary>The columns of a view; one without any shows the title and the first fields.</summary>
    public static IReadOnlyList<ListColumn> Of(Entity entity, ViewDefinition view)
    {
        IEnumerable<ViewColumn> columns = view.Columns.Count > 0
            ? view.Columns
            : entity.OwnFields.Where(f => f.IsStored).OrderByDescending(f => f == entity.TitleField).Take(Fallback).Select(f => new ViewColumn(f.Name));
        return [.. columns.Select(c => (Column: c, Path: entity.Resolve(c.Field))).Where(c => c.Path is not null).Select(c => Of(c.Path!, c.Column.Width))];
    }

    public static ListColumn Of(FieldPath path, int? width = null) =>
        new(path, path.Field.Target?.TitleField is { } title && path.Field.Name != SystemFields.Id ? new([.. path.Steps, title]) : null, width) { Beside = BesideOf(path) };

    /// <summary>As much of a row's record as <see cref="Beside"/> tells; null where nothing is needed.</summary>
    public Record? RecordIn(RecordPage page, RecordRow row)
    {
        if (Beside.Count == 0)
        {
            return null;
        }
        var record = new Record(Path.Field.Entity);
        foreach (var path in Beside)
        {
            record[path.Field] = row[page.IndexOf(path.ToString())];
        }
        return record;
    }

    /// <summary>Whether the form of that record would show the value.</summary>
    public bool IsShown(Record? beside, ConditionScope scope) =>
        beside is null || !Path.Field.Type.IsComputed || FieldRules.Of(Path.Field.Entity).IsVisible(Path.Field, new RelatedRecords().Of(beside.Id, beside), scope);

    /// <summary>What goes with the value in a row of <paramref name="page"/>: what a reference is called, and which entries rows and links have.</summary>
    public string? TitleIn(RecordPage page, RecordRow row) => Title is { } title
        ? row[page.IndexOf(title.ToString())] is { } text ? title.Field.Type.ToText(text, CultureInfo.CurrentCulture) : null
        : page.IndexOf(Path.ToString()) is >= 0 and var place ? TitleOf(row[place], page) : null;

    /// <summary>The same for a value that is no lookup's, whose title is no column.</summary>
    public string? TitleOf(object? value, RecordPage page) => value switch
    {
        Reference reference => page.Titles.GetValueOrDefault(reference.Id),
        ItemList list => ItemWords.Summary((CollectionFieldType)Path.Field.Type, list, page.Titles),
        _ => null,
    };

    /// <summary>What a query must read to show these columns.</summary>
    public static IReadOnlyList<FieldPath> Paths(IEnumerable<ListColumn> columns) =>
        [.. columns.SelectMany(c => new[] { c.Path, c.Title }.OfType<FieldPath>().Concat(c.Beside)).Distinct()];

    private static IReadOnlyList<FieldPath> BesideOf(FieldPath path)
    {
        var field = path.Field;
        if (!path.IsDirect)
        {
            return [];
        }
        if (field.Type is JsonFieldType { ConditionOverField: { } over } && field.Entity.Find(over) is { } named)
        {
            return [new([named])];
        }
        // A row tells nothing of other records.
        return field.Type.IsComputed && FieldRules.Of(field.Entity).ShownBy(field) is { } shownBy && !shownBy.Reads.Any() && shownBy.Paths.Distinct().ToList() is var paths &&
            paths.TrueForAll(p => p.IsDirect && p.Field.IsStored) ? paths : [];
    }
}
