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

    /// <summary>Values in one list, and parts of one value, at most.</summary>
    private const int ChunkSize = 200, MaxParts = 16;

    private readonly Entity _entity;
    private readonly RowsInsert _insert;
    private readonly string _select;
    private readonly Field[] _stored;
    private readonly int _columns;

    private EntityTable(Entity entity)
    {
        _entity = entity;
        _stored = [.. entity.Fields.Where(f => f.IsStored)];
        var columns = _stored.SelectMany(f => f.Columns).ToList();
        _insert = new(entity.Table, [.. columns.Select(c => c.Name)]);
        _columns = columns.Count;
        var read = _stored.SelectMany(f => f.ReadParts.Select(part => f.Columns[part])).Select(c => SqlDialect.Quote(c.Name));
        _select = $"SELECT {string.Join(", ", read)} FROM {SqlDialect.Quote(entity.Table)} WHERE \"id\"";
    }

    public static EntityTable Of(Entity entity) => Tables.GetValue(entity, e => new(e));

    /// <summary>Records by id, those in the recycle bin included; ids without a record are left out.</summary>
    /// <param name="session">Where to read.</param>
    /// <param name="ids">Which records.</param>
    /// <param name="suffix">Appended to the query: <see cref="SqlDialect.LockRows"/> and its like where the records are about to be changed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<Dictionary<Guid, Record>> LoadAsync(Session session, IReadOnlyList<Guid> ids, CancellationToken cancellationToken, string suffix = "")
    {
        var records = new Dictionary<Guid, Record>(ids.Count);
        if (ids.Count == 1)
        {
            await session.ForEachAsync(_select + " = $1" + suffix, [Param.Uuid(ids[0])], Add, cancellationToken);
            return records;
        }
        foreach (var chunk in ids.Distinct().Chunk(ChunkSize))
        {
            await session.ForEachAsync(_select + " IN " + List(Padded(chunk.Length), 0) + suffix, Ids(chunk), Add, cancellationToken);
        }
        return records;

        void Add(Row row)
        {
            var record = Read(row);
            records[record.Id] = record;
        }
    }

    /// <summary>Reads a record whose change will say by its version whether it is still as it was read.</summary>
    /// <returns>None where there is no such record; null where it cannot be read without being locked.</returns>
    public async ValueTask<Dictionary<Guid, Record>?> LoadAheadAsync(Session session, Guid id, CancellationToken cancellationToken)
    {
        var records = new Dictionary<Guid, Record>(1);
        return await session.ReadAheadAsync(_select + " = $1", [Param.Uuid(id)], row => records[id] = Read(row), cancellationToken) ? records : null;
    }

    /// <summary>
    /// Indexes of texts are over the folded form, by which lists are ordered. Where a key is such a text, asking for that form too leads along
    /// the index; without it every record would be looked at.
    /// </summary>
    private Column? FoldedIndex(IReadOnlyList<Field> fields) =>
        fields is [{ Type: TextualFieldType, Definition.Unique: false } field] && field.Type is not AutonumberFieldType && _entity.Definition.Indexes.Any(i => i.Count > 0 && i[0] == field.Name) ? field.Columns[field.Type.SortPart] : null;

    /// <summary>Live records whose <paramref name="lookup"/> points to one of <paramref name="targets"/>, in the order in which they were made.</summary>
    public async ValueTask<List<Record>> LoadChildrenAsync(Session session, Field lookup, IReadOnlyCollection<Guid> targets, CancellationToken cancellationToken)
    {
        var found = new List<Record>();
        var sql = _select[..^"\"id\"".Length] + SqlDialect.Quote(lookup.Columns[0].Name);
        foreach (var chunk in targets.Distinct().Chunk(ChunkSize))
        {
            await session.ForEachAsync(
                sql + " IN " + List(chunk.Length, 0) + " AND \"deleted_at\" IS NULL ORDER BY \"id\"", [.. chunk.Select(id => Param.Uuid(id))], row => found.Add(Read(row)), cancellationToken);
        }
        return found;
    }

    /// <summary>Which of the ids exist and are not in the recycle bin; <paramref name="suffix"/> is <see cref="SqlDialect.KeepRows"/> where they are to stay.</summary>
    public async ValueTask<HashSet<Guid>> ExistingAsync(Session session, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken, string suffix = "")
    {
        var found = new HashSet<Guid>();
        foreach (var chunk in ids.Chunk(ChunkSize))
        {
            await session.ForEachAsync(
                $"SELECT \"id\" FROM {SqlDialect.Quote(_entity.Table)} WHERE \"deleted_at\" IS NULL AND \"id\" IN " + List(Padded(chunk.Length), 0) + suffix,
                Ids(chunk),
                row => found.Add(row.Uuid(0)!.Value),
                cancellationToken);
        }
        return found;
    }

    /// <summary>What the records among <paramref name="ids"/> are called, those in the recycle bin included; empty text for one without a title.</summary>
    public async ValueTask ReadTitlesAsync(Session session, IReadOnlyCollection<Guid> ids, Dictionary<Guid, string> titles, CancellationToken cancellationToken)
    {
        var title = _entity.TitleField!;
        var columns = title.ReadParts.Select(part => SqlDialect.Quote(title.Columns[part].Name));
        var sql = $"SELECT \"id\", {string.Join(", ", columns)} FROM {SqlDialect.Quote(_entity.Table)} WHERE \"id\" IN ";
        foreach (var chunk in ids.Chunk(ChunkSize))
        {
            await session.ForEachAsync(sql + List(chunk.Length, 0), [.. chunk.Select(id => Param.Uuid(id))], Add, cancellationToken);
        }

        void Add(Row row)
        {
            var ordinal = 1;
            titles[row.Uuid(0)!.Value] = RecordReader.ReadField(row, title, ref ordinal) is { } value ? title.Type.ToText(value, CultureInfo.CurrentCulture) : "";
        }
    }

    /// <summary>Which of the ids belong to live records that fulfil a condition.</summary>
    public ValueTask<HashSet<Guid>> FittingAsync(Session session, SqlDialect dialect, Condition condition, ConditionScope scope, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) =>
        AmongAsync(session, dialect, ids, sql => RecordReader.Where(new(_entity) { Filter = condition }, sql, scope), cancellationToken);

    /// <summary>To which of the ids a live record points that fulfils the condition of a question, those that are left out apart.</summary>
    public ValueTask<HashSet<Guid>> HavingAsync(Session session, SqlDialect dialect, ChildExists question, IReadOnlyList<Guid> leftOut, ConditionScope scope, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        var child = question.Path.Child.Fields[Entity.IdOrdinal];
        var others = leftOut.Count == 0 ? null : new Comparison(new([child]), ConditionOperator.NotIn, new Constants([.. leftOut]));
        var asked = new ChildExists(question.Path with { Through = null }, Condition.And(question.Where, others));
        return AmongAsync(session, dialect, ids, sql => ConditionSql.Translate(asked, sql, scope), cancellationToken);
    }

    private async ValueTask<HashSet<Guid>> AmongAsync(Session session, SqlDialect dialect, IReadOnlyCollection<Guid> ids, Func<SqlQuery, string> condition, CancellationToken cancellationToken)
    {
        var found = new HashSet<Guid>();
        foreach (var chunk in ids.Chunk(ChunkSize))
        {
            var sql = new SqlQuery(dialect, _entity);
            var where = condition(sql);
            var list = string.Join(", ", chunk.Select(id => sql.Parameter(Param.Uuid(id))));
            await session.ForEachAsync($"SELECT t.\"id\" FROM {sql.From} WHERE {where} AND t.\"id\" IN ({list})", sql.Parameters, row => found.Add(row.Uuid(0)!.Value), cancellationToken);
        }
        return found;
    }

    public async ValueTask InsertAsync(Session session, IReadOnlyList<Record> records, CancellationToken cancellationToken)
    {
        session.NoteTexts(_entity.Table, records.Count);
        using var values = new LentValues(records.Count * _columns);
        var at = 0;
        foreach (var record in records)
        {
            at = Fill(values.Array, at, record, _stored);
        }
        await session.InsertAsync(_insert, values.All, cancellationToken);
    }

    /// <summary>Writes the given fields of a record if its version is still the one that was read; one that was read with <see cref="SqlDialect.LockRows"/> has it.</summary>
    public ValueTask UpdateAsync(Session session, Record record, IReadOnlyList<Field> fields, long version, CancellationToken cancellationToken)
    {
        var sql = new StringBuilder("UPDATE ").Append(SqlDialect.Quote(_entity.Table)).Append(" SET ");
        var parameter = 0;
        foreach (var column in fields.SelectMany(f => f.Columns))
        {
            sql.Append(parameter == 0 ? "" : ", ").Append(SqlDialect.Quote(column.Name)).Append(CultureInfo.InvariantCulture, $" = ${++parameter}");
        }
        if (fields.Any(f => f.IsSearched))
        {
            session.NoteTexts(_entity.Table, 1);
        }
        var parameters = new SqlParameter[parameter + 2];
        Fill(parameters, 0, record, fields);
        (parameters[parameter], parameters[parameter + 1]) = (Param.Uuid(record.Id), Param.Integer(version));
        sql.Append(CultureInfo.InvariantCulture, $" WHERE \"id\" = ${parameter + 1} AND \"version\" = ${parameter + 2}");
        return session.ExecuteLaterAsync(sql.ToString(), parameters, cancellationToken);
    }

    /// <summary>Live records whose values in all <paramref name="fields"/> are those of one of <paramref name="keys"/>; each key holds the fields' principal columns.</summary>
    public async ValueTask ForEachWithAsync(Session session, IReadOnlyList<Field> fields, IReadOnlyList<object[]> keys, Action<Guid, object[]> each, CancellationToken cancellationToken)
    {
        var columns = fields.Select(f => f.Columns[0]).ToList();
        var names = columns.Select(c => SqlDialect.Quote(c.Name)).ToList();
        var folded = FoldedIndex(fields);
        foreach (var chunk in keys.Chunk(ChunkSize))
        {
            var size = Padded(chunk.Length);
            var parameters = new List<SqlParameter>(size * columns.Count * 2);
            for (var i = 0; i < size; i++)
            {
                var key = chunk[Math.Min(i, chunk.Length - 1)];
                parameters.AddRange(columns.Select((c, part) => SqlParameter.Of(c, key[part])));
            }
            if (folded is not null)
            {
                parameters.AddRange(Enumerable.Range(0, size).Select(i => SqlParameter.Of(folded, Folding.Fold((string)chunk[Math.Min(i, chunk.Length - 1)][0]))));
            }
            var condition = columns.Count == 1
                ? $"{names[0]} IN {List(size, 0)}" + (folded is null ? "" : $" AND {SqlDialect.Quote(folded.Name)} IN {List(size, size)}")
                : string.Join(" OR ", Enumerable.Range(0, size).Select(i => "(" + string.Join(" AND ", names.Select((n, part) => $"{n} = ${((i * names.Count) + part + 1).ToString(CultureInfo.InvariantCulture)}")) + ")"));
            await session.ForEachAsync(
                $"SELECT \"id\", {string.Join(", ", names)} FROM {SqlDialect.Quote(_entity.Table)} WHERE \"deleted_at\" IS NULL AND ({condition})",
                parameters,
                row => each(row.Uuid(0)!.Value, [.. columns.Select((c, part) => row.Value(part + 1, c)!)]),
                cancellationToken);
        }
    }

    /// <summary>
    /// Live records whose <paramref name="lookup"/> points to one of <paramref name="targets"/>, which are records of <paramref name="target"/>; where there are
    /// more than <paramref name="limit"/>, so many of them.
    /// </summary>
    public async ValueTask<List<(Guid Id, Guid Target)>> ReferringAsync(Session session, Field lookup, Entity target, IReadOnlyList<Guid> targets, int limit, CancellationToken cancellationToken)
    {
        var found = new List<(Guid, Guid)>();
        var column = SqlDialect.Quote(lookup.Columns[0].Name);
        foreach (var chunk in targets.Chunk(ChunkSize).TakeWhile(_ => found.Count < limit))
        {
            var ids = Ids(chunk);
            await session.ForEachAsync(
                $"SELECT \"id\", {column} FROM {SqlDialect.Quote(_entity.Table)} WHERE \"deleted_at\" IS NULL AND {column} IN {List(ids.Length, 0)}{OfKind(lookup, "", ids.Length + 2)} LIMIT {Place(ids.Length + 1)}",
                [.. ids, Param.Integer(limit - found.Count), .. KindOf(lookup, target)],
                row => found.Add((row.Uuid(0)!.Value, row.Uuid(1)!.Value)),
                cancellationToken);
        }
        return found;
    }

    /// <summary>
    /// Records that one of the <paramref name="changeSets"/> put into the recycle bin and that have lain there since, as far as their <paramref name="lookup"/>
    /// points to a record of <paramref name="target"/>. Indexes are over live records: it is history that leads to the others.
    /// </summary>
    public async ValueTask<List<(Guid Id, Guid Target, Guid ChangeSet)>> DeletedWithAsync(Session session, Field lookup, Entity target, IReadOnlyCollection<Guid> changeSets, CancellationToken cancellationToken)
    {
        var found = new List<(Guid, Guid, Guid)>();
        var column = SqlDialect.Quote(lookup.Columns[0].Name);
        foreach (var chunk in changeSets.Chunk(ChunkSize))
        {
            var ids = Ids(chunk);
            await session.ForEachAsync(
                $"SELECT t.\"id\", t.{column}, a.\"change_set\" FROM \"{SystemTables.Audit}\" a JOIN {SqlDialect.Quote(_entity.Table)} t ON t.\"id\" = a.\"record_id\" AND t.\"version\" = a.\"version\" " +
                $"WHERE a.\"change_set\" IN {List(ids.Length, 0)} AND a.\"entity\" = {Place(ids.Length + 1)} AND a.\"kind\" = 'delete' AND t.{column} IS NOT NULL{OfKind(lookup, "t.", ids.Length + 2)}",
                [.. ids, Param.Text(_entity.Name), .. KindOf(lookup, target)],
                row => found.Add((row.Uuid(0)!.Value, row.Uuid(1)!.Value, row.Uuid(2)!.Value)),
                cancellationToken);
        }
        return found;
    }

    /// <summary>A lookup into several entities has to say which one it means.</summary>
    private static string OfKind(Field lookup, string table, int parameter) =>
        lookup.Type is AnyLookupFieldType ? $" AND {table}{SqlDialect.Quote(lookup.Columns[AnyLookupFieldType.EntityPart].Name)} = {Place(parameter)}" : "";

    private static SqlParameter[] KindOf(Field lookup, Entity target) => lookup.Type is AnyLookupFieldType ? [Param.Text(target.Name)] : [];

    private static string List(int count, int from) => "(" + string.Join(", ", Enumerable.Range(from + 1, count).Select(Place)) + ")";

    private static string Place(int parameter) => "$" + parameter.ToString(CultureInfo.InvariantCulture);

    /// <summary>Lists come in few lengths, the last value repeated, so that few statements are prepared.</summary>
    private static int Padded(int count) => count <= 1 ? 1 : count <= 8 ? 8 : count <= 64 ? 64 : ChunkSize;

    private static SqlParameter[] Ids(Guid[] chunk)
    {
        var parameters = new SqlParameter[Padded(chunk.Length)];
        for (var i = 0; i < parameters.Length; i++)
        {
            parameters[i] = Param.Uuid(chunk[Math.Min(i, chunk.Length - 1)]);
        }
        return parameters;
    }

    private static int Fill(SqlParameter[] parameters, int at, Record record, IEnumerable<Field> fields)
    {
        var values = new object?[MaxParts];
        foreach (var field in fields)
        {
            var columns = field.Columns;
            Array.Clear(values);
            field.Type.ToColumns(record.Values[field.Ordinal], values.AsSpan(0, columns.Count));
            for (var part = 0; part < columns.Count; part++)
            {
                parameters[at++] = SqlParameter.Of(columns[part], values[part]);
            }
        }
        return at;
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
