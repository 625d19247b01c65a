using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Crm.Metadata;
using Crm.Rules;
using Npgsql;
using NpgsqlTypes;

namespace Crm.Data.Postgres;

/// <summary>PostgreSQL has a type of its own for every kind of column.</summary>
internal sealed class PostgresCodec : ValueCodec
{
    internal override bool PrepareStatements => true;

    internal override DbParameter CreateParameter(DbCommand command, int index, ColumnKind kind) => new NpgsqlParameter { NpgsqlDbType = TypeOf(kind) };

    internal override void Set(DbParameter parameter, SqlParameter value) => parameter.Value = value.Value ?? DBNull.Value;

    internal override object Read(DbDataReader reader, int ordinal, ColumnKind kind, int scale) => kind switch
    {
        ColumnKind.Text => reader.GetString(ordinal),
        ColumnKind.Integer => reader.GetInt64(ordinal),
        ColumnKind.Decimal => reader.GetDecimal(ordinal),
        ColumnKind.Boolean => reader.GetBoolean(ordinal),
        ColumnKind.Date => reader.GetFieldValue<DateOnly>(ordinal),
        ColumnKind.Timestamp => new DateTimeOffset(reader.GetDateTime(ordinal), TimeSpan.Zero),
        ColumnKind.Uuid => reader.GetGuid(ordinal),
        _ => throw new NotSupportedException($"Column kind {kind}."),
    };

    internal override void WriteJson(DbDataReader reader, int ordinal, ColumnKind kind, int scale, Utf8JsonWriter json)
    {
        switch (kind)
        {
            case ColumnKind.Text: json.WriteStringValue(reader.GetString(ordinal)); break;
            case ColumnKind.Integer: json.WriteNumberValue(reader.GetInt64(ordinal)); break;
            case ColumnKind.Decimal: json.WriteNumberValue(ExactDecimal.Trim(reader.GetDecimal(ordinal))); break;
            case ColumnKind.Boolean: json.WriteBooleanValue(reader.GetBoolean(ordinal)); break;
            case ColumnKind.Date: json.WriteStringValue(reader.GetFieldValue<DateOnly>(ordinal).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)); break;
            case ColumnKind.Timestamp: Iso8601.WriteJson(json, new DateTimeOffset(reader.GetDateTime(ordinal), TimeSpan.Zero)); break;
            case ColumnKind.Uuid: json.WriteStringValue(reader.GetGuid(ordinal)); break;
            default: throw new NotSupportedException($"Column kind {kind}.");
        }
    }

    private static NpgsqlDbType TypeOf(ColumnKind kind) => kind switch
    {
        ColumnKind.Text => NpgsqlDbType.Text,
        ColumnKind.Integer => NpgsqlDbType.Bigint,
        ColumnKind.Decimal => NpgsqlDbType.Numeric,
        ColumnKind.Boolean => NpgsqlDbType.Boolean,
        ColumnKind.Date => NpgsqlDbType.Date,
        ColumnKind.Timestamp => NpgsqlDbType.TimestampTz,
        ColumnKind.Uuid => NpgsqlDbType.Uuid,
        _ => throw new NotSupportedException($"Column kind {kind}."),
    };
}
