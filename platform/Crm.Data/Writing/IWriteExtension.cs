namespace Crm.Data;

/// <summary>The places on the way of a write at which further steps join in; see <see cref="WritePath"/>.</summary>
public enum WriteSlot
{
    /// <summary>Records are loaded and what follows is known: who may do this to these records and fields.</summary>
    Rights,
    /// <summary>Defaults are set: rules and scripts that compute or change values.</summary>
    Rules,
    /// <summary>Everything is valid by itself: what else must hold, such as gates of stages and duplicates.</summary>
    Gates,
    /// <summary>Records and history are written: what is derived from them in the same transaction.</summary>
    Saved,
}

/// <summary>A step that some part of the product adds to the write path. Steps of one slot run in the order of their registration.</summary>
public interface IWriteExtension : IWriteStep
{
    WriteSlot Slot { get; }
}
