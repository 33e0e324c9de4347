namespace Oops.Wire.Nsd;

/// <summary>One zone of a `zonestatus` answer.</summary>
/// <param name="Zone">Its name as NSD has it from its config: without the last dot, octets that are not printable as \DDD.</param>
public readonly record struct NsdZoneStatus(string Zone)
{
    public NsdZoneState State { get; init; }

    /// <summary>The serial that is served, or was until the zone expired; null: none.</summary>
    public uint? Served { get; init; }

    /// <summary>When NSD last knew that this serial is its primary's: it moves with each good refresh, also to the same serial. NSD's local time, whole seconds.</summary>
    public DateTime? Since { get; init; }

    /// <summary>The serial on its disk; null: none.</summary>
    public uint? Committed { get; init; }

    /// <summary>Seconds between two attempts; null: not told, as while one is under way.</summary>
    public uint? Wait { get; init; }

    /// <summary>An attempt is under way (`transfer:`).</summary>
    public bool Transferring { get; init; }

    /// <summary>It was not told as a whole, or not in words that are known: nothing follows from it.</summary>
    public bool Cut { get; init; }
}
