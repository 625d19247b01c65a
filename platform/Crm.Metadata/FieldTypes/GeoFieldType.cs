using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>A place on the earth in degrees (WGS 84), to six digits: a hand's breadth.</summary>
public sealed record GeoPoint(decimal Latitude, decimal Longitude);

/// <summary>A place: JSON <c>{"lat": 52.52, "lon": 13.405}</c>; its parts filter and sort as numbers.</summary>
[FieldType("geo")]
public sealed class GeoFieldType : FieldType
{
    private const int Digits = 6;

    private static readonly ColumnPart[] GeoParts = [new("", ColumnKind.Decimal, Digits), new("$lon", ColumnKind.Decimal, Digits)];

    private static readonly ConditionOperator[] GeoOperators = [ConditionOperator.IsNull, ConditionOperator.NotNull, ConditionOperator.Eq, ConditionOperator.Ne];

    [JsonIgnore]
    public override IReadOnlyList<ColumnPart> Parts => GeoParts;

    [JsonIgnore]
    public override Type ValueType => typeof(GeoPoint);

    [JsonIgnore]
    public override IReadOnlyList<ConditionOperator> Operators => GeoOperators;

    [JsonIgnore]
    public override bool IsSortable => false;

    [JsonIgnore]
    public override bool IsGroupable => false;

    [JsonIgnore]
    public override bool ComparesWithFields => false;

    [JsonIgnore]
    public override IReadOnlyList<FieldPart> FieldParts => field ??=
    [
        new("lat", Label.Of("Latitude", "纬度"), new DecimalFieldType { Scale = Digits, Name = "decimal" }, 0, value => ((GeoPoint)value).Latitude),
        new("lon", Label.Of("Longitude", "经度"), new DecimalFieldType { Scale = Digits, Name = "decimal" }, 1, value => ((GeoPoint)value).Longitude),
    ];

    public override Parsed FromJson(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.String)
        {
            return FromText(json.GetString()!, TextFormat.Invariant);
        }
        if (json.ValueKind != JsonValueKind.Object || json.EnumerateObject().Any(m => m.Name is not ("lat" or "lon")) ||
            !json.TryGetProperty("lat", out var lat) || !json.TryGetProperty("lon", out var lon) || Degrees(lat) is not { } latitude || Degrees(lon) is not { } longitude)
        {
            return Parsed.Bad("value.geo");
        }
        return Parsed.Ok(new GeoPoint(Round(latitude), Round(longitude)));
    }

    public override void WriteJson(Utf8JsonWriter writer, object value)
    {
        var point = (GeoPoint)value;
        writer.WriteStartObject();
        writer.WriteNumber("lat", ExactDecimal.Trim(point.Latitude));
        writer.WriteNumber("lon", ExactDecimal.Trim(point.Longitude));
        writer.WriteEndObject();
    }

    /// <summary>Two numbers, as maps give them: latitude, then longitude.</summary>
    public override Parsed FromText(string text, TextFormat format)
    {
        var parts = text.Trim().Trim('(', ')').Split([',', ';', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return parts.Length == 2 && decimal.TryParse(parts[0], NumberStyles.Float, CultureInfo.InvariantCulture, out var lat) && decimal.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var lon)
            ? Parsed.Ok(new GeoPoint(Round(lat), Round(lon)))
            : Parsed.Bad("value.geo");
    }

    [JsonIgnore]
    public override bool SpreadsInFiles => true;

    public override Parsed FromParts(IReadOnlyDictionary<string, string> texts, TextFormat format) =>
        texts.ContainsKey("lat") || texts.ContainsKey("lon")
            ? texts.TryGetValue("lat", out var lat) && texts.TryGetValue("lon", out var lon) && decimal.TryParse(lat, NumberStyles.Float, format.Culture, out var latitude) && decimal.TryParse(lon, NumberStyles.Float, format.Culture, out var longitude)
                ? Parsed.Ok(new GeoPoint(Round(latitude), Round(longitude)))
                : Parsed.Bad("value.geo")
            : base.FromParts(texts, format);

    public override string ToText(object value, CultureInfo culture)
    {
        var point = (GeoPoint)value;
        return string.Create(CultureInfo.InvariantCulture, $"{point.Latitude:0.0#####}, {point.Longitude:0.0#####}");
    }

    public override Fault? Validate(object value)
    {
        var point = (GeoPoint)value;
        return point.Latitude is < -90 or > 90 ? new("value.geo.latitude") : point.Longitude is < -180 or > 180 ? new("value.geo.longitude") : null;
    }

    public override void ToColumns(object? value, Span<object?> columns) 
    {
        var point = value as GeoPoint;
        (columns[0], columns[1]) = (point?.Latitude, point?.Longitude);
    }

    public override object? FromColumns(ReadOnlySpan<object?> columns) => columns[0] is decimal lat && columns[1] is decimal lon ? new GeoPoint(lat, lon) : null;

    private static decimal? Degrees(JsonElement json) => json.ValueKind == JsonValueKind.Number && json.TryGetDecimal(out var number) && Math.Abs(number) < 1_000 ? number : null;

    private static decimal Round(decimal degrees) => decimal.Round(degrees, Digits, MidpointRounding.AwayFromZero);
}
