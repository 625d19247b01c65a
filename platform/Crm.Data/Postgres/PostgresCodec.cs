using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Crm.Metadata;
using Crm.Rules;
using Npgsql;
using NpgsqlTypes;

namespace Crm.Data.Postgres;

/// <summary>
/// PostgreSQL has a type of its own for every kind of column. Days and moments travel as the numbers that they are there, because Npgsql takes the
/// first and the last of .NET for infinity.
/// </summary>
internal sealed class PostgresCodec : ValueCodec
{
    public static readonly PostgresCodec Instance = new();

    private static readonly DateOnly FirstDay = new(2000, 1, 1);

    private static readonly DateTimeOffset FirstMoment = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>One statement of several that are sent together.</summary>
    public static NpgsqlBatchCommand CreateStatement(string sql, IReadOnlyList<SqlParameter> parameters)
    {
        var statement = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
        {
            statement.Parameters.Add(new() { NpgsqlDbType = TypeOf(parameter.Kind), Value = Encode(parameter.Value) });
        }
        return statement;
    }

    /// <summary>One statement that inserts all rows: an array for each column.</summary>
    public static NpgsqlBatchCommand CreateStatement(RowsInsert into, SqlParameter[] values)
    {
        var statement = new NpgsqlBatchCommand(into.FromArrays);
        var column = new object?[values.Length / into.Columns];
        for (var i = 0; i < into.Columns; i++)
        {
            for (var row = 0; row < column.Length; row++)
            {
                column[row] = values[(row * into.Columns) + i].Value;
            }
            statement.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Array | TypeOf(values[i].Kind), Value = Typed(values[i].Kind, column) });
        }
        return statement;
    }

    internal override DbParameter CreateParameter(int index, ColumnKind kind) => new NpgsqlParameter { NpgsqlDbType = TypeOf(kind) };

    internal override void Set(DbParameter parameter, SqlParameter value) => parameter.Value = Encode(value.Value);

    internal override object Read(DbDataReader reader, int ordinal, ColumnKind kind, int scale) => kind switch
    {
        ColumnKind.Text => reader.GetString(ordinal),
        ColumnKind.Integer => reader.GetInt64(ordinal),
        ColumnKind.Decimal => reader.GetDecimal(ordinal),
        ColumnKind.Boolean => reader.GetBoolean(ordinal),
        ColumnKind.Date => Day(reader, ordinal),
        ColumnKind.Timestamp => Moment(reader, ordinal),
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
            case ColumnKind.Date: json.WriteStringValue(Day(reader, ordinal).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)); break;
            case ColumnKind.Timestamp: Iso8601.WriteJson(json, Moment(reader, ordinal)); break;
            case ColumnKind.Uuid: json.WriteStringValue(reader.GetGuid(ordinal)); break;
            default: throw new NotSupportedException($"Column kind {kind}.");
        }
    }

    private static DateOnly Day(DbDataReader reader, int ordinal) => FirstDay.AddDays(reader.GetFieldValue<int>(ordinal));

    private static DateTimeOffset Moment(DbDataReader reader, int ordinal) => FirstMoment.AddTicks(reader.GetFieldValue<long>(ordinal) * TimeSpan.TicksPerMicrosecond);

    private static object Encode(object? value) => value switch
    {
        null => DBNull.Value,
        DateOnly day => Days(day),
        DateTimeOffset moment => Microseconds(moment),
        _ => value,
    };

    private static int Days(DateOnly day) => day.DayNumber - FirstDay.DayNumber;

    private static long Microseconds(DateTimeOffset moment) => (moment.UtcTicks - FirstMoment.Ticks) / TimeSpan.TicksPerMicrosecond;

    private static Array Typed(ColumnKind kind, object?[] values) => kind switch
    {
        ColumnKind.Text => Array.ConvertAll(values, v => (string?)v),
        ColumnKind.Integer => Array.ConvertAll(values, v => v is null ? null : (long?)Convert.ToInt64(v, CultureInfo.InvariantCulture)),
        ColumnKind.Decimal => Array.ConvertAll(values, v => (decimal?)v),
        ColumnKind.Boolean => Array.ConvertAll(values, v => (bool?)v),
        ColumnKind.Date => Array.ConvertAll(values, v => v is DateOnly day ? Days(day) : (int?)null),
        ColumnKind.Timestamp => Array.ConvertAll(values, v => v is DateTimeOffset moment ? Microseconds(moment) : (long?)null),
        ColumnKind.Uuid => Array.ConvertAll(values, v => (Guid?)v),
        _ => throw new NotSupportedException($"Column kind {kind}."),
    };

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
