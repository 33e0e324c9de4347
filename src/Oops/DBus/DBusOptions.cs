using Oops.Wire.DBus;

namespace Oops.DBus;

/// <summary>Bounds of one connection.</summary>
internal sealed record DBusOptions
{
    /// <summary>One address or a list; the first that connects is used.</summary>
    public string Address { get; init; } = DBusAddress.SystemBus;

    /// <summary>For connecting and authenticating together, and for each call.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest message that is accepted, in bytes; a longer one ends the connection.</summary>
    public int MaxMessage { get; init; } = DBusCodec.DefaultMax;

    /// <summary>Signals that wait for their reader; more are dropped and counted.</summary>
    public int MaxSignals { get; init; } = 16_384;
}

/// <summary>A connection, or why there is none.</summary>
internal readonly record struct DBusOpened(DBusConnection? Connection, string Why);

/// <summary>The answer to a call, or why there is none: the peer's error, a timeout, a lost connection.</summary>
/// <param name="Message">The answer.</param>
/// <param name="Why">One printable line, when there is no answer.</param>
/// <param name="ErrorName">The peer's error, when it was one.</param>
/// <param name="Before">Signals that came before the answer and that nobody had taken when it came: what they tell is older than what it tells.</param>
internal readonly record struct DBusReply(DBusMessage? Message, string Why = "", string? ErrorName = null, int Before = 0);
