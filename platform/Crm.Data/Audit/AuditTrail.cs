using System.Buffers;
using System.Text;
using System.Text.Json;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>One change of a record: who, when, by which door, from what to what.</summary>
/// <param name="ById">Null for the platform itself.</param>
/// <param name="ByName">Name of the person now; null for the platform itself.</param>
public sealed record AuditEntry(Guid Id, long Version, ChangeKind Kind, DateTimeOffset At, Guid? ById, string? ByName, Door Door, Guid ChangeSet, string? Cause, IReadOnlyList<FieldChange> Changes);

/// <summary>A field before and after.</summary>
public sealed record FieldChange(Field Field, object? Before, object? After);

/// <summary>A value that a field had for a while.</summary>
/// <param name="Until">Null while it still has it.</param>
public sealed record FieldStay(object? Value, DateTimeOffset From, DateTimeOffset? Until);

/// <summary>One change of a change set.</summary>
internal sealed record ChangeRow(
    Entity Entity, Guid RecordId, long Version, ChangeKind Kind, Guid ChangeSet, DateTimeOffset At, Guid? By, Door Door, string? Cause, IReadOnlyList<FieldChange> Changes);

/// <summary>
/// One row a change, complete enough to rebuild the record as of any moment: a creation holds all values, an update those that changed,
/// each as [before, after] in the form of the API.
/// </summary>
internal static class AuditTrail
{
    private const int ChunkSize = 200;

    private static readonly string[] Columns = ["id", "entity", "record_id", "version", "kind", "at", "by", "door", "change_set", "cause", "changes"];

    private static readonly RowsInsert Insert = new(SystemTables.Audit, Columns);

    private const string Select =
        "SELECT a.\"id\", a.\"version\", a.\"kind\", a.\"at\", a.\"by\", u.\"name\", a.\"door\", a.\"change_set\", a.\"cause\", a.\"changes\" " +
        $"FROM \"{SystemTables.Audit}\" a LEFT JOIN \"user\" u ON u.\"id\" = a.\"by\" WHERE a.\"record_id\" = $1 AND a.\"entity\" = $2";

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    private static readonly JsonWriterOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async ValueTask WriteAsync(WriteBatch batch, IdSource ids, IReadOnlyList<RecordChange> changes, CancellationToken cancellationToken)
    {
        using var values = new LentValues(changes.Count * Columns.Length);
        var at = 0;
        var (door, changeSet, cause) = (Param.Text(Names.Of(batch.Request.Door)), Param.Uuid(batch.ChangeSet), Param.Text(batch.Request.Cause));
        foreach (var change in changes)
        {
            var (moment, by) = change.Stamp ?? (batch.Now, batch.Request.Actor.UserId);
            ReadOnlySpan<SqlParameter> row =
            [
                Param.Uuid(ids.Next()), Param.Text(change.Entity.Name), Param.Uuid(change.Id), Param.Integer(change.After!.Version), Param.Text(Names.Of(change.Kind)), Param.Timestamp(moment),
                Param.Uuid(by), door, changeSet, cause, Param.Text(ChangesJson(change)),
            ];
            row.CopyTo(values.Array.AsSpan(at));
            at += row.Length;
        }
        await batch.Session.InsertAsync(Insert, values.All, cancellationToken);
    }

    /// <summary>What one change set did, record by record and in order, up to <paramref name="limit"/> rows; entities that metadata no longer has are left out.</summary>
    public static async Task<IReadOnlyList<ChangeRow>> ReadSetAsync(Session session, Model model, Guid changeSet, int limit, CancellationToken cancellationToken) =>
        [.. (await session.QueryAsync(
            $"SELECT \"entity\", \"record_id\", \"version\", \"kind\", \"at\", \"by\", \"door\", \"cause\", \"changes\" FROM \"{SystemTables.Audit}\" WHERE \"change_set\" = $1 ORDER BY \"entity\", \"record_id\", \"version\" LIMIT $2",
            [Param.Uuid(changeSet), Param.Integer(limit)],
            row => model.Find(row.Text(0)!) is { } entity
                ? new ChangeRow(
                    entity, row.Uuid(1)!.Value, row.Integer(2)!.Value, Names.Parse<ChangeKind>(row.Text(3)!), changeSet, row.Timestamp(4)!.Value, row.Uuid(5), Names.Parse<Door>(row.Text(6)!), row.Text(7),
                    ReadChanges(row.Text(8)!, entity))
                : null,
            cancellationToken)).OfType<ChangeRow>()];

