namespace Oops.Sources.ErrorReports;

/// <summary>What becomes of a report over UDP that has no cookie of ours (RFC 9567, 6.3).</summary>
internal enum UnverifiedUdp
{
    /// <summary>It is answered with TC, so it comes again over TCP; who sent a client cookie gets a server cookie with it.</summary>
    Truncate,

    /// <summary>Who sent a client cookie gets BADCOOKIE and a server cookie (RFC 7873, 5.2.3), and everybody else TC.</summary>
    BadCookie,

    /// <summary>It is taken, and counts little: its address may be forged.</summary>
    Accept,
}

/// <summary>What a malformed report is answered with.</summary>
internal enum MalformedReport
{
    /// <summary>A TXT that says what is wrong, as Drink does: a person who tries by hand sees it.</summary>
    Text,

    /// <summary>FORMERR, as Knot does.</summary>
    Formerr,
}

/// <summary>How queries are answered.</summary>
/// <param name="Agents">The agent domains; none is inside another.</param>
/// <param name="Limit">Of responses.</param>
internal sealed record ResponderOptions(AgentDomain[] Agents, ResponseLimit Limit)
{
    public UnverifiedUdp Unverified { get; init; }

    public MalformedReport Malformed { get; init; }

    /// <summary>Our name (RFC 5001; `id.server`, `hostname.bind`); empty: none is told.</summary>
    public byte[] Nsid { get; init; } = [];

    /// <summary>What `version.server` and `version.bind` say; empty: nothing.</summary>
    public string Version { get; init; } = "";
}
