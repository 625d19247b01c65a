namespace Crm.Benchmarks.Floor;

/// <summary>The table of the floor in one database, by statements written by hand.</summary>
internal interface IFloorStore
{
    ValueTask<FloorItem?> ByIdAsync(string id);

    ValueTask<List<FloorItem>> PageAsync(string status, string region);

    ValueTask InsertAsync(FloorItem item);

    /// <returns>The item after the change.</returns>
    ValueTask<FloorItem> UpdateAsync(string id, long quantity);

    /// <summary>All items in one transaction.</summary>
    ValueTask ImportAsync(List<FloorItem> items);
}
