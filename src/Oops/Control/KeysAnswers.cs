using System.Collections.Immutable;

namespace Oops.Control;

/// <summary>`oops keys`. Total: how many there are, also where not all of them are told.</summary>
internal sealed record KeysAnswer(int V, int Total, ImmutableArray<KeyZoneAnswer> Zones);

/// <summary>The keys of a zone at a server.</summary>
/// <param name="Server">The server, and those that are asked with it.</param>
/// <param name="Zone">The zone.</param>
/// <param name="Watched">False: a source did once.</param>
/// <param name="Looked">When it was looked at last.</param>
/// <param name="DelegationJudged">The parent's servers answered, and agree, and an address was heard lately.</param>
/// <param name="Keys">Those that are served; with the log, all that were seen.</param>
/// <param name="Ds">Those at the parent; with the log, all that were seen.</param>
/// <param name="Servers">Who was heard, and when.</param>
/// <param name="Findings">The worst first.</param>
internal sealed record KeyZoneAnswer(
    string Server, string Zone, bool Watched, DateTimeOffset? Looked, bool DelegationJudged, ImmutableArray<KeyAnswer> Keys, ImmutableArray<DsAnswer> Ds, ImmutableArray<KeyServerAnswer> Servers, ImmutableArray<KeyFindingAnswer> Findings);

/// <summary>One key. State: that of RFC 5011; null without the SEP flag. Gone: since when nobody serves it.</summary>
internal sealed record KeyAnswer(ushort Tag, ushort Flags, byte Algorithm, bool Sep, bool Revoked, string? State, DateTimeOffset? Since, DateTimeOffset First, DateTimeOffset Last, DateTimeOffset? Gone, string Line);

/// <summary>One DS.</summary>
internal sealed record DsAnswer(ushort Tag, byte Algorithm, byte DigestType, DateTimeOffset First, DateTimeOffset Last, bool Present, string Line);

/// <summary>An address, when it was heard last, and what it had.</summary>
internal sealed record KeyServerAnswer(string Address, DateTimeOffset At, ImmutableArray<ushort> Tags, DateTimeOffset? SignedUntil);

/// <summary>What does not fit.</summary>
internal sealed record KeyFindingAnswer(string Kind, string Severity, string Text, DateTimeOffset? Until);
