using System.Data.Common;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Crm.Metadata;
using Crm.Rules;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Crm.Data.Sqlite;

/// <summary>
/// SQLite has five storage classes. Decimals are integers of their last digit, so that sums and comparisons are exact; moments are
/// microseconds since 1970; days are ISO text; ids are 16 bytes in big-endian order, so that they sort as they were made.
/// </summary>
internal sealed class SqliteCodec : ValueCodec
{
    private static readonly decimal[] Powers = [1m, 10m, 100m, 1_000m, 10_000m, 100_000m, 1_000_000m, 10_000_000m, 100_000_000m, 1_000_000_000m];

    internal override DbParameter CreateParameter(int index, ColumnKind kind) =>
        new SqliteParameter { ParameterName = "$" + (index + 1).ToString(CultureInfo.InvariantCulture) };

    internal override void Set(DbParameter parameter, SqlParameter value)
    {
        var sqlite = (SqliteParameter)parameter;
        var encoded = value.Value is null ? DBNull.Value : Encode(value);
        sqlite.SqliteType = encoded switch { long => SqliteType.Integer, byte[] => SqliteType.Blob, double => SqliteType.Real, _ => SqliteType.Text };
        sqlite.Value = encoded;
    }

    internal override object Read(DbDataReader reader, int ordinal, ColumnKind kind, int scale) => kind switch
    {
        ColumnKind.Text => reader.GetString(ordinal),
        ColumnKind.Integer => reader.GetInt64(ordinal),
        ColumnKind.Decimal => reader.GetInt64(ordinal) / Powers[scale],
        ColumnKind.Boolean => reader.GetInt64(ordinal) != 0,
        ColumnKind.Date => DateOnly.ParseExact(reader.GetString(ordinal), "yyyy-MM-dd", CultureInfo.InvariantCulture),
        ColumnKind.Timestamp => DateTimeOffset.UnixEpoch.AddTicks(reader.GetInt64(ordinal) * 10),
        ColumnKind.Uuid => new Guid(raw.sqlite3_column_blob(((SqliteDataReader)reader).Handle!, ordinal), bigEndian: true),
        _ => throw new NotSupportedException($"Column kind {kind}."),
    };

    internal override void WriteJson(DbDataReader reader, int ordinal, ColumnKind kind, int scale, Utf8JsonWriter json)
    {
        var statement = ((SqliteDataReader)reader).Handle!;
        switch (kind)
        {
            case ColumnKind.Text or ColumnKind.Date:
                // SQLite's text is UTF-8 already, and so is JSON.
                var text = raw.sqlite3_column_text(statement, ordinal);
                json.WriteStringValue(MemoryMarshal.CreateReadOnlySpan(in text.GetPinnableReference(), raw.sqlite3_column_bytes(statement, ordinal)));
                break;
            case ColumnKind.Integer:
                json.WriteNumberValue(raw.sqlite3_column_int64(statement, ordinal));
                break;
            case ColumnKind.Decimal:
                json.WriteNumberValue(ExactDecimal.Trim(raw.sqlite3_column_int64(statement, ordinal) / Powers[scale]));
                break;
            case ColumnKind.Boolean:
                json.WriteBooleanValue(raw.sqlite3_column_int64(statement, ordinal) != 0);
                break;
            case ColumnKind.Timestamp:
                Iso8601.WriteJson(json, DateTimeOffset.UnixEpoch.AddTicks(raw.sqlite3_column_int64(statement, ordinal) * 10));
                break;
            case ColumnKind.Uuid:
                json.WriteStringValue(new Guid(raw.sqlite3_column_blob(statement, ordinal), bigEndian: true));
                break;
            default:
                throw new NotSupportedException($"Column kind {kind}.");
        }
    }

    /// <summary>What is stored for a value that is not empty: a long, a double, a text or bytes.</summary>
    internal static object Encode(SqlParameter value) => value.Kind switch
    {
        ColumnKind.Text => (string)value.Value!,
        ColumnKind.Integer => Convert.ToInt64(value.Value, CultureInfo.InvariantCulture),
        ColumnKind.Decimal => EncodeDecimal((decimal)value.Value!, value.Scale),
        ColumnKind.Boolean => (bool)value.Value! ? 1L : 0L,
        ColumnKind.Date => ((DateOnly)value.Value!).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        ColumnKind.Timestamp => (((DateTimeOffset)value.Value!).UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10,
        ColumnKind.Uuid => ((Guid)value.Value!).ToByteArray(bigEndian: true),
        _ => throw new NotSupportedException($"Column kind {value.Kind}."),
    };

    /// <summary>What a column cannot hold can still be compared with: beyond its range and between its digits lie real numbers.</summary>
    private static object EncodeDecimal(decimal value, int scale) => ExactDecimal.CheckScale(value, scale) is null
        ? (object)decimal.ToInt64(value * Powers[scale])
        : (double)value * (double)Powers[scale];
}
