using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Fields;
using Crm.Ui.Records;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Crm.Ui.Items;

/// <summary>
/// Edits the entries of rows or links. Nothing is written here: the whole list is the field's value, and the record's own saving
/// writes what differs.
/// </summary>
public sealed partial class ItemsTable : IDisposable
{
    /// <summary>More entries than this are shown only when asked for: each is a row of editors.</summary>
    private const int FirstShown = 50;

    private readonly CancellationTokenSource _gone = new();
    private List<ItemRow> _rows = [];
    private IReadOnlyList<Field> _columns = [];
    private IReadOnlyDictionary<Guid, string> _names = new Dictionary<Guid, string>();
    private object? _taken;
    private bool _begun;
    private int _shown = FirstShown, _links;
    private string? _focus;

    [Parameter, EditorRequired]
    public FieldEditor Editor { get; set; } = default!;

    [Inject]
    private RecordTitles Titles { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    [Inject]
    private FieldText Words { get; set; } = default!;

    [Inject]
    private IJSRuntime Browser { get; set; } = default!;

    private CollectionFieldType Type => (CollectionFieldType)Editor.Field.Type;

    private bool HasTitle => Type.Key is not null;

    private bool IsFull => _rows.Count >= (Type.Max ?? ItemList.MaxItems);

    private string AddId => $"{Editor.InputId}-add";

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override void OnInitialized() => _columns = [.. Type.ItemFields.Where(f => f != Type.Order && f.Type is not CollectionFieldType)];

    protected override async Task OnParametersSetAsync()
    {
        // What this table itself said last comes back as it was said; anything else comes from elsewhere.
        if (!_begun || !ReferenceEquals(Editor.Value, _taken))
        {
            (_taken, _begun) = (Editor.Value, true);
            _rows = [.. ((Editor.Value as ItemList)?.Items ?? []).Select(i => ItemRow.Of(Type, i))];
            try
            {
                _names = await Titles.OfAsync(Editor.Field.PointedToBy(Editor.Value), _gone.Token);
            }
            catch (OperationCanceledException)
            {
                // The person left.
            }
        }
        if (Editor.Problems.Any(p => ProblemPlace.IndexOf(p) >= _shown))
        {
            _shown = _rows.Count;
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_focus is { } id)
        {
            _focus = null;
            await Browser.InvokeVoidAsync("crm.focus", $"[id='{id}']");
        }
    }

    private bool May(Operation operation) => Authority.May(Actor, operation, Type.Child);

    private bool MayEdit(ItemRow row, Field column) => !Editor.ReadOnly && column.IsWritable && May(row.IsNew ? Operation.Create : Operation.Update);

    private string RowId(int index) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Editor.InputId}-{index}");

    private string CellId(int index, Field column) => $"{RowId(index)}-{column.Name}";

    private string TitleOf(ItemRow row) => row.TitleOf(Type.Key!) ?? (_names.GetValueOrDefault(row.Id) is { Length: > 0 } name ? name : T["lookup.untitled"]);

    private string? TitleOf(ItemRow row, Field column) => column.PointedTo(row[column]) is { } to ? row.TitleOf(column) ?? _names.GetValueOrDefault(to.Id) : null;

    /// <summary>What a button calls the entry that it acts on.</summary>
    private string Name(ItemRow row, int index) => HasTitle ? TitleOf(row) : $"{Type.Child.Label} {index + 1}";

    /// <summary>The currency that a further row begins with: that of the last one with an amount, else of the record.</summary>
    private string? Currency => _rows.AsEnumerable().Reverse().SelectMany(row => _columns.Where(c => c.Type is MoneyFieldType).Select(c => row[c])).OfType<Money>().FirstOrDefault()?.Currency ?? CurrencyBeside.Of(Editor.Record);

    private ItemTotal? Total(Field column) => ItemTotals.Of(column, _rows);

    private List<Problem> ProblemsOf(int index, Field column)
    {
        var place = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Editor.Field.Name}[{index}].{column.Name}");
        var said = Editor.Problems.Where(p => p.Field == place || p.Field?.StartsWith(place + ".", StringComparison.Ordinal) == true).ToList();
        return said.Count == 0 && _rows[index].FaultOf(column) is { } fault ? [Problem.At(place, ProblemKind.Invalid, fault.Code, fault.Arguments)] : said;
    }

    /// <summary>Problems of the entry that no column shows.</summary>
    private List<Problem> ProblemsOfRow(int index) => [.. Editor.Problems.Where(p => ProblemPlace.IndexOf(p) == index && _columns.All(c => c.Name != ProblemPlace.ColumnOf(p)))];

    private Task SetAsync(int index, Field column, FieldInput input)
    {
        _rows[index].Set(column, input);
        return TellAsync(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"[{index}].{column.Name}"), input.IsFinal);
    }

    private Task AddAsync()
    {
        _rows.Add(ItemRow.Begin(Type, Guid.Empty, Actor.ScopeAt(Time.GetUtcNow())));
        _shown = Math.Max(_shown, _rows.Count);
        FocusOn(_rows.Count - 1);
        return TellAsync($"[{_rows.Count - 1}]");
    }

    private Task LinkAsync(FieldInput input)
    {
        if (input.Value is not Guid id)
        {
            return Task.CompletedTask;
        }
        _links++;
        var known = _rows.FindIndex(r => r.Id == id);
        if (known >= 0)
        {
            FocusOn(known);
            return Task.CompletedTask;
        }
        var row = ItemRow.Begin(Type, id, Actor.ScopeAt(Time.GetUtcNow()));
        row.Set(Type.Key!, new(id, input.Title));
        _rows.Add(row);
        _shown = Math.Max(_shown, _rows.Count);
        FocusOn(_rows.Count - 1);
        return TellAsync($"[{_rows.Count - 1}]");
    }

    private Task RemoveAsync(int index)
    {
        _rows.RemoveAt(index);
        _focus = _rows.Count == 0 ? AddId : RowId(Math.Min(index, _rows.Count - 1));
        return TellAsync(place: null);
    }

    private Task MoveAsync(int index, int by)
    {
        var to = index + by;
        (_rows[index], _rows[to]) = (_rows[to], _rows[index]);
        var button = to == 0 ? "down" : to == _rows.Count - 1 ? "up" : by < 0 ? "up" : "down";
        _focus = $"{RowId(to)}-{button}";
        return TellAsync(place: null);
    }

    private void FocusOn(int index) => _focus = _columns.FirstOrDefault(c => MayEdit(_rows[index], c)) is { } first ? CellId(index, first) : HasTitle ? AddId : RowId(index);

    /// <summary>Says what the field's value has become, and the first thing in it that is no value.</summary>
    private Task TellAsync(string? place, bool isFinal = true)
    {
        var list = _rows.Count == 0 ? null : ItemList.Whole([.. _rows.Select(r => r.ToItem(Type))]);
        _taken = list;
        var fault = _rows.Select((row, index) => (row.FirstFault, index)).FirstOrDefault(r => r.FirstFault is not null) is ({ } first, var at)
            ? first.Fault with { Place = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"[{at}].{first.Field.Name}{first.Fault.Place}") }
            : null;
        return Editor.Changed.InvokeAsync(new(list, Fault: fault, IsFinal: isFinal, Place: place));
    }
}
