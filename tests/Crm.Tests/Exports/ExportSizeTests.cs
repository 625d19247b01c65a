using Crm.Data;
using Crm.Tests.Databases;
using Crm.Tests.Records;
using Shouldly;
using Xunit;

namespace Crm.Tests.Exports;

/// <summary>Large exports: what they take, and what they do not.</summary>
[Collection(Alone.Name)]
public sealed class ExportSizeTests
{
    [Theory]
    [InlineData("csv")]
    [InlineData("xlsx")]
    [InlineData("json")]
    public async Task A_hundred_thousand_records_take_time_and_not_memory(string format)
    {
        await using var data = await TestStore.OpenAsync("thing", """{"name": "name", "type": "text"}, {"name": "notes", "type": "longText"}, {"name": "size", "type": "integer"}""");
        var (id, text) = PostgresServer.Current is null ? ("randomblob(16)", "printf('%.200c', 'x')") : ("gen_random_uuid()", "repeat('x', 200)");
        await data.Database.WriteAsync(async session =>
        {
            await session.ExecuteOnceAsync(
                $"""
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
                INSERT INTO "thing" ("id", "version", "name", "name$fold", "notes", "notes$fold", "size") SELECT {id}, 1, 'thing ' || i, 'thing ' || i, {text}, {text}, i FROM n
                """,
                TestContext.Current.CancellationToken);
            return 0;
        }, TestContext.Current.CancellationToken);
        using var sink = new MeasuringStream();
        await using var export = await new ExportService(data.Store).PrepareAsync(format, new(new RecordQuery(data["thing"]), "name,notes,size"), Actor.Platform, TestContext.Current.CancellationToken);

        await export.WriteAsync(sink, TestContext.Current.CancellationToken);

        sink.Written.ShouldBeGreaterThan(format == "xlsx" ? 500_000 : 20_000_000);
        sink.MostHeld.ShouldBeLessThan(24_000_000);
    }

    /// <summary>Lets everything go and looks from time to time what is still held.</summary>
    private sealed class MeasuringStream : Stream
    {
        private readonly long _before = GC.GetTotalMemory(forceFullCollection: true);
        private long _looked;

        public long Written { get; private set; }

        public long MostHeld { get; private set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => Written;

        public override long Position { get => Written; set => throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count)
        {
            Written += count;
            if (++_looked % 10 == 0)
            {
                MostHeld = Math.Max(MostHeld, GC.GetTotalMemory(forceFullCollection: true) - _before);
            }
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