    /// <summary>Which kind of change made this version of a record, in which change set and why; null if no history is kept.</summary>
    public static async Task<(ChangeKind Kind, Guid ChangeSet, string? Cause)?> FindAsync(Session session, Guid recordId, long version, CancellationToken cancellationToken) =>
        await session.FirstAsync<(ChangeKind, Guid, string?)?>(
            $"SELECT \"kind\", \"change_set\", \"cause\" FROM \"{SystemTables.Audit}\" WHERE \"record_id\" = $1 AND \"version\" = $2",
            [Param.Uuid(recordId), Param.Integer(version)],
            row => (Names.Parse<ChangeKind>(row.Text(0)!), row.Uuid(1)!.Value, row.Text(2)),
            cancellationToken);

    /// <summary>The change sets that put records into the recycle bin, by record; those apart of which no history is kept.</summary>
    /// <param name="session">Where to read.</param>
    /// <param name="entity">Whose records.</param>
    /// <param name="versions">The version that each of them has in the bin.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async ValueTask<Dictionary<Guid, Guid>> DeletionsAsync(Session session, Entity entity, IReadOnlyDictionary<Guid, long> versions, CancellationToken cancellationToken)
    {
        var found = new Dictionary<Guid, Guid>();
        foreach (var chunk in versions.Keys.Chunk(ChunkSize))
        {
            await session.ForEachAsync(
                $"SELECT \"record_id\", \"version\", \"change_set\" FROM \"{SystemTables.Audit}\" WHERE \"entity\" = $1 AND \"kind\" = 'delete' AND \"record_id\" IN {List(chunk.Length, 1)}",
                [Param.Text(entity.Name), .. chunk.Select(id => Param.Uuid(id))],
                row =>
                {
                    if (versions[row.Uuid(0)!.Value] == row.Integer(1))
                    {
                        found[row.Uuid(0)!.Value] = row.Uuid(2)!.Value;
                    }
                },
                cancellationToken);
        }
        return found;
    }

    /// <summary>What change sets did, by the names of the entities that they did it to.</summary>
    public static async ValueTask<HashSet<(string Entity, ChangeKind Kind)>> KindsAsync(Session session, IReadOnlyCollection<Guid> changeSets, CancellationToken cancellationToken)
    {
        var found = new HashSet<(string, ChangeKind)>();
        foreach (var chunk in changeSets.Chunk(ChunkSize))
        {
            await session.ForEachAsync(
                $"SELECT DISTINCT \"entity\", \"kind\" FROM \"{SystemTables.Audit}\" WHERE \"change_set\" IN {List(chunk.Length, 0)}",
                [.. chunk.Select(id => Param.Uuid(id))],
                row => found.Add((row.Text(0)!, Names.Parse<ChangeKind>(row.Text(1)!))),
                cancellationToken);
        }
        return found;
    }

    /// <summary>Which records lost the value of one of the <paramref name="fields"/> in change sets, and which value that was.</summary>
    public static async ValueTask<List<(Field Field, Guid Id, object Value, Guid ChangeSet)>> EmptiedAsync(Session session, IReadOnlyList<Field> fields, IReadOnlyCollection<Guid> changeSets, CancellationToken cancellationToken)
    {
        if (fields.Count == 0)
        {
            return [];
        }
        var found = new List<(Field, Guid, object, Guid)>();
        var entities = fields.Select(f => f.Entity).Distinct().ToDictionary(e => e.Name, StringComparer.Ordinal);
        // Names of fields hold no quotes: the text narrows, and reading decides.
        List<string> texts = [.. fields.Select(f => $"%\"{f.Name}\":[%").Distinct(StringComparer.Ordinal)];
        foreach (var chunk in changeSets.Chunk(ChunkSize))
        {
            var narrowed = string.Join(" OR ", texts.Select((_, i) => $"\"changes\" LIKE {Place(chunk.Length + entities.Count + i + 1)}"));
            await session.ForEachAsync(
                $"SELECT \"entity\", \"record_id\", \"change_set\", \"changes\" FROM \"{SystemTables.Audit}\" " +
                $"WHERE \"change_set\" IN {List(chunk.Length, 0)} AND \"entity\" IN {List(entities.Count, chunk.Length)} AND \"kind\" = 'update' AND ({narrowed})",
                [.. chunk.Select(id => Param.Uuid(id)), .. entities.Keys.Select(name => Param.Text(name)), .. texts.Select(text => Param.Text(text))],
                row => found.AddRange(ReadChanges(row.Text(3)!, entities[row.Text(0)!])
                    .Where(c => c is { Before: not null, After: null } && fields.Contains(c.Field))
                    .Select(c => (c.Field, row.Uuid(1)!.Value, c.Before!, row.Uuid(2)!.Value))),
                cancellationToken);
        }
        return found;
    }

