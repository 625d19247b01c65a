using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Crm.Benchmarks.Speed;

/// <summary>
/// Keep-alive connections that send one request after the other and read the answer by its length. It does as little as possible,
/// because it shares the machine with the server that it measures.
/// </summary>
internal static class LoadClient
{
    public const int Connections = 8;

    /// <param name="server">Where to send.</param>
    /// <param name="duration">How long to measure, after a warm-up of a third of it.</param>
    /// <param name="request">The n-th request of a connection as the bytes to send.</param>
    /// <returns>Successful requests a second.</returns>
    public static async Task<double> RunAsync(Uri server, TimeSpan duration, Func<int, int, byte[]> request)
    {
        await MeasureAsync(server, duration / 3, request, 0);
        return await MeasureAsync(server, duration, request, 1_000_000);
    }

    public static byte[] Request(string method, string path, string? token, string? body = null, string? header = null)
    {
        var text = new StringBuilder($"{method} {path} HTTP/1.1\r\nHost: bench\r\n");
        if (token is not null)
        {
            text.Append("Authorization: Bearer ").Append(token).Append("\r\n");
        }
        if (header is not null)
        {
            text.Append(header).Append("\r\n");
        }
        if (body is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n");
        }
        return Encoding.UTF8.GetBytes(text.Append("\r\n").Append(body).ToString());
    }

    private static async Task<double> MeasureAsync(Uri server, TimeSpan duration, Func<int, int, byte[]> request, int offset)
    {
        var clock = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(0, Connections).Select(c => Task.Run(() => RunConnectionAsync(server, clock, duration, n => request(c, n + offset)))));
        return counts.Sum() / clock.Elapsed.TotalSeconds;
    }

    private static async Task<long> RunConnectionAsync(Uri server, Stopwatch clock, TimeSpan duration, Func<int, byte[]> request)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(server.Host, server.Port);
        var stream = client.GetStream();
        var buffer = new byte[256 * 1024];
        var count = 0;
        while (clock.Elapsed < duration)
        {
            await stream.WriteAsync(request(count));
            await ReadResponseAsync(stream, buffer);
            count++;
        }
        return count;
    }

    private static async Task ReadResponseAsync(NetworkStream stream, byte[] buffer)
    {
        var (filled, head, length) = (0, -1, -1L);
        while (head < 0 || filled < head + length)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(filled));
            filled += read > 0 ? read : throw new IOException("The server closed the connection.");
            if (head < 0 && (head = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8)) >= 0)
            {
                length = BodyLength(buffer.AsSpan(0, head));
                head += 4;
            }
            if (length == -2 && filled >= 5 && buffer.AsSpan(filled - 5, 5).SequenceEqual("0\r\n\r\n"u8))
            {
                return;
            }
            if (length == -2)
            {
                // Chunked: read on until the last chunk.
                (head, length) = (0, int.MaxValue);
                while (!(filled >= 5 && buffer.AsSpan(filled - 5, 5).SequenceEqual("0\r\n\r\n"u8)))
                {
                    filled += await stream.ReadAsync(buffer.AsMemory(filled));
                }
                return;
            }
        }
    }

    private static long BodyLength(ReadOnlySpan<byte> head)
    {
        var text = Encoding.ASCII.GetString(head);
        if (text[9] != '2')
        {
            throw new InvalidOperationException("The server refused: " + text.Split('\r')[0]);
        }
        var at = text.IndexOf("Content-Length: ", StringComparison.OrdinalIgnoreCase);
        return at < 0 ? -2 : long.Parse(text.AsSpan(at + 16, text.IndexOf('\r', at + 16) is var end && end < 0 ? text.Length - at - 16 : end - at - 16), CultureInfo.InvariantCulture);
    }
}
