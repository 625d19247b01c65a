using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>Ways to reach somebody; with <c>multiple</c> a field holds several of them.</summary>
public abstract class ContactFieldType : TextualFieldType
{
    [Description("Several values, each with a kind; one of them is the primary one.")]
    public bool Multiple { get; init; }

    [Description("With multiple: the kinds to choose from.")]
    public IReadOnlyList<string>? Kinds { get; init; }

    /// <summary>The kinds of a field that names none.</summary>
    [JsonIgnore]
    public abstract IReadOnlyList<string> UsualKinds { get; }

    public override FieldType Bind(OrganisationDefinition organisation) => Multiple ? new ContactListFieldType(this) : this;

    /// <summary>Equality is asked in stored form, where what is asked has one.</summary>
    public override Parsed ReadOperand(ConditionOperator op, JsonElement json)
    {
        var text = base.ReadOperand(op, json);
        return text.Value is string asked && op is ConditionOperator.Eq or ConditionOperator.Ne or ConditionOperator.In or ConditionOperator.NotIn && FromText((string)text.Value, TextFormat.Invariant).Value is string stored
            ? Parsed.Ok(stored)
            : text;
    }
}

/// <summary>An e-mail address, stored as written but with the domain in lower case.</summary>
[FieldType("email")]
public sealed class EmailFieldType : ContactFieldType
{
    private static readonly System.Buffers.SearchValues<char> Forbidden = System.Buffers.SearchValues.Create(" \t<>(),;:\"");

    private static readonly string[] EmailKinds = ["work", "private", "other"];

    public EmailFieldType() => MaxLength = 254;

    [JsonIgnore]
    public override IReadOnlyList<string> UsualKinds => EmailKinds;

    protected override Parsed Normalize(string text)
    {
        var at = text.LastIndexOf('@');
        var plausible = at > 0 && at < text.Length - 3 && !text.AsSpan().ContainsAny(Forbidden) &&
            text.IndexOf('@', StringComparison.Ordinal) == at && text.IndexOf('.', at) > at + 1 && text[^1] != '.' &&
            !text.Contains("..", StringComparison.Ordinal);
        return plausible ? Parsed.Ok(text[..at] + text[at..].ToLowerInvariant()) : Parsed.Bad("value.email");
    }
}

/// <summary>
/// A telephone number. What can be understood is stored in E.164 form, so that however it was written it is the same number; short and
/// internal numbers stay as they were written.
/// </summary>
[FieldType("phone")]
public sealed class PhoneFieldType : ContactFieldType
{
    private static readonly string[] PhoneKinds = ["work", "mobile", "private", "fax", "other"];

    public PhoneFieldType() => MaxLength = 50;

    [Description("ISO 3166 code of the country of numbers that name none; the organisation's if absent.")]
    public string? Region { get; set; }

    [Description("Whether numbers that are no full telephone number are refused.")]
    public bool Strict { get; init; }

    [JsonIgnore]
    public override IReadOnlyList<string> UsualKinds => PhoneKinds;

    public override FieldType Bind(OrganisationDefinition organisation)
    {
        Region ??= organisation.Region;
        return base.Bind(organisation);
    }

    public override IEnumerable<string> CheckOptions() =>
        Region is null || PhoneRegions.Find(Region) is not null ? base.CheckOptions() : base.CheckOptions().Append($"there is no country '{Region}' with telephone numbers of its own.");

    /// <summary>The E.164 form and the way it is dialled at home, so that a number is found by either.</summary>
    public override string SearchText(object value) => PhoneNumber.TryParse((string)value, Region) is { } number
        ? number.ToE164() + ListFieldType.Separator + number.Dialled
        : Folding.Fold((string)value) + ListFieldType.Separator + Digits((string)value);

    public override string Needle(ConditionOperator op, string text) =>
        text.Any(char.IsAsciiDigit) && text.All(c => char.IsAsciiDigit(c) || "+-()./ ".Contains(c, StringComparison.Ordinal)) ? Digits(text) : Folding.Fold(text);

    public override string ToText(object value, CultureInfo culture) => PhoneNumber.TryParse((string)value, Region)?.ToText(Region) ?? (string)value;

    protected override Parsed Normalize(string text)
    {
        if (PhoneNumber.TryParse(text, Region) is { } number)
        {
            return Parsed.Ok(number.ToE164());
        }
        return !Strict && text.Count(char.IsAsciiDigit) >= 3 && text.All(c => char.IsAsciiDigit(c) || char.IsAsciiLetter(c) || "+-()./ #*,;=".Contains(c, StringComparison.Ordinal))
            ? Parsed.Ok(text)
            : Parsed.Bad("value.phone");
    }

    private static string Digits(string text) => string.Concat(text.Where((c, i) => char.IsAsciiDigit(c) || (c == '+' && i == 0)));
}

/// <summary>A web address; http and https only, because a list shows it as a link.</summary>
[FieldType("url")]
public sealed class UrlFieldType : ContactFieldType
{
    private static readonly string[] UrlKinds = ["website", "social", "other"];

    public UrlFieldType() => MaxLength = 2_000;

    [JsonIgnore]
    public override IReadOnlyList<string> UsualKinds => UrlKinds;

    protected override Parsed Normalize(string text)
    {
        var withScheme = text.Contains("://", StringComparison.Ordinal) ? text : "https://" + text;
        return Uri.TryCreate(withScheme, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Host.Contains('.', StringComparison.Ordinal)
            ? Parsed.Ok(withScheme)
            : Parsed.Bad("value.url");
    }
}
