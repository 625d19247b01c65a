using System.Security.Claims;
using Crm.Data;
using Crm.Tests.Api;
using Crm.Ui.Dashboards;
using Crm.Ui.Shell;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Crm.Tests.Imports;

/// <summary>A shipped dashboard as somebody sees it who opens it on a server.</summary>
internal static class ShownDashboard
{
    /// <summary>What each widget of a dashboard shows of all time.</summary>
    public static async Task<Dictionary<string, WidgetData>> ShowAsync(this ApiServer server, string dashboard)
    {
        await using var scope = server.Services.CreateAsyncScope();
        var services = scope.ServiceProvider;
        var me = (await server.Admin.ReadAsync("/api/records/user?fields=email&limit=1&filter=" + Uri.EscapeDataString($$"""{"field": "email", "op": "eq", "value": "{{ApiServer.AdminEmail}}"}"""))).Json.GetProperty("items")[0].GetProperty("id").GetGuid();
        var current = new CurrentActor(new SignedIn(me), services.GetRequiredService<ActorDirectory>(), services.GetRequiredService<SignIns>());
        (await current.RefreshAsync()).ShouldBeTrue();
        var reader = ActivatorUtilities.CreateInstance<WidgetReader>(services, current);
        var model = services.GetRequiredService<ModelSource>().Current;
        var shown = new Dictionary<string, WidgetData>(StringComparer.Ordinal);
        foreach (var widget in model.Dashboards.Single(d => d.Name == dashboard).Widgets)
        {
            shown[widget.Name] = await reader.ReadAsync(Widget.Of(widget, model), new(Period.All, new Dictionary<string, object>()), [], TestContext.Current.CancellationToken);
        }
        return shown;
    }

    public static Dictionary<string, decimal> Points(WidgetData data)
    {
        var chart = ((ChartData)data).Chart;
        chart.HasMore.ShouldBeFalse();
        return Compared(chart.Points.Select(p => KeyValuePair.Create(p.Label, p.Value)));
    }

    public static Dictionary<string, decimal> ByKey(WidgetData data) => Compared(((ChartData)data).Chart.Points.Select(p => KeyValuePair.Create(p.Key, p.Value)));

    public static Dictionary<string, decimal> Compared(IEnumerable<KeyValuePair<string, decimal>> figures) => figures.OrderBy(f => f.Key, StringComparer.Ordinal).ToDictionary();

    private sealed class SignedIn(Guid user) : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() =>
            Task.FromResult(new AuthenticationState(new(new ClaimsIdentity([new(ClaimTypes.NameIdentifier, user.ToString("D"))], "test"))));
    }
}
