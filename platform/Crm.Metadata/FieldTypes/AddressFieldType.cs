using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>A postal address.</summary>
/// <param name="Street">Street and number, building, floor; line breaks separate its lines.</param>
/// <param name="PostalCode">Post code or ZIP.</param>
/// <param name="City">Town.</param>
/// <param name="Region">State, province, county.</param>
/// <param name="Country">ISO 3166 code of two letters.</param>
public sealed record Address(string? Street, string? PostalCode, string? City, string? Region, string? Country)
{
    public bool IsEmpty => this is { Street: null, PostalCode: null, City: null, Region: null, Country: null };

    /// <summary>As one line, in the order of its country.</summary>
    public override string ToString() => string.Join(", ", AddressFormat.Lines(this, fullNames: false));
}

/// <summary>An address whose parts are columns of their own, so that <c>billing_address.city</c> filters, sorts and stands in lists as any field does.</summary>
[FieldType("address")]
public sealed class AddressFieldType : FieldType
{
    private const int Whole = 0, Street = 2, PostalCode = 4, City = 6, Region = 8, Country = 10, Count = 11;

    private static readonly ColumnPart[] AddressParts =
    [
        new("", ColumnKind.Text) { Compared = false }, ColumnPart.Folded(),
        new("$street", ColumnKind.Text), ColumnPart.Folded("$street"), new("$postal_code", ColumnKind.Text), ColumnPart.Folded("$postal_code"),
        new("$city", ColumnKind.Text), ColumnPart.Folded("$city"), new("$region", ColumnKind.Text), ColumnPart.Folded("$region"), new("$country", ColumnKind.Text),
    ];

    private static readonly ConditionOperator[] AddressOperators = [ConditionOperator.Contains, ConditionOperator.IsNull, ConditionOperator.NotNull, ConditionOperator.Eq, ConditionOperator.Ne];

    [Description("ISO 3166 code of the country that a new address has; the organisation's if absent.")]
    public string? DefaultCountry { get; set; }

    [JsonIgnore]
    public override IReadOnlyList<ColumnPart> Parts => AddressParts;

    [JsonIgnore]
    public override Type ValueType => typeof(Address);

    [JsonIgnore]
    public override IReadOnlyList<ConditionOperator> Operators => AddressOperators;

    [JsonIgnore]
    public override bool ComparesWithFields => false;

    [JsonIgnore]
    public override int SortPart => 1;

    [JsonIgnore]
    public override int TextPart => 1;

    [JsonIgnore]
    public override IReadOnlyList<FieldPart> FieldParts => field ??=
    [
        Part("street", "Street", "街道", Street, a => a.Street), Part("postal_code", "Postal code", "邮编", PostalCode, a => a.PostalCode), Part("city", "City", "城市", City, a => a.City),
        Part("region", "State or region", "省/州", Region, a => a.Region),
        new("country", Label.Of("Country", "国家"), new CurrencyCodeFieldType { Name = "text" }, Country, value => ((Address)value).Country),
    ];

    public override FieldType Bind(OrganisationDefinition organisation)
    {
        DefaultCountry ??= organisation.Region;
        return this;
    }

    public override IEnumerable<string> CheckOptions() => DefaultCountry is { } code && !AddressFormat.IsCountry(code) ? [$"'{code}' is no ISO 3166 country code."] : [];

