using System.Buffers;
using Crm.Rules;

namespace Crm.Data;

/// <summary>The values of many rows on their way into the database, in a lent array: one of their own would be a large object, whose collection stops everybody.</summary>
/// <param name="count">How many values there will be, all rows together.</param>
internal sealed class LentValues(int count) : IDisposable
{
    /// <summary>At least as long as needed.</summary>
    public SqlParameter[] Array { get; } = ArrayPool<SqlParameter>.Shared.Rent(count);

    public IReadOnlyList<SqlParameter> All => new ArraySegment<SqlParameter>(Array, 0, count);

    public void Dispose() => ArrayPool<SqlParameter>.Shared.Return(Array, clearArray: true);
}
