using System.Collections.Immutable;
using System.Net;

namespace Oops.Core;

/// <summary>What a source says on one of its channels. The channel's name is that of its <see cref="ChannelSpec"/>; an unknown name is ignored.</summary>
public abstract record Signal(string Channel) : Input
{
    /// <summary>The value that means "read, and there is none"; see each <see cref="Measure"/>.</summary>
    public const long Absent = long.MinValue;

    /// <summary>Of a zone: what the channel said of this measure has ended, and it knows nothing of it now.</summary>
    public const long Unsaid = long.MinValue + 1;

    /// <summary>Of <see cref="Measure.Answering"/>: the question did not get through, or was broken off (no route, not permitted, connection reset). Nobody was silent, and nothing is known.</summary>
    public const long Unasked = -1;
}

/// <summary>The channel is open: a session, a first contact. Its earlier claims have ended.</summary>
public sealed record ChannelOpened(string Channel) : Signal(Channel);

/// <summary>A complete read: all that the channel covers has been claimed since it was opened or since the read before. Renews the validity of all its claims.</summary>
public sealed record ChannelRead(string Channel) : Signal(Channel);

/// <summary>The channel is lost: all its claims have ended. Not a fact about the server.</summary>
public sealed record ChannelLost(string Channel, string Why) : Signal(Channel);

/// <summary>The server's main process is there: a new incarnation if pid or start time differ from the known one, which makes every claim on the server Unknown.</summary>
/// <param name="Channel">A channel of a `process` source.</param>
/// <param name="Pid">The main process as this host numbers it.</param>
/// <param name="StartTime">Field 22 of /proc/PID/stat: clock ticks since boot.</param>
public sealed record ProcessStarted(string Channel, int Pid, long StartTime) : Signal(Channel);

/// <summary>Proof: the main process is gone (pidfd exit), or the process table was read and has none.</summary>
/// <param name="Channel">A channel of a `process` source.</param>
/// <param name="How">`signal 9`, `exit 0`, `gone` (how is not known), or where nobody saw it end: <see cref="NoProcess"/>, or <see cref="LeftPidfile"/>.</param>
public sealed record ProcessGone(string Channel, string How) : Signal(Channel)
{
    /// <summary>The process table was read and has none; nothing says that there ever was one.</summary>
    public const string NoProcess = "no process";

    /// <summary>The same, and a pidfile of this boot names one that is gone: whoever wrote it did not tidy up.</summary>
    public const string LeftPidfile = "no process, its pidfile is stale";
}

/// <summary>A measurement of the channel's server.</summary>
public sealed record ServerSignal(string Channel, Measure Measure, long Value, Evidence Evidence = Evidence.Proof, string? Detail = null) : Signal(Channel)
{
    /// <summary>
    /// For how long it had been so when it was said: of <see cref="Measure.Idle"/>, the span that was measured; of the first word of a silence, since its first question was asked. Zero: it is about one moment.
    /// </summary>
    public TimeSpan For { get; init; }
}

/// <summary>The Extended DNS Errors (RFC 8914) in the answers of the channel's server, per second and by INFO-CODE, over the source's window. All that it has of them: an INFO-CODE that is not there did not occur.</summary>
/// <param name="Channel">Which channel counted them.</param>
/// <param name="Codes">At most <see cref="Most"/>, the highest, by rising code.</param>
/// <param name="Rest">All others together, per second.</param>
public sealed record ErrorRates(string Channel, ImmutableArray<ErrorRate> Codes, double Rest = 0) : Signal(Channel)
{
    /// <summary>INFO-CODEs that are told one by one. There are some 30 in the registry.</summary>
    public const int Most = 64;

    public bool Equals(ErrorRates? other) => other is not null && (Channel, Rest) == (other.Channel, other.Rest) && Codes.AsSpan().SequenceEqual(other.Codes.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Channel, Codes.Length, Rest);
}

/// <summary>One INFO-CODE.</summary>
/// <param name="Code">0 to 65535.</param>
/// <param name="PerSecond">How often it occurred.</param>
/// <param name="Names">Terminal-safe: the names that had it most, and the last text that came with it; null: not known.</param>
public sealed record ErrorRate(int Code, double PerSecond, string? Names = null);

/// <summary>A measurement of one zone at the channel's server. Always a fact that was read (a timeout gives no zone signal), or the end of one (<see cref="Signal.Unsaid"/>).</summary>
/// <param name="Channel">Which channel read it.</param>
/// <param name="Zone">Lower case, no trailing dot, root is `.`; \DDD escapes.</param>
/// <param name="Measure">A measure of zones.</param>
/// <param name="Value">See the measure.</param>
/// <param name="Detail">Terminal-safe remark: `SERVFAIL, EDE 24`, the primary that failed.</param>
/// <param name="From">Who told of it: the address that sent the NOTIFY, or that was asked; null: nobody with an address did (a bus, a control socket).</param>
public sealed record ZoneSignal(string Channel, string Zone, Measure Measure, long Value, string? Detail = null, IPAddress? From = null) : Signal(Channel);

/// <summary>The server's expected zones, in pieces of at most some thousands; <paramref name="Last"/> ends the set. Only a set that was ended counts; one that shrinks by more than 10 % is held and alarmed.</summary>
/// <param name="Channel">The channel that listed them.</param>
/// <param name="Zones">A piece of the set.</param>
/// <param name="Last">The set is complete with this piece.</param>
public sealed record ZonesListed(string Channel, IReadOnlyList<string> Zones, bool Last) : Signal(Channel)
{
    /// <summary>A new list begins with this piece: what is left of one that was never ended is void.</summary>
    public bool First { get; init; }
}

/// <summary>
/// What became of a zone in the hands of a source, such as a version that waited at its gate: a line of the history. It is told, and nothing follows from it.
/// </summary>
/// <param name="By">Who tells it: the channel's name.</param>
/// <param name="Server">Whose zone it is.</param>
/// <param name="Zone">As <see cref="ZoneSignal.Zone"/>.</param>
/// <param name="What">A few words, of the source's own and always the same: `kept out`.</param>
/// <param name="Says">One terminal-safe line.</param>
public sealed record ZoneTold(string By, string Server, string Zone, string What, string Says) : Input;

/// <summary>A claim on an `external` condition: by a `check` command, or by `oops signal`.</summary>
/// <param name="By">Who: `check/NAME`, or `cli/USER`.</param>
/// <param name="Condition">The named condition.</param>
/// <param name="Server">Its server.</param>
/// <param name="State">Met or not; Unknown ends the claim.</param>
/// <param name="Evidence">Proof only where `proof: true` is written.</param>
/// <param name="ValidFor">How long it stands without being renewed.</param>
/// <param name="Detail">Last line of output, or the arguments `key=value`; terminal-safe.</param>
public sealed record ExternalClaim(string By, string Condition, string Server, State State, Evidence Evidence, TimeSpan ValidFor, string? Detail) : Input;
