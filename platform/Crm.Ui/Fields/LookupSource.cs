using System.Globalization;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Shell;

namespace Crm.Ui.Fields;

/// <summary>A record that a lookup could point to: its title, and a second line that tells it from others of that name.</summary>
public sealed record LookupHit(Guid Id, string Title, string Detail);

/// <summary>Finds what a lookup could point to while somebody types.</summary>
public sealed class LookupSource(RecordStore store, CurrentActor current, FieldText words)
{
    private const int Shown = 8, Details = 2;

    public async Task<IReadOnlyList<LookupHit>> SearchAsync(Entity target, string text, CancellationToken cancellationToken, Condition? filter = null)
    {
        if (target.TitleField is not { } title)
        {
            return [];
        }
        var titlePath = new FieldPath([title]);
        var details = DetailPaths(target).ToList();
        var query = new RecordQuery(target)
        {
            Filter = filter ?? Condition.Always,
            Search = string.IsNullOrWhiteSpace(text) ? null : text,
            Fields = [titlePath, .. details],
            Sort = [new(titlePath, Descending: false)],
            Limit = Shown,
        };
        var page = await store.QueryAsync(query, current.Actor, cancellationToken);
        return [.. page.Items.Select(row => new LookupHit(row.Id, TextOf(row[0], title), DetailOf(row, details)))];
    }

    private string DetailOf(RecordRow row, List<FieldPath> details) =>
        string.Join(" · ", details.Select((path, i) => words.Of(path.Field, row[i + 1])).Where(d => d.Length > 0).Take(Details));

    private static string TextOf(object? value, Field field) => value is null ? "" : field.Type.ToText(value, CultureInfo.CurrentCulture);

    /// <summary>What search looks into tells records apart best; after that, what the header shows large.</summary>
    private static IEnumerable<FieldPath> DetailPaths(Entity target) => target.Definition.SearchFields.Concat(target.Form.Highlights)
        .Distinct()
        .Select(target.Resolve)
        .Where(p => p is { Field.IsStored: true } && p.Field != target.TitleField && p.Field.Target is null && p.Field.Type is not LookupFieldType)
        .Select(p => p!)
        .Take(Details + 1);
}
