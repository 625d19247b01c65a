using System.Buffers;
using System.Security.Cryptography;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>
/// Takes files in and gives them out, always as streams. What a file is, is known from its content; where it lies, from its id. Who may
/// read a record that refers to a file may read the file; until one does, only who brought it.
/// </summary>
public sealed class FileStore(Database database, RecordStore store, ModelSource models, FileArea area, IdSource ids, TimeProvider time)
{
    /// <summary>How long a file may wait for a record to refer to it.</summary>
    public static readonly TimeSpan Unattached = TimeSpan.FromDays(1);

    /// <summary>How long a file is kept after the last record let go of it, so that the change can be taken back.</summary>
    public static readonly TimeSpan Released = TimeSpan.FromDays(30);

    private const int MaxName = 200;

    /// <summary>The most that any field of the Model takes.</summary>
    public long Limit => models.Current.Entities.Values.SelectMany(e => e.OwnFields).Select(f => f.Type).OfType<FileBasedFieldType>().Select(t => t.MaxSize).DefaultIfEmpty(new FileFieldType().MaxSize).Max();

    /// <summary>Keeps a content. It is refused if it is a program, or not what its name says.</summary>
    /// <exception cref="ProblemException">It is refused.</exception>
    /// <exception cref="FileTooLargeException">It is longer than <paramref name="limit"/>; nothing is kept.</exception>
    public async Task<StoredFile> SaveAsync(string name, Stream content, long limit, Actor actor, Action<long>? progress = null, CancellationToken cancellationToken = default)
    {
        var id = ids.Next();
        var cleanName = CleanName(name);
        try
        {
            var (head, size, hash) = await ReceiveAsync(id, content, limit, progress, cancellationToken);
            var type = FileKinds.Detect(head, cleanName) ?? throw new ProblemException(Problem.At("file", ProblemKind.Refused, "file.mismatch", cleanName));
            if (FileKinds.IsProgram(type))
            {
                throw new ProblemException(Problem.At("file", ProblemKind.Refused, "file.program", cleanName));
            }
            var pixels = FileKinds.SizeOf(head);
            var now = Iso8601.ToMicroseconds(time.GetUtcNow());
            var file = new StoredFile(id, cleanName, type, size, hash, pixels?.Width, pixels?.Height, now, actor.UserId, now + Unattached);
            area.Keep(id);
            try
            {
                await database.WriteAsync(async session => await FileRows.InsertAsync(session, file, cancellationToken), cancellationToken);
            }
            catch
            {
                area.Delete(id);
                throw;
            }
            return file;
        }
        finally
        {
            area.Drop(id);
        }
    }

    /// <summary>A file that the actor may read; null if there is none.</summary>
    public async Task<StoredFile?> FindAsync(Guid id, Actor actor, CancellationToken cancellationToken = default)
    {
        StoredFile? file;
        List<(Guid File, string Entity, Guid Record)> uses;
        await using (var session = await database.ReadAsync(cancellationToken))
        {
            file = (await FileRows.FindAsync(session, [id], cancellationToken)).GetValueOrDefault(id);
            uses = file is null ? [] : await FileRows.UsesAsync(session, [id], cancellationToken);
        }
        if (file is null || actor.UserId is null || (uses.Count == 0 && file.CreatedBy == actor.UserId))
        {
            return file;
        }
        foreach (var (_, entityName, record) in uses)
        {
            if (models.Current.Find(entityName) is { } entity && Authority.May(actor, Operation.Read, entity) && await store.FindAsync(entity, record, actor, cancellationToken) is not null)
            {
                return file;
            }
        }
        return null;
    }

    /// <exception cref="FileNotFoundException">The content is gone.</exception>
    public Stream Open(StoredFile file) => area.Open(file.Id);

    /// <summary>Deletes what nothing has referred to for long enough.</summary>
    /// <returns>How many files went.</returns>
    public async Task<int> SweepAsync(CancellationToken cancellationToken = default)
    {
        var now = time.GetUtcNow();
        List<StoredFile> free;
        await using (var session = await database.ReadAsync(cancellationToken))
        {
            free = await FileRows.FreeAsync(session, now, 500, cancellationToken);
        }
        var gone = 0;
        foreach (var file in free)
        {
            if (await database.WriteAsync(session => FileRows.DeleteAsync(session, file.Id, now, cancellationToken), cancellationToken))
            {
                area.Delete(file.Id);
                gone++;
            }
        }
        return gone;
    }

    /// <summary>The last part of a path, without what no file system takes.</summary>
    public static string CleanName(string name)
    {
        var last = name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
        var clean = string.Concat(last.Where(c => !char.IsControl(c) && !char.IsSurrogate(c) && !"<>:\"|?*".Contains(c, StringComparison.Ordinal) && c is not ((>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069')))).Trim(' ', '.');
        if (clean.Length > MaxName)
        {
            var ending = Path.GetExtension(clean) is { Length: <= 20 } short1 ? short1 : "";
            clean = clean[..(MaxName - ending.Length)] + ending;
        }
        return clean.Length == 0 ? "file" : clean;
    }

    private async Task<(byte[] Head, long Size, string Hash)> ReceiveAsync(Guid id, Stream content, long limit, Action<long>? progress, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await using var target = area.Begin(id);
            var head = new MemoryStream();
            long size = 0;
            for (int read; (read = await content.ReadAsync(buffer, cancellationToken)) > 0;)
            {
                size += read;
                if (size > limit)
                {
                    throw new FileTooLargeException(limit);
                }
                hash.AppendData(buffer, 0, read);
                head.Write(buffer, 0, (int)Math.Min(read, FileKinds.HeadSize - head.Length));
                await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                progress?.Invoke(size);
            }
            return (head.ToArray(), size, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
