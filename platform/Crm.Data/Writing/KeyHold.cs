using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Crm.Data;

/// <summary>
/// Lets requests that may create a record for the same key wait for one another, where more than one writes at a time: what is not there yet
/// cannot be locked. Keys share a few numbers, so that an import holds few locks and strangers seldom wait.
/// </summary>
internal static class KeyHold
{
    private const int Slots = 64;

    /// <param name="batch">The changes in progress.</param>
    /// <param name="keys">The key's fields, and the values that it has.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async ValueTask RunAsync(WriteBatch batch, IEnumerable<(string Fields, string Values)> keys, CancellationToken cancellationToken)
    {
        if (batch.Dialect.HoldNumbers is not { Length: > 0 } sql)
        {
            return;
        }
        // In one order everywhere, so that nobody waits for somebody who waits for them.
        var numbers = keys.GroupBy(k => k.Fields, k => Hash(k.Values) & (Slots - 1), StringComparer.Ordinal).SelectMany(g => g.Distinct().Select(slot => (Hash(g.Key) & ~(Slots - 1L)) | slot)).Order().ToList();
        if (numbers.Count > 0)
        {
            await batch.Session.ForEachAsync(sql, [Param.Text(string.Join(',', numbers.Select(n => n.ToString(CultureInfo.InvariantCulture))))], _ => { }, cancellationToken);
        }
    }

    /// <summary>The same on every node.</summary>
    private static long Hash(string text) => BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
