using System.Globalization;
using System.Text.Json;
using Crm.Metadata;

namespace Crm.Data;

/// <summary>A column that values are taken from.</summary>
/// <param name="Column">Its name once all renames are done, and how it stores its values.</param>
/// <param name="Before">Its name until then.</param>
/// <param name="Suffix">Which part of the field it was.</param>
internal sealed record FillSource(ColumnSchema Column, string Before, string Suffix);

/// <summary>Columns of a field that get their values from the columns that it had before.</summary>
/// <param name="Table">Table, by its new name.</param>
/// <param name="TableBefore">Its name until the renames are done.</param>
/// <param name="Keys">Its key.</param>
/// <param name="Sources">Where the values come from.</param>
/// <param name="Wanted">All columns that the field has from now on.</param>
/// <param name="Written">Those of them that have no value yet.</param>
/// <param name="Target">The table in which a value must be found, where it is a reference.</param>
/// <param name="TargetBefore">Its name until the renames are done; null if it is new.</param>
internal sealed record ColumnFill(
    string Table, string TableBefore, IReadOnlyList<ColumnSchema> Keys, IReadOnlyList<FillSource> Sources, IReadOnlyList<ColumnSchema> Wanted, IReadOnlyList<ColumnSchema> Written,
    string? Target, string? TargetBefore)
{
    /// <summary>The values of all <see cref="Wanted"/> columns; <paramref name="exact"/> is false where something of the old value is lost.</summary>
    public object?[] Convert(ReadOnlySpan<object?> old, out bool exact)
    {
        exact = true;
        var parts = new object?[Wanted.Count];
        var hasValue = false;
        for (var i = 0; i < Sources.Count; i++)
        {
            if (old[i] is not { } value)
            {
                continue;
            }
            hasValue = true;
            var place = PlaceOf(Sources[i].Suffix);
            if (place >= 0 && !Wanted[place].Derived)
            {
                parts[place] = ValueConversion.Convert(value, Sources[i].Column, Wanted[place], out var whole);
                exact &= whole;
            }
        }
        if (!hasValue || Wanted[0].Field is not { } field)
        {
            return parts;
        }
        var principal = PrincipalText(old);
        var read = principal is null ? FromColumns(field.Type, parts) : field.Type.FromText(principal, TextFormat.Invariant).Value;
        if (read is null)
        {
            exact = false;
            return new object?[Wanted.Count];
        }
        exact = principal is not null || exact;
        var columns = new object?[Wanted.Count];
        field.Type.ToColumns(read, columns);
        for (var i = 0; i < columns.Length; i++)
        {
            if (Wanted[i].Kind == ColumnKind.Decimal && columns[i] is decimal number && ExactDecimal.CheckScale(number, Wanted[i].Scale) is not null)
            {
                columns[i] = ValueConversion.Round(number, Wanted[i].Scale);
                exact = false;
            }
        }
        return columns;
    }

    /// <summary>Text goes through the field type, which reads what people write; null where the value is no text, or stays one.</summary>
    private string? PrincipalText(ReadOnlySpan<object?> old)
    {
        for (var i = 0; i < Sources.Count; i++)
        {
            if (Sources[i].Suffix.Length == 0 && Sources[i].Column.Kind == ColumnKind.Text && Wanted[0].Kind != ColumnKind.Text)
            {
                return old[i] is string text && !string.IsNullOrWhiteSpace(text) ? text : null;
            }
        }
        return null;
    }

    private static object? FromColumns(FieldType type, object?[] parts)
    {
        try
        {
            return type.FromColumns(parts);
        }
        catch (Exception e) when (e is InvalidCastException or FormatException or OverflowException or JsonException)
        {
            // What another type left cannot be read by this one: that value is lost, and is counted so.
            return null;
        }
    }

    private int PlaceOf(string suffix)
    {
        for (var i = 0; i < Wanted.Count; i++)
        {
            if (Wanted[i].Suffix == suffix)
            {
                return i;
            }
        }
        return -1;
    }
}

/// <summary>Turns what one kind of column stores into what another does.</summary>
internal static class ValueConversion
{
    /// <summary>The converted value, null where there is none; <paramref name="exact"/> is false where something is lost.</summary>
    public static object? Convert(object value, ColumnSchema from, ColumnSchema to, out bool exact)
    {
        var converted = from.StoresLike(to) ? value : Convert(value, to);
        exact = converted is not null && (from.StoresLike(to) || IsWhole(value, converted));
        return converted;
    }

    public static object? Round(decimal number, int scale) => Math.Abs(number) > ExactDecimal.Limit(scale) ? null : decimal.Round(number, scale);

    private static object? Convert(object value, ColumnSchema to) => (value, to.Kind) switch
    {
        (_, ColumnKind.Text) => ToText(value),
        (decimal number, ColumnKind.Decimal) => Round(number, to.Scale),
        (long number, ColumnKind.Decimal) => Round(number, to.Scale),
        (decimal number, ColumnKind.Integer) => number is >= long.MinValue and <= long.MaxValue ? (long)decimal.Round(number) : null,
        (bool yes, ColumnKind.Integer) => yes ? 1L : 0L,
        (bool yes, ColumnKind.Decimal) => yes ? 1m : 0m,
        (0L, ColumnKind.Boolean) => false,
        (1L, ColumnKind.Boolean) => true,
        (DateOnly day, ColumnKind.Timestamp) => new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero),
        (DateTimeOffset moment, ColumnKind.Date) => DateOnly.FromDateTime(moment.UtcDateTime),
        (string text, _) => Parse(text.Trim(), to),
        _ => null,
    };

    private static bool IsWhole(object value, object converted) => (value, converted) switch
    {
        (decimal before, decimal after) => before == after,
        (decimal before, long after) => before == after,
        (DateTimeOffset before, DateOnly) => before.UtcDateTime.TimeOfDay == TimeSpan.Zero,
        _ => true,
    };

    private static string ToText(object value) => value switch
    {
        decimal number => ExactDecimal.Trim(number).ToString(CultureInfo.InvariantCulture),
        bool yes => yes ? "true" : "false",
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTimeOffset moment => Iso8601.ToText(moment),
        Guid id => id.ToString("D"),
        _ => System.Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static object? Parse(string text, ColumnSchema to) => to.Kind switch
    {
        ColumnKind.Integer => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null,
        ColumnKind.Decimal => ExactDecimal.Read(text, CultureInfo.InvariantCulture) is { } number && ExactDecimal.CheckScale(number, to.Scale) is null ? number : null,
        ColumnKind.Boolean => bool.TryParse(text, out var yes) ? yes : null,
        ColumnKind.Date => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null,
        ColumnKind.Timestamp => Iso8601.TryParse(text, out var moment) ? moment : null,
        ColumnKind.Uuid => Guid.TryParseExact(text, "D", out var id) ? id : null,
        _ => null,
    };
}
