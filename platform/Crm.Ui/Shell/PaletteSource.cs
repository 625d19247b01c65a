using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Dashboards;

namespace Crm.Ui.Shell;

/// <summary>What the palette finds: where one was, the places of the product, what can be created or switched, and records.</summary>
public sealed class PaletteSource(ModelSource models, CurrentActor current, RecordStore store, PersonalPlaces places, UiText texts)
{
    private const int MostPlaces = 6, MostRecords = 8, MostCreate = 5;

    private Model Model => models.Current;

    /// <summary>What stands there before anything is typed: where one was last, then the menu.</summary>
    public async Task<IReadOnlyList<PaletteItem>> StartAsync(CancellationToken cancellationToken)
    {
        var (pinned, recent) = await places.ReadAsync(cancellationToken);
        return
        [
            .. pinned.Concat(recent).Take(PersonalPlaces.MostRecent).Select(p => new PaletteItem("recent", p.Entity.Icon, Plain(p.Title.Length > 0 ? p.Title : texts["lookup.untitled"]), p.Entity.Label.ToString(), p.Address)),
            .. Pages([]).Take(MostPlaces),
            .. Create([]).Take(MostCreate),
        ];
    }

    /// <summary>What is known without asking the database, so that it is there as one types.</summary>
    public IReadOnlyList<PaletteItem> Known(string text)
    {
        var words = SearchWords.Of(text);
        return words.Count == 0 ? [] : [.. Pages(words).Take(MostPlaces), .. Create(words).Take(MostCreate), .. Acts(words)];
    }

    /// <summary>Records in which the words occur, the best first.</summary>
    public async Task<IReadOnlyList<PaletteItem>> RecordsAsync(string text, CancellationToken cancellationToken)
    {
        var hits = await store.SearchAsync(Model.Entities.Values, text, MostRecords, current.Actor, cancellationToken);
        return [.. hits.Select(h => new PaletteItem("records", h.Entity.Icon, Title(h), Detail(h), Addresses.Record(h.Entity, h.Id)))];
    }

    private Snippet Title(SearchHit hit) => hit.Field.Field == hit.Entity.TitleField ? hit.Snippet : Plain(hit.Title.Length > 0 ? hit.Title : texts["lookup.untitled"]);

    private static string Detail(SearchHit hit) => hit.Field.Field == hit.Entity.TitleField ? hit.Entity.Label.ToString() : $"{hit.Entity.Label} · {hit.Field.Field.Label}: {hit.Snippet.Text}";

    private IEnumerable<PaletteItem> Pages(IReadOnlyList<string> words)
    {
        var entries = MenuEntries.Of(Model, current.Actor).ToList();
        var pages = entries.Select(e => Item("pages", e.Icon, e.Label, (e.Group.Label ?? Label.FromName(e.Group.Name)).ToString(), e.Address))
            .Prepend(Item("pages", "home", new(texts["common.home"]), "", "/"))
            .Concat(DashboardsOf.All(Model, current.Actor).Select(d => Item("pages", d.Icon ?? "dashboard", DashboardsOf.Label(d), texts["dashboard.all"], Addresses.Dashboard(d.Name))));
        // Views of what the menu leads to are found by their names, but do not stand there unasked.
        var views = words.Count == 0 ? [] : entries.Select(e => e.Entity).OfType<Entity>().Distinct()
            .SelectMany(e => e.Views.Where(v => v.Label is not null).Select(v => Item("views", e.Icon, v.Label!, e.PluralLabel.ToString(), Addresses.List(e, v.Name))));
        return pages.Concat(views).DistinctBy(i => i.Address).Select(i => Match(i, words)).OfType<PaletteItem>();
    }

    private IEnumerable<PaletteItem> Create(IReadOnlyList<string> words) => MenuEntries.Of(Model, current.Actor).Select(e => e.Entity).OfType<Entity>().Distinct()
        .Where(e => Authority.May(current.Actor, Operation.Create, e))
        .Select(e => Match(new PaletteItem("create", "add", Plain(texts["palette.create", UiText.InSentence(e.Label)]), "", null) { Create = e, Words = texts["shell.create"] }, words)).OfType<PaletteItem>();

    private IEnumerable<PaletteItem> Acts(IReadOnlyList<string> words) => new (string Act, string Icon, string Key)[]
        {
            ("theme:light", "light_mode", "theme.light"), ("theme:dark", "dark_mode", "theme.dark"), ("theme:system", "contrast", "theme.system"),
            ("density:compact", "density_small", "density.compact"), ("density:comfortable", "density_medium", "density.comfortable"),
        }
        .Select(a => Match(new PaletteItem("acts", a.Icon, Plain(texts[a.Key]), "", null) { Act = a.Act }, words)).OfType<PaletteItem>()
        .Concat(Model.Texts.Languages.Select(l => Match(new PaletteItem("acts", "translate", Plain(Model.Texts.In(new(l), "language.name")), texts["shell.language"], null) { Act = "culture:" + l }, words)).OfType<PaletteItem>());

    private static PaletteItem Item(string group, string icon, Label title, string detail, string address) => new(group, icon, Plain(title.ToString()), detail, address);

    /// <summary>The item with the words marked in its title; null if one of them is nowhere in it.</summary>
    private static PaletteItem? Match(PaletteItem item, IReadOnlyList<string> words)
    {
        var whole = Folding.Fold($"{item.Title.Text} {item.Detail} {item.Words}");
        return words.Count == 0 ? item : words.All(w => whole.Contains(w, StringComparison.Ordinal)) ? item with { Title = Snippet.Of(item.Title.Text, words) } : null;
    }

    private static Snippet Plain(string text) => Snippet.Of(text, []);
}
