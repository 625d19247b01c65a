using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>The statements over one entity's table, written once for each Model.</summary>
internal sealed class EntityTable
{
    private static readonly ConditionalWeakTable<Entity, EntityTable> Tables = [];

    private readonly Entity _entity;
    private readonly string _insert;
    private readonly string _select;
    private readonly Field[] _stored;

    private EntityTable(Entity entity)
    {
        _entity = entity;
        _stored = [.. entity.Fields.Where(f => f.IsStored)];
        var columns = _stored.SelectMany(f => f.Columns).ToList();
        _insert = $"INSERT INTO {SqlDialect.Quote(entity.Table)} ({string.Join(", ", columns.Select(c => SqlDialect.Quote(c.Name)))}) VALUES ({string.Join(", ", columns.Select((_, i) => "$" + (i + 1).ToString(CultureInfo.InvariantCulture)))})";
        var read = _stored.SelectMany(f => f.Columns.Where((_, part) => part != f.Type.TextPart)).Select(c => SqlDialect.Quote(c.Name));
        _select = $"SELECT {string.Join(", ", read)} FROM {SqlDialect.Quote(entity.Table)} WHERE \"id\"";
    }

    public static EntityTable Of(Entity entity) => Tables.GetValue(entity, e => new(e));

    /// <summary>Records by id, those in the recycle bin included; ids without a record are left out.</summary>
    /// <param name="session">Where to read.</param>
    /// <param name="ids">Which records.</param>
    /// <param name="suffix">Appended to the query: <see cref="SqlDialect.LockRows"/> where the records are about to be changed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<Dictionary<Guid, Record>> LoadAsync(Session session, IReadOnlyList<Guid> ids, CancellationToken cancellationToken, string suffix = "")
    {
        var records = new Dictionary<Guid, Record>(ids.Count);
        if (ids.Count == 1)
        {
            await session.ForEachAsync(_select + " = $1" + suffix, [Param.Uuid(ids[0])], Add, cancellationToken);
            return records;
        }
        foreach (var chunk in ids.Distinct().Chunk(200))
        {
            await session.ForEachAsync(_select + " IN " + List(chunk.Length, 0) + suffix, [.. chunk.Select(id => Param.Uuid(id))], Add, cancellationToken);
        }
        return records;

        void Add(Row row)
        {
            var record = Read(row);
            records[record.Id] = record;
        }
    }

    /// <summary>Live records whose <paramref name="lookup"/> points to one of <paramref name="targets"/>, in the order in which they were made.</summary>
    public async ValueTask<List<Record>> LoadChildrenAsync(Session session, Field lookup, IReadOnlyCollection<Guid> targets, CancellationToken cancellationToken)
    {
        var found = new List<Record>();
        var sql = _select[..^"\"id\"".Length] + SqlDialect.Quote(lookup.Columns[0].Name);
        foreach (var chunk in targets.Distinct().Chunk(200))
        {
            await session.ForEachAsync(
                sql + " IN " + List(chunk.Length, 0) + " AND \"deleted_at\" IS NULL ORDER BY \"id\"", [.. chunk.Select(id => Param.Uuid(id))], row => found.Add(Read(row)), cancellationToken);
        }
        return found;
    }

    /// <summary>Which of the ids exist and are not in the recycle bin.</summary>
    public async ValueTask<HashSet<Guid>> ExistingAsync(Session session, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        var found = new HashSet<Guid>();
        foreach (var chunk in ids.Chunk(200))
        {
            await session.ForEachAsync(
                $"SELECT \"id\" FROM {SqlDialect.Quote(_entity.Table)} WHERE \"deleted_at\" IS NULL AND \"id\" IN " + List(chunk.Length, 0),
                [.. chunk.Select(id => Param.Uuid(id))],
                row => found.Add(row.Uuid(0)!.Value),
                cancellationToken);
        }
        return found;
    }

    public ValueTask<int> InsertAsync(Session session, Record record, CancellationToken cancellationToken) =>
        session.ExecuteAsync(_insert, Parameters(record, _stored), cancellationToken);