    /// <summary>The latest changes of a record, or those before a position, newest first.</summary>
    public static async Task<IReadOnlyList<AuditEntry>> ReadAsync(Session session, Entity entity, Guid recordId, (long Version, Guid Id)? before, int limit, CancellationToken cancellationToken) =>
        await session.QueryAsync(
            Select + (before is null ? "" : " AND (a.\"version\" < $4 OR (a.\"version\" = $4 AND a.\"id\" < $5))") + " ORDER BY a.\"version\" DESC, a.\"id\" DESC LIMIT $3",
            [Param.Uuid(recordId), Param.Text(entity.Name), Param.Integer(limit), .. before is { } start ? [Param.Integer(start.Version), Param.Uuid(start.Id)] : (SqlParameter[])[]],
            row => Read(row, entity),
            cancellationToken);

    /// <summary>Every change of a record from a version on, newest first.</summary>
    public static async Task<IReadOnlyList<AuditEntry>> ReadBackToAsync(Session session, Entity entity, Guid recordId, long version, CancellationToken cancellationToken) =>
        await session.QueryAsync(
            Select + " AND a.\"version\" >= $3 ORDER BY a.\"version\" DESC, a.\"id\" DESC", [Param.Uuid(recordId), Param.Text(entity.Name), Param.Integer(version)], row => Read(row, entity), cancellationToken);

    /// <summary>Changes of a record before a position, newest first.</summary>
    public static async Task<IReadOnlyList<AuditEntry>> ReadPageAsync(Session session, Entity entity, Guid recordId, (DateTimeOffset At, Guid Id)? before, int limit, CancellationToken cancellationToken)
    {
        List<Rules.SqlParameter> parameters = [Param.Uuid(recordId), Param.Text(entity.Name)];
        var position = "";
        if (before is { } start)
        {
            parameters.AddRange([Param.Timestamp(start.At), Param.Uuid(start.Id)]);
            position = " AND (a.\"at\" < $3 OR (a.\"at\" = $3 AND a.\"id\" < $4))";
        }
        parameters.Add(Param.Integer(limit));
        var last = parameters.Count.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return await session.QueryAsync(Select + position + " ORDER BY a.\"at\" DESC, a.\"id\" DESC LIMIT $" + last, parameters, row => Read(row, entity), cancellationToken);
    }

    /// <summary>What happened to each field in the changes after a version, the earliest first: its value before the first is what it was at that version.</summary>
    public static async Task<Dictionary<Field, List<FieldChange>>> ChangedSinceAsync(Session session, Entity entity, Guid recordId, long version, CancellationToken cancellationToken)
    {
        var rows = await session.QueryAsync(
            $"SELECT \"changes\" FROM \"{SystemTables.Audit}\" WHERE \"record_id\" = $1 AND \"version\" > $2 ORDER BY \"version\"",
            [Param.Uuid(recordId), Param.Integer(version)],
            row => ReadChanges(row.Text(0)!, entity),
            cancellationToken);
        return rows.SelectMany(r => r).GroupBy(c => c.Field).ToDictionary(g => g.Key, g => g.ToList());
    }

