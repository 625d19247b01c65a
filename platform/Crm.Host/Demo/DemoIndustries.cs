namespace Crm.Host.Demo;

/// <summary>A branch that buys measuring instruments.</summary>
/// <param name="Value">The choice of the customer's industry.</param>
/// <param name="Names">Last words of company names.</param>
/// <param name="Employees">Half the companies have fewer.</param>
/// <param name="Revenue">Revenue in millions for each employee.</param>
internal sealed record DemoIndustry(string Value, double Weight, string[] Names, string Chinese, double Employees, double Revenue);

internal static class DemoIndustries
{
    public static IReadOnlyList<DemoIndustry> All { get; } =
    [
        new("food", 2.2, ["Foods", "Dairies", "Breweries", "Beverages"], "食品", 420, 0.31),
        new("chemicals", 2.0, ["Chemicals", "Polymers", "Coatings"], "化工", 560, 0.46),
        new("pharma", 1.5, ["Pharma", "Biologics", "Laboratories"], "制药", 640, 0.39),
        new("water", 1.6, ["Water", "Environmental"], "水务", 260, 0.22),
        new("energy", 1.5, ["Energy", "Power", "Gas"], "能源", 720, 0.62),
        new("machinery", 1.7, ["Machine Works", "Process Systems", "Engineering"], "机械", 310, 0.24),
        new("automotive", 0.9, ["Automotive", "Motor Components"], "汽车零部件", 880, 0.29),
        new("metals", 0.9, ["Steel", "Foundries"], "金属", 760, 0.38),
        new("technology", 0.8, ["Semiconductor", "Microsystems"], "电子科技", 480, 0.41),
        new("agriculture", 0.6, ["Agro", "Feeds"], "农业", 180, 0.27),
        new("aerospace", 0.4, ["Aerospace"], "航空设备", 690, 0.33),
        new("logistics", 0.4, ["Terminals"], "储运", 340, 0.21),
    ];
}
