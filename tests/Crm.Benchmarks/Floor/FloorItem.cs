using System.Text.Json.Serialization;

namespace Crm.Benchmarks.Floor;

/// <summary>One row of the table that both servers hold.</summary>
internal sealed record FloorItem(
    string Id, string Name, string Status, string Region, long Amount, long Quantity, string Day, bool Active, string Email, string Phone, string City, string Note);

internal sealed record FloorPage(IReadOnlyList<FloorItem> Items);

internal sealed record FloorPatch(long Quantity);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(FloorItem))]
[JsonSerializable(typeof(FloorPage))]
[JsonSerializable(typeof(FloorPatch))]
[JsonSerializable(typeof(List<FloorItem>))]
internal sealed partial class FloorJson : JsonSerializerContext;
