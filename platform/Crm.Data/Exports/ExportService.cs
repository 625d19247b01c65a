using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Streams records out as files of any registered format.</summary>
public sealed class ExportService
{
    private readonly RecordStore _store;
    private readonly Registry<ExportFormatAttribute, Export> _formats = Registry<ExportFormatAttribute, Export>.Scan(typeof(Export).Assembly);

    public ExportService(RecordStore store) => _store = store;

    public IEnumerable<string> Formats => _formats.Names;

    /// <summary>Checks an export and reads its first page, so that whatever is refused is refused before the first byte goes out.</summary>
    /// <exception cref="ProblemException">There is no such format, the options cannot be met, or the actor may not.</exception>
    public async Task<PreparedExport> PrepareAsync(string format, ExportOptions options, Actor actor, CancellationToken cancellationToken = default)
    {
        var type = _formats.Find(format) ?? throw new ProblemException(Problem.At("format", ProblemKind.Invalid, "export.format", format, string.Join(", ", _formats.Names)));
        Authority.Demand(actor, Operation.Read, options.Query.Entity);
        var export = (Export)Activator.CreateInstance(type)!;
        export.Prepare(options, actor);
        var session = await _store.SnapshotAsync(cancellationToken);
        try
        {
            var buffer = new PageBuffer();
            export.Begin(buffer);
            var next = await export.WritePageAsync(_store, session, null, cancellationToken);
            return new(_store, session, export, buffer, next);
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }
}

/// <summary>An export that nothing stands against any more. All of it shows the records as they were when it was prepared.</summary>
public sealed class PreparedExport : IAsyncDisposable
{
    private readonly RecordStore _store;
    private readonly Session _session;
    private readonly Export _export;
    private readonly PageBuffer _buffer;
    private string? _next;

    internal PreparedExport(RecordStore store, Session session, Export export, PageBuffer buffer, string? next) => (_store, _session, _export, _buffer, _next) = (store, session, export, buffer, next);

    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync();
        _export.Dispose();
        await _buffer.DisposeAsync();
    }

    public string ContentType => _export.ContentType;

    /// <summary>Writes the file; never more than a page of it is held.</summary>
    public async Task WriteAsync(Stream output, CancellationToken cancellationToken = default)
    {
        await _buffer.DrainAsync(output, cancellationToken);
        while (_next is not null)
        {
            _next = await _export.WritePageAsync(_store, _session, _next, cancellationToken);
            await _buffer.DrainAsync(output, cancellationToken);
        }
        _export.End();
        await _buffer.DrainAsync(output, cancellationToken);
        await output.FlushAsync(cancellationToken);
    }
}
