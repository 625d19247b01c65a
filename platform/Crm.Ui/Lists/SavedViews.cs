using System.Text.Json;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Shell;

namespace Crm.Ui.Lists;

/// <summary>With whom a saved view is shared.</summary>
public static class ViewSharing
{
    public const string Nobody = "private", Team = "team", All = "all";
}

/// <summary>A view that somebody has saved.</summary>
/// <param name="Id">Of its record.</param>
/// <param name="IsMine">Whether the person may change it.</param>
/// <param name="Shared">With whom it is shared, as <see cref="ViewSharing"/> says.</param>
/// <param name="View">What it shows.</param>
public sealed record SavedView(Guid Id, bool IsMine, string Shared, ViewDefinition View);

/// <summary>The views that people save beside those of the metadata, for themselves, their team or everybody: records of entity <c>saved_view</c>.</summary>
public sealed class SavedViews(RecordStore store, ModelSource models, CurrentActor current)
{
    public const string EntityName = "saved_view";

    private const string Prefix = "saved-";
    private const int Most = 200;

    /// <summary>The views of an entity that the person may see: their own first, then those shared with them.</summary>
    public async Task<IReadOnlyList<SavedView>> OfAsync(Entity entity, CancellationToken cancellationToken = default)
    {
        if (models.Current.Find(EntityName) is not { } views || !Authority.May(current.Actor, Operation.Read, views))
        {
            return [];
        }
        var (owner, shared, team) = (Path(views, SystemFields.Owner), Path(views, "shared"), Path(views, "team"));
        var query = new RecordQuery(views)
        {
            Filter = Condition.And(
                new Comparison(Path(views, "entity"), ConditionOperator.Eq, new Constants([entity.Name])),
                new AnyOf([
                    new Comparison(owner, ConditionOperator.Eq, new Constants([current.Actor.UserId])),
                    new Comparison(shared, ConditionOperator.In, new Constants([ViewSharing.All])),
                    .. current.Actor.Teams.Count == 0 ? Array.Empty<Condition>() :
                    [
                        Condition.And(
                            new Comparison(shared, ConditionOperator.In, new Constants([ViewSharing.Team])), new Comparison(team, ConditionOperator.In, new Constants([.. current.Actor.Teams.Select(t => (object?)t)]))),
                    ],
                ])),
            Fields = [Path(views, "name"), owner, shared, Path(views, "definition")],
            Sort = [new(Path(views, "name"), Descending: false)],
            Limit = Most,
        };
        var page = await store.QueryAsync(query, current.Actor, cancellationToken);
        return [.. page.Items.Select(Read).OfType<SavedView>().OrderByDescending(v => v.IsMine)];
    }

    /// <summary>Whether the person may save views at all.</summary>
    public bool MaySave => models.Current.Find(EntityName) is { } views && Authority.May(current.Actor, Operation.Create, views);

    /// <returns>The name under which it is found.</returns>
    /// <exception cref="ProblemException">It was refused.</exception>
    public async Task<string> CreateAsync(Entity entity, string name, string shared, ViewDefinition view, CancellationToken cancellationToken = default)
    {
        var views = models.Current[EntityName];
        var record = await store.CreateAsync(
            views, [new(views["entity"], entity.Name), .. Values(views, name, shared), new(views["definition"], Write(view))], current.Actor, Door.Form, cancellationToken);
        return NameOf(record.Id);
    }

    /// <summary>Changes name and sharing and, where <paramref name="view"/> is given, what it shows.</summary>
    /// <exception cref="ProblemException">It was refused.</exception>
    public Task UpdateAsync(SavedView saved, string name, string shared, ViewDefinition? view, CancellationToken cancellationToken = default)
    {
        var views = models.Current[EntityName];
        List<FieldValue> values = [.. Values(views, name, shared)];
        if (view is not null)
        {
            values.Add(new(views["definition"], Write(view)));
        }
        return store.UpdateAsync(views, saved.Id, values, expectedVersion: null, current.Actor, Door.Form, cancellationToken);
    }

    /// <exception cref="ProblemException">It was refused.</exception>
    public Task DeleteAsync(SavedView saved, CancellationToken cancellationToken = default) => store.DeleteAsync(models.Current[EntityName], saved.Id, current.Actor, Door.Form, cancellationToken);

    /// <exception cref="ProblemException">It was refused.</exception>
    public Task RestoreAsync(SavedView saved, CancellationToken cancellationToken = default) => store.RestoreAsync(models.Current[EntityName], saved.Id, current.Actor, Door.Form, cancellationToken);

    private IEnumerable<FieldValue> Values(Entity views, string name, string shared) =>
    [
        new(views["name"], name.Trim()), new(views["shared"], shared),
        new(views["team"], shared == ViewSharing.Team && current.Actor.Teams.Count > 0 ? current.Actor.Teams[0] : null),
    ];

    /// <summary>One that cannot be read any more is left out: there is nothing in it to show.</summary>
    private SavedView? Read(RecordRow row)
    {
        try
        {
            var view = JsonSerializer.Deserialize<ViewDefinition>((string)row[3]!, MetadataFiles.Json);
            return view is null ? null : new(row.Id, row[1] as Guid? == current.Actor.UserId, row[2] as string ?? ViewSharing.Nobody, view with { Name = NameOf(row.Id), Label = new((string?)row[0] ?? ""), Default = false });
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Write(ViewDefinition view) => JsonSerializer.Serialize(view with { Name = "saved", Label = null, Default = false }, MetadataFiles.Json);

    /// <summary>No view of the metadata can be called like this.</summary>
    private static string NameOf(Guid id) => Prefix + id.ToString("N");

    private static FieldPath Path(Entity views, string field) => new([views[field]]);
}
