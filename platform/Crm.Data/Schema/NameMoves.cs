using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Lets what refers to entities and fields by name, the history, the series of numbers and the uses of files, follow when they get other names.</summary>
internal sealed class NameMoves(Session session, SchemaChange change, CancellationToken cancellationToken)
{
    private const int RowsAtOnce = 500;

    public async Task FollowAsync(NameMove move)
    {
        if (move.FromField is null)
        {
            foreach (var (table, column) in SystemTables.EntityNames)
            {
                if (Exists(table))
                {
                    await session.ExecuteAsync(
                        $"UPDATE {SqlDialect.Quote(table)} SET {SqlDialect.Quote(column)} = $1 WHERE {SqlDialect.Quote(column)} = $2",
                        [Param.Text(move.ToEntity), Param.Text(move.FromEntity)],
                        cancellationToken);
                }
            }
            await MoveReferencesAsync(move.FromEntity, move.ToEntity);
            await MoveSeriesAsync(move.FromEntity + ".", move.ToEntity + ".");
        }
        else
        {
            await MoveHistoryAsync(move.ToEntity, null, move.FromField, move.ToField!);
            foreach (var list in change.Target.Tables.Where(t => t.Entity == move.ToEntity).SelectMany(t => t.Columns).Select(c => c.Field?.OwnedBy).OfType<Field>())
            {
                await MoveHistoryAsync(list.Entity.Name, list.Name, move.FromField, move.ToField!);
            }
            await MoveSeriesAsync($"{move.ToEntity}.{move.FromField}#", $"{move.ToEntity}.{move.ToField}#");
            await MoveFileUsesAsync(move.ToEntity, move.FromField, move.ToField!);
        }
    }

    /// <summary>A reference to records of several entities says in a column of its own which one it means.</summary>
    private async Task MoveReferencesAsync(string from, string to)
    {
        foreach (var (table, column) in change.Renamed.Tables.SelectMany(t => t.Columns.Where(c => c.Suffix == AnyLookupFieldType.EntitySuffix).Select(c => (t.Name, c.Name))))
        {
            await session.ExecuteAsync(
                $"UPDATE {SqlDialect.Quote(table)} SET {SqlDialect.Quote(column)} = $1 WHERE {SqlDialect.Quote(column)} = $2", [Param.Text(to), Param.Text(from)], cancellationToken);
        }
    }

    private async Task MoveSeriesAsync(string from, string to)
    {
        if (Exists(SystemTables.Counter))
        {
            await session.ExecuteAsync(
                $"UPDATE \"{SystemTables.Counter}\" SET \"series\" = $1 || substr(\"series\", {(from.Length + 1).ToString(CultureInfo.InvariantCulture)}) WHERE substr(\"series\", 1, {from.Length.ToString(CultureInfo.InvariantCulture)}) = $2",
                [Param.Text(to), Param.Text(from)],
                cancellationToken);
        }
    }

    /// <summary>What refers to a file is known by its field: under a name that nothing writes any more, a file would be held for ever.</summary>
    private async Task MoveFileUsesAsync(string entity, string from, string to)
    {
        if (!Exists(SystemTables.FileUse))
        {
            return;
        }
        IReadOnlyList<SqlParameter> parameters = [Param.Text(entity), Param.Text(from)];
        await session.ExecuteAsync(
            $"INSERT INTO \"{SystemTables.FileUse}\" (\"file_id\", \"entity\", \"record_id\", \"field\") SELECT \"file_id\", \"entity\", \"record_id\", $3 FROM \"{SystemTables.FileUse}\" " +
            "WHERE \"entity\" = $1 AND \"field\" = $2 ON CONFLICT DO NOTHING",
            [.. parameters, Param.Text(to)],
            cancellationToken);
        await session.ExecuteAsync($"DELETE FROM \"{SystemTables.FileUse}\" WHERE \"entity\" = $1 AND \"field\" = $2", parameters, cancellationToken);
    }

    /// <summary>History names fields inside a JSON text: the member is written anew, everything else stays to the letter.</summary>
    /// <param name="entity">Whose history.</param>
    /// <param name="list">The rows or links whose entries have the field; null where the records themselves have it.</param>
    /// <param name="from">The field's former name.</param>
    /// <param name="to">Its name from now on.</param>
    private async Task MoveHistoryAsync(string entity, string? list, string from, string to)
    {
        if (!Exists(SystemTables.Audit))
        {
            return;
        }
        const string Select = $"SELECT \"id\", \"changes\" FROM \"{SystemTables.Audit}\" WHERE \"entity\" = $1";
        var page = " ORDER BY \"id\" LIMIT " + RowsAtOnce.ToString(CultureInfo.InvariantCulture);
        var rows = await session.QueryAsync(Select + page, [Param.Text(entity)], Read, cancellationToken);
        while (rows.Count > 0)
        {
            var changed = rows.Select(r => (r.Id, Changes: Rename(r.Changes, list, from, to))).Where(r => r.Changes is not null).ToList();
            foreach (var piece in changed.Chunk(FillScan.WrittenAtOnce))
            {
                await session.ExecuteAsync(
                    $"UPDATE \"{SystemTables.Audit}\" SET \"changes\" = v.column2 FROM (VALUES {SqlList.Rows(piece.Length, 2)}) AS v WHERE \"{SystemTables.Audit}\".\"id\" = v.column1",
                    [.. piece.SelectMany(r => new[] { Param.Uuid(r.Id), Param.Text(r.Changes) })],
                    cancellationToken);
            }
            rows = rows.Count < RowsAtOnce ? [] : await session.QueryAsync(Select + " AND \"id\" > $2" + page, [Param.Text(entity), Param.Uuid(rows[^1].Id)], Read, cancellationToken);
        }

        static (Guid Id, string Changes) Read(Row row) => (row.Uuid(0)!.Value, row.Text(1)!);
    }

    private static string? Rename(string changes, string? list, string from, string to)
    {
        if (!changes.Contains($"\"{from}\"", StringComparison.Ordinal))
        {
            return null;
        }
        using var document = JsonDocument.Parse(changes);
        var buffer = new ArrayBufferWriter<byte>(changes.Length + to.Length);
        using (var json = new Utf8JsonWriter(buffer, new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            if (list is null)
            {
                WriteRenamed(json, document.RootElement, from, to);
            }
            else
            {
                json.WriteStartObject();
                foreach (var member in document.RootElement.EnumerateObject())
                {
                    json.WritePropertyName(member.Name);
                    if (member.NameEquals(list))
                    {
                        WriteRenamed(json, member.Value, from, to);
                    }
                    else
                    {
                        member.Value.WriteTo(json);
                    }
                }
                json.WriteEndObject();
            }
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Writes an object, or the objects of a list of lists, with another name for one of their members.</summary>
    private static void WriteRenamed(Utf8JsonWriter json, JsonElement value, string from, string to)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    WriteRenamed(json, item, from, to);
                }
                json.WriteEndArray();
                break;
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    json.WritePropertyName(member.NameEquals(from) ? to : member.Name);
                    member.Value.WriteTo(json);
                }
                json.WriteEndObject();
                break;
            default:
                value.WriteTo(json);
                break;
        }
    }

    /// <summary>A database that is being made has no such tables yet.</summary>
    private bool Exists(string table) => change.Renamed.Find(table) is not null;
}
