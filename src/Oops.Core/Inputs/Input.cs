namespace Oops.Core;

/// <summary>All that can happen to the machine. The engine adds the moment; the journal keeps both, and replay steps the same machine with them.</summary>
public abstract record Input;

/// <summary>Time only: the engine steps with it when <see cref="Machine.NextDeadline"/> is reached.</summary>
public sealed record Tick : Input
{
    public static Tick Instance { get; } = new();
}

/// <summary>The wall clock is (not) to be trusted: unsynchronised, or stepped within the last hour. Untrusted, wall-clock facts are Unknown.</summary>
public sealed record ClockTrust(bool Trusted, string Why) : Input;

/// <summary>Something was shed or lost on the way in (a full lane, our own pause): counted, journalled, shown.</summary>
/// <param name="Where">One of the constants, or the words of the source or runner that shed it.</param>
/// <param name="Count">How many, or for <see cref="OwnPause"/> how many milliseconds.</param>
public sealed record Shed(string Where, long Count) : Input
{
    /// <summary>We did not run for a time: stopped, starved or suspended.</summary>
    public const string OwnPause = "own pause, ms";

    /// <summary>Measurements that were replaced by a newer one of the same subject.</summary>
    public const string BulkLane = "bulk lane";

    /// <summary>What the journal could not keep.</summary>
    public const string Journal = "journal";
}
