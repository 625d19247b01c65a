using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Names a format of exports.</summary>
public sealed class ExportFormatAttribute(string name) : RegisteredAttribute(name);

/// <summary>One export on its way: a page of records is read, written and let go before the next, so that size costs time and not memory.</summary>
internal abstract class Export : IDisposable
{
    protected const int PageSize = 1_000;

    public abstract string ContentType { get; }

    protected ExportOptions Options { get; private set; } = default!;

    protected Actor Actor { get; private set; } = default!;

    protected IReadOnlyList<ExportColumn> Columns { get; private set; } = [];

    /// <exception cref="ProblemException">The options cannot be met.</exception>
    public void Prepare(ExportOptions options, Actor actor)
    {
        (Options, Actor) = (options, actor);
        Columns = Choose();
    }

    public abstract void Begin(Stream output);

    /// <summary>Writes one page, read through a session that all pages of the export share.</summary>
    /// <returns>Where the next begins; null after the last.</returns>
    public virtual async Task<string?> WritePageAsync(RecordStore store, Session session, string? after, CancellationToken cancellationToken)
    {
        var page = await store.QueryAsync(session, Options.Query with { Fields = [.. Columns.Select(c => c.Path)], Limit = PageSize, After = after, Count = CountMode.None }, Actor, cancellationToken);
        foreach (var row in page.Items)
        {
            Write(row);
        }
        return page.Next;
    }

    public abstract void End();

    public abstract void Dispose();

    protected virtual void Write(RecordRow row)
    {
    }

    /// <summary>The columns: lookups by the title of what they point to, where the actor may read it, and by id where that is wanted.</summary>
    protected virtual IReadOnlyList<ExportColumn> Choose()
    {
        var columns = new List<ExportColumn>();
        foreach (var path in Wanted())
        {
            columns.AddRange(ColumnsOf(path));
        }
        // Two labels that are alike are told apart by their names, or the file could not be read back.
        var twice = columns.GroupBy(c => c.Heading, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1).SelectMany(g => g).ToHashSet();
        return [.. columns.Select(c => twice.Contains(c) ? c with { Heading = $"{c.Heading} ({c.Path})" } : c)];
    }

    /// <summary>One column a value, or one for each of its parts.</summary>
    private IEnumerable<ExportColumn> ColumnsOf(FieldPath path)
    {
        var heading = HeadingOf(path);
        if (path.Field.Type.SpreadsInFiles)
        {
            var parts = ImportTarget.PartsOf(path.Field).Select(p => new FieldPath([.. path.Steps, p])).Select(p => new ExportColumn(HeadingOf(p), p));
            return path.Field.Type.IsNumeric ? parts.Prepend(new(heading, path)) : parts;
        }
        var titled = path.Field is { Target.TitleField: { IsStored: true } title, Ordinal: not Entity.IdOrdinal } ? new FieldPath([.. path.Steps, title]) : null;
        titled = titled is not null && Authority.MayFollow(Actor, titled) ? titled : null;
        var column = new ExportColumn(heading, titled ?? path);
        return titled is not null && Options.Ids ? [column, new(heading + ImportPlan.IdSuffix, path)] : [column];
    }

    private string HeadingOf(FieldPath path) => Options.Labels ? string.Join(" / ", path.Steps.Select(s => s.Label.ToString())) : path.ToString();

    private IEnumerable<FieldPath> Wanted()
    {
        var entity = Options.Query.Entity;
        return string.IsNullOrEmpty(Options.Fields)
            ? entity.Fields.Where(f => f.IsStored && f.Ordinal != Entity.DeletedAtOrdinal).Select(f => new FieldPath([f]))
            : Options.Fields.Split(',', StringSplitOptions.TrimEntries).Select(path => entity.Resolve(path) is { Field.IsStored: true } resolved
                ? resolved
                : throw new ProblemException(Problem.At("fields", ProblemKind.Invalid, "field.unknown", path, entity.Label)));
    }

    /// <summary>A value as text that an import reads back; for people, a choice by its label where that says the same.</summary>
    protected string TextOf(Field field, object value)
    {
        // Its currency stands beside it.
        var text = value is Money money ? ExactDecimal.ToMoneyText(money.Amount) : field.Type.ToFileText(value);
        if (Options.Labels && field.Type is ChoiceFieldType)
        {
            var label = field.Type.ToText(value, System.Globalization.CultureInfo.CurrentUICulture);
            return field.Type.AreEqual(field.Type.FromText(label, TextFormat.Invariant).Value, value) ? label : text;
        }
        return text;
    }
}
