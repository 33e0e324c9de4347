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
public sealed record Shed(string Where, long Count) : Input;