    /// <summary>The moments at which a field got another value, all of them, oldest first, with that value.</summary>
    public static async Task<IReadOnlyList<(DateTimeOffset At, object? Value)>> ReadFieldAsync(Session session, Field field, Guid recordId, CancellationToken cancellationToken)
    {
        var moments = new List<(DateTimeOffset, object?)>();
        // Names of fields hold no quotes: the text narrows, and reading decides.
        await session.ForEachAsync(
            $"SELECT \"at\", \"changes\" FROM \"{SystemTables.Audit}\" WHERE \"record_id\" = $1 AND \"entity\" = $2 AND \"changes\" LIKE $3 ORDER BY \"version\"",
            [Param.Uuid(recordId), Param.Text(field.Entity.Name), Param.Text($"%\"{field.Name}\":[%")],
            row =>
            {
                using var changes = JsonDocument.Parse(row.Text(1)!);
                if (changes.RootElement.TryGetProperty(field.Name, out var change))
                {
                    moments.Add((row.Timestamp(0)!.Value, Read(field, change[1])));
                }
            },
            cancellationToken);
        return moments;
    }

    /// <summary>When each of the records last came to the value that a field has now; one statement for all. Records without history are left out.</summary>
    public static async Task<Dictionary<Guid, DateTimeOffset>> SinceAsync(Session session, Field field, IReadOnlyList<Guid> records, CancellationToken cancellationToken)
    {
        if (records.Count == 0)
        {
            return [];
        }
        var list = string.Join(", ", Enumerable.Range(2, records.Count).Select(i => "$" + i.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        // Each change names its fields as members; a text that happens to hold the same letters would have its quotes escaped.
        var found = await session.QueryAsync(
            $"SELECT \"record_id\", max(\"at\") FROM \"{SystemTables.Audit}\" WHERE \"record_id\" IN ({list}) AND (\"kind\" = 'create' OR \"changes\" LIKE $1) GROUP BY \"record_id\"",
            [Param.Text($"%\"{field.Name}\":[%"), .. records.Select(id => Param.Uuid(id))],
            row => (Id: row.Uuid(0)!.Value, At: row.Timestamp(1)!.Value),
            cancellationToken);
        return found.ToDictionary(f => f.Id, f => f.At);
    }

    private static string List(int count, int from) => "(" + string.Join(", ", Enumerable.Range(from + 1, count).Select(Place)) + ")";

    private static string Place(int parameter) => "$" + parameter.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string ChangesJson(RecordChange change)
    {
        // One writer a thread: this runs for every record of every import.
        var buffer = _buffer ??= new(1024);
        var json = _writer ??= new(buffer, Readable);
        buffer.ResetWrittenCount();
        json.Reset(buffer);
        json.WriteStartObject();
        foreach (var field in change.ChangedFields().Where(f => f.Definition.Audit))
        {
            json.WriteStartArray(field.Name);
            Write(json, field, change.Before?.Values[field.Ordinal]);
            Write(json, field, change.After!.Values[field.Ordinal]);
            json.WriteEndArray();
        }
        json.WriteEndObject();
        json.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, Field field, object? value)
    {
        if (value is null)
        {
            json.WriteNullValue();
        }
        else
        {
            field.Type.WriteJson(json, value);
        }
    }

    /// <summary>Fields that metadata no longer has are left out.</summary>
    private static List<FieldChange> ReadChanges(string json, Entity entity)
    {
        using var document = JsonDocument.Parse(json);
        var changes = new List<FieldChange>();
        foreach (var member in document.RootElement.EnumerateObject())
        {
            if (entity.Find(member.Name) is { } field)
            {
                changes.Add(new(field, Read(field, member.Value[0]), Read(field, member.Value[1])));
            }
        }
        return changes;
    }

    private static AuditEntry Read(Row row, Entity entity) => new(
        row.Uuid(0)!.Value, row.Integer(1)!.Value, Names.Parse<ChangeKind>(row.Text(2)!), row.Timestamp(3)!.Value, row.Uuid(4), row.Text(5), Names.Parse<Door>(row.Text(6)!), row.Uuid(7)!.Value, row.Text(8),
        ReadChanges(row.Text(9)!, entity));

    private static object? Read(Field field, JsonElement json) =>
        json.ValueKind == JsonValueKind.Null ? null
        : field.Type is CollectionFieldType collection ? ItemList.ReadNoted(collection, json)
        : field.Type.FromJson(json).Value;
}
