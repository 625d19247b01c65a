using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;

namespace Crm.Ui.Shell;

public sealed partial class SidePlaces
{
    private const int Shown = 5, Longest = 120;

    private readonly CancellationTokenSource _gone = new();
    private IReadOnlyList<Place> _pinned = [], _recent = [];
    private string _here = "";

    [Inject]
    private PersonalPlaces Places { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    public void Dispose()
    {
        Navigation.LocationChanged -= Follow;
        Places.Changed -= Renew;
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        Navigation.LocationChanged += Follow;
        Places.Changed += Renew;
        await VisitAsync(Navigation.Uri);
        await ReadAsync();
    }

    private void Follow(object? sender, LocationChangedEventArgs e) => _ = InvokeInOwnCultureAsync(() => VisitAsync(e.Location));

    private void Renew(object? sender, EventArgs e) => _ = InvokeInOwnCultureAsync(async () =>
    {
        await ReadAsync();
        StateHasChanged();
    });

    private async Task VisitAsync(string uri)
    {
        _here = new Uri(uri).AbsolutePath;
        try
        {
            if (_here.Split('/') is ["", "e", var name, var text] && Model.Find(name) is { IsSystem: false } entity && Guid.TryParse(text, out var id))
            {
                await Places.VisitAsync(entity, id, _gone.Token);
            }
            StateHasChanged();
        }
        catch (OperationCanceledException)
        {
            // The person left.
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            var (pinned, recent) = await Places.ReadAsync(_gone.Token);
            (_pinned, _recent) = (pinned, [.. recent.Take(Shown)]);
        }
        catch (OperationCanceledException)
        {
            // The person left.
        }
    }

    private string PinText(bool isPinned, Place place) => T[isPinned ? "shell.unpin" : "shell.pin", TitleOf(place)];

    /// <summary>A title of any length stays a line.</summary>
    private string TitleOf(Place place) => place.Title.Length == 0 ? T["lookup.untitled"] : place.Title.Length > Longest ? place.Title[..Longest] + "…" : place.Title;
}
