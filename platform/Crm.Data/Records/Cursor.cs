using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>
/// Where a page ended or began: the values of the sort columns and the id of a record at its edge. It is opaque to callers and names the order for
/// which it was made, so that it cannot be used with another one.
/// </summary>
internal static class Cursor
{
    /// <summary>Begins no field's name.</summary>
    private const string Inclusive = "=";

    public static string Write(IReadOnlyList<SortTerm> sort, IReadOnlyList<object?> values, Guid id, bool inclusive = false)
    {
        var parts = new List<string?> { (inclusive ? Inclusive : "") + Signature(sort) };
        for (var i = 0; i < sort.Count; i++)
        {
            parts.Add(ToText(values[i]));
        }
        parts.Add(id.ToString("D"));
        return Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(parts));
    }

    /// <exception cref="ProblemException">The text is no cursor, or one of another order.</exception>
    public static Edge Read(string cursor, IReadOnlyList<SortTerm> sort, string parameter)
    {
        try
        {
            var parts = JsonSerializer.Deserialize<string?[]>(Base64Url.DecodeFromChars(cursor));
            if (parts is not null && parts.Length == sort.Count + 2 && parts[0] is { } signature && Guid.TryParseExact(parts[^1], "D", out var id) &&
                signature.StartsWith(Inclusive, StringComparison.Ordinal) is var inclusive && (inclusive ? signature[Inclusive.Length..] : signature) == Signature(sort))
            {
                return new([.. sort.Select((term, i) => FromText(parts[i + 1], SortColumn(term)))], id, inclusive);
            }
        }
        catch (Exception e) when (e is FormatException or JsonException or OverflowException or ArgumentException or DecoderFallbackException)
        {
            // Falls through to the one answer for every forged cursor.
        }
        throw new ProblemException(Problem.At(parameter, ProblemKind.Invalid, "cursor"));
    }

    public static Column SortColumn(SortTerm term) => term.Path.Field.Columns[term.Path.Field.Type.SortPart];

    private static string Signature(IReadOnlyList<SortTerm> sort) => string.Join(',', sort);

    private static string? ToText(object? value) => value switch
    {
        null => null,
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTimeOffset moment => moment.UtcTicks.ToString(CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    private static object? FromText(string? text, Column column) => text is null ? null : column.Kind switch
    {
        ColumnKind.Text => text,
        ColumnKind.Integer => long.Parse(text, CultureInfo.InvariantCulture),
        ColumnKind.Decimal => decimal.Parse(text, CultureInfo.InvariantCulture) is var number && ExactDecimal.CheckScale(number, column.Part.Scale) is null ? number : throw new FormatException(),
        ColumnKind.Boolean => bool.Parse(text),
        ColumnKind.Date => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture),
        ColumnKind.Timestamp => new DateTimeOffset(long.Parse(text, CultureInfo.InvariantCulture), TimeSpan.Zero),
        ColumnKind.Uuid => Guid.ParseExact(text, "D"),
        _ => throw new FormatException(),
    };
}

/// <summary>A place in an order: beside a record, or with it.</summary>
internal sealed record Edge(IReadOnlyList<object?> Values, Guid Id, bool Inclusive);