    /// <summary>Writes the given fields where the version is still the one that was read; 0 if it is not.</summary>
    public ValueTask<int> UpdateAsync(Session session, Record record, IReadOnlyList<Field> fields, long version, CancellationToken cancellationToken)
    {
        var sql = new StringBuilder("UPDATE ").Append(SqlDialect.Quote(_entity.Table)).Append(" SET ");
        var parameter = 0;
        foreach (var column in fields.SelectMany(f => f.Columns))
        {
            sql.Append(parameter == 0 ? "" : ", ").Append(SqlDialect.Quote(column.Name)).Append(CultureInfo.InvariantCulture, $" = ${++parameter}");
        }
        sql.Append(CultureInfo.InvariantCulture, $" WHERE \"id\" = ${parameter + 1} AND \"version\" = ${parameter + 2}");
        return session.ExecuteAsync(sql.ToString(), [.. Parameters(record, fields), Param.Uuid(record.Id), Param.Integer(version)], cancellationToken);
    }

    /// <summary>A live record other than <paramref name="self"/> that has the same values in all <paramref name="fields"/>.</summary>
    public async ValueTask<Guid?> FindTwinAsync(Session session, IReadOnlyList<Field> fields, Record record, Guid self, CancellationToken cancellationToken)
    {
        var parameters = fields.Select(f => SqlParameter.Of(f.Columns[0], ColumnValues(f, record.Values[f.Ordinal])[0])).Append(Param.Uuid(self)).ToList();
        var equal = string.Join(" AND ", fields.Select((f, i) => $"{SqlDialect.Quote(f.Columns[0].Name)} = ${(i + 1).ToString(CultureInfo.InvariantCulture)}"));
        return await session.FirstAsync(
            $"SELECT \"id\" FROM {SqlDialect.Quote(_entity.Table)} WHERE \"deleted_at\" IS NULL AND {equal} AND \"id\" <> ${parameters.Count.ToString(CultureInfo.InvariantCulture)} LIMIT 1",
            parameters,
            row => row.Uuid(0),
            cancellationToken);
    }

    /// <summary>Live records whose <paramref name="lookup"/> points to one of <paramref name="targets"/>.</summary>
    public async ValueTask<List<(Guid Id, Guid Target)>> ReferringAsync(Session session, Field lookup, IReadOnlyList<Guid> targets, int limit, CancellationToken cancellationToken)
    {
        var found = new List<(Guid, Guid)>();
        var column = SqlDialect.Quote(lookup.Columns[0].Name);
        foreach (var chunk in targets.Chunk(200))
        {
            await session.ForEachAsync(
                $"SELECT \"id\", {column} FROM {SqlDialect.Quote(_entity.Table)} WHERE \"deleted_at\" IS NULL AND {column} IN {List(chunk.Length, 0)} LIMIT {limit.ToString(CultureInfo.InvariantCulture)}",
                [.. chunk.Select(id => Param.Uuid(id))],
                row => found.Add((row.Uuid(0)!.Value, row.Uuid(1)!.Value)),
                cancellationToken);
        }
        return found;
    }

    private static string List(int count, int from) => "(" + string.Join(", ", Enumerable.Range(from + 1, count).Select(i => "$" + i.ToString(CultureInfo.InvariantCulture))) + ")";

    private static object?[] ColumnValues(Field field, object? value)
    {
        var values = new object?[field.Columns.Count];
        field.Type.ToColumns(value, values);
        return values;
    }

    private static List<SqlParameter> Parameters(Record record, IEnumerable<Field> fields)
    {
        var parameters = new List<SqlParameter>();
        foreach (var field in fields)
        {
            var values = ColumnValues(field, record.Values[field.Ordinal]);
            for (var i = 0; i < values.Length; i++)
            {
                parameters.Add(SqlParameter.Of(field.Columns[i], values[i]));
            }
        }
        return parameters;
    }

    private Record Read(Row row)
    {
        var record = new Record(_entity);
        var ordinal = 0;
        foreach (var field in _stored)
        {
            record.Values[field.Ordinal] = RecordReader.ReadField(row, field, ref ordinal);
        }
        return record;
    }
}
