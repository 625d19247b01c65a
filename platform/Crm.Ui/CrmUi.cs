using System.Reflection;
using Crm.Metadata;
using Crm.Ui.Calendars;
using Crm.Ui.Dashboards;
using Crm.Ui.Fields;
using Crm.Ui.Filters;
using Crm.Ui.Gallery;
using Crm.Ui.Lists;
using Crm.Ui.Records;
using Crm.Ui.Shell;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Radzen;

namespace Crm.Ui;

/// <summary>What the screens need. Assemblies that bring editors, cells or kinds of view of their own are named here.</summary>
public static class CrmUi
{
    public static IServiceCollection AddCrmUi(this IServiceCollection services, params IEnumerable<Assembly> extensions)
    {
        Assembly[] assemblies = [typeof(CrmUi).Assembly, .. extensions];
        services.AddSingleton(Registry<FieldEditorAttribute, FieldEditor>.Scan(assemblies));
        services.AddSingleton(Registry<FieldCellAttribute, FieldCell>.Scan(assemblies));
        services.AddSingleton(Registry<ViewKindAttribute, ViewBody>.Scan(assemblies));
        services.AddSingleton(Registry<WidgetKindAttribute, WidgetBody>.Scan(assemblies));
        services.AddSingleton(Registry<GallerySceneAttribute, GalleryScene>.Scan(assemblies));
        services.AddSingleton<GallerySamples>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<UiText>();
        services.AddSingleton<Mishaps>();
        services.AddScoped<CurrentActor>();
        services.AddScoped<FieldText>();
        services.AddScoped<RecordTitles>();
        services.AddScoped<RecordDrafts>();
        services.AddScoped<RecordSaving>();
        services.AddTransient<CellEditing>();
        services.AddScoped<FormMemory>();
        services.AddScoped<UndoToast>();
        services.AddScoped<ChangeWords>();
        services.AddScoped<TimelineFeed>();
        services.AddScoped<InteractionDesk>();
        services.AddScoped<LookupSource>();
        services.AddScoped<TagSource>();
        services.AddScoped<FilterWords>();
        services.AddScoped<SavedViews>();
        services.AddScoped<CalendarSource>();
        services.AddScoped<MassRuns>();
        services.AddScoped<Toaster>();
        services.AddScoped<PersonalPlaces>();
        services.AddScoped<PaletteSource>();
        services.AddScoped<CreateDialogs>();
        services.AddScoped<ChartBuilder>();
        services.AddScoped<WidgetReader>();
        services.AddRadzenComponents();
        services.AddCascadingAuthenticationState();
        return services;
    }
}