    public override Parsed FromJson(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.String)
        {
            return FromText(json.GetString()!, TextFormat.Invariant);
        }
        if (json.ValueKind != JsonValueKind.Object)
        {
            return Parsed.Bad("value.address");
        }
        var address = new Address(null, null, null, null, null);
        foreach (var member in json.EnumerateObject())
        {
            if (member.Value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null))
            {
                return Parsed.Bad("value.address");
            }
            var text = Line(member.Value.GetString());
            if (text is not null && text.Any(c => char.IsControl(c) && c != '\n'))
            {
                return Parsed.Bad("value.controlCharacters");
            }
            switch (member.Name)
            {
                case "street": address = address with { Street = text }; break;
                case "postalCode" or "postal_code": address = address with { PostalCode = text }; break;
                case "city": address = address with { City = text }; break;
                case "region": address = address with { Region = text }; break;
                case "country": address = address with { Country = text is null ? null : AddressFormat.CountryOf(text) ?? text.ToUpperInvariant() }; break;
                default: return Parsed.Bad("value.address");
            }
        }
        return Parsed.Ok(address.IsEmpty ? null : address);
    }

    public override void WriteJson(Utf8JsonWriter writer, object value)
    {
        var address = (Address)value;
        writer.WriteStartObject();
        writer.WriteString("street", address.Street);
        writer.WriteString("postalCode", address.PostalCode);
        writer.WriteString("city", address.City);
        writer.WriteString("region", address.Region);
        writer.WriteString("country", address.Country);
        writer.WriteEndObject();
    }

    /// <summary>Lines of an address, or its parts separated by commas: the last is the country if it is one, the one before it holds post code and city.</summary>
    public override Parsed FromText(string text, TextFormat format)
    {
        if (text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')))
        {
            return Parsed.Bad("value.controlCharacters");
        }
        var address = AddressFormat.Read(text);
        return Parsed.Ok(address.IsEmpty ? null : address);
    }

    [JsonIgnore]
    public override bool SpreadsInFiles => true;

    /// <summary>What the parts say counts; of a text for the whole only what they leave open.</summary>
    public override Parsed FromParts(IReadOnlyDictionary<string, string> texts, TextFormat format)
    {
        if (texts.Values.Any(t => t.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t'))))
        {
            return Parsed.Bad("value.controlCharacters");
        }
        var whole = texts.TryGetValue("", out var text) ? FromFileText(text, format).Value as Address : null;
        var country = Of("country") is { } name ? AddressFormat.CountryOf(name) ?? name.ToUpperInvariant() : null;
        var address = new Address(Of("street") ?? whole?.Street, Of("postal_code") ?? whole?.PostalCode, Of("city") ?? whole?.City, Of("region") ?? whole?.Region, country ?? whole?.Country);
        return Parsed.Ok(address.IsEmpty ? null : address);

        string? Of(string part) => Line(texts.GetValueOrDefault(part));
    }

    public override string ToText(object value, CultureInfo culture) => value.ToString()!;

    public override string SearchText(object value) => Folding.Fold(value.ToString()!);

    public override Fault? Validate(object value)
    {
        var address = (Address)value;
        return address.Street?.Length > 400 ? new("value.tooLong", 400, address.Street.Length)
            : new[] { address.PostalCode, address.City, address.Region }.FirstOrDefault(p => p?.Length > 100) is { } tooLong ? new("value.tooLong", 100, tooLong.Length)
            : new[] { address.PostalCode, address.City, address.Region }.Any(p => p?.Contains('\n', StringComparison.Ordinal) == true) ? new("value.controlCharacters")
            : address.Country is { } country && !AddressFormat.IsCountry(country) ? new("value.country", country)
            : null;
    }

    public override void ToColumns(object? value, Span<object?> columns)
    {
        if (value is not Address address)
        {
            columns[..Count].Clear();
            return;
        }
        columns[Whole] = address.ToString();
        columns[Whole + 1] = SearchText(address);
        (columns[Street], columns[Street + 1]) = (address.Street, Fold(address.Street));
        (columns[PostalCode], columns[PostalCode + 1]) = (address.PostalCode, Fold(address.PostalCode));
        (columns[City], columns[City + 1]) = (address.City, Fold(address.City));
        (columns[Region], columns[Region + 1]) = (address.Region, Fold(address.Region));
        columns[Country] = address.Country;
    }

    public override object? FromColumns(ReadOnlySpan<object?> columns) =>
        columns[Whole] is null ? null : new Address(columns[Street] as string, columns[PostalCode] as string, columns[City] as string, columns[Region] as string, columns[Country] as string);

    public override int Compare(object left, object right) => Folding.CompareByCodePoint(SearchText(left), SearchText(right));

    public override Parsed ReadOperand(ConditionOperator op, JsonElement json) => op == ConditionOperator.Contains ? ReadText(json) : FromJson(json);

    private static string? Fold(string? text) => text is null ? null : Folding.Fold(text);

    private static string? Line(string? text) => text?.ReplaceLineEndings("\n").Trim() is { Length: > 0 } trimmed ? trimmed : null;

    private static FieldPart Part(string name, string en, string zh, int column, Func<Address, string?> read) =>
        new(name, Label.Of(en, zh), new TextFieldType { Name = "text" }, column, value => read((Address)value));
}
