using System.Net;
using Oops.Core;

namespace Oops.Sources.Probe;

/// <summary>What is asked of one address.</summary>
internal sealed record ProbePlan
{
    public required string Server { get; init; }

    /// <summary>`probe/ns1/192.0.2.53`; for a reference, the channel of its zones.</summary>
    public string Channel { get; init; } = "";

    public IPEndPoint Address { get; init; } = new(IPAddress.Loopback, 53);

    /// <summary>A witness, or a reference: then only zones are of interest.</summary>
    public Standing Standing { get; init; } = Standing.Witness;

    /// <summary>Of a reference: it serves the same users as the server, unlike a primary, which may be hidden.</summary>
    public bool Peer { get; init; }

    /// <summary>The address is to be one of this host: else whoever answers is another node.</summary>
    public bool Local { get; init; }

    /// <summary>Null: the server's expected zones. Empty: none.</summary>
    public IReadOnlyList<string>? Zones { get; init; }

    public TimeSpan Interval { get; init; }

    public TimeSpan ZoneInterval { get; init; }

    /// <summary>Zero: never.</summary>
    public TimeSpan TcpInterval { get; init; }

    public TimeSpan Timeout { get; init; }

    public int Tries { get; init; }

    public int Rate { get; init; }

    public bool Expire { get; init; }

    /// <summary>The signatures of the zones' SOA records are asked for.</summary>
    public bool Signatures { get; init; }

    /// <summary>The node's NSID; null: any. What another node answers is no answer.</summary>
    public string? Nsid { get; init; }

    public bool IsReference => Standing == Standing.Reference;

    public bool AsksZones => Zones is not [];

    public string ZonesChannel => IsReference ? Channel : $"{Channel}/zones";

    public string TcpChannel => $"{Channel}/tcp";

    /// <summary>Three intervals; longer where the last of several tries comes later than that, so that silence is said before the last answer is forgotten.</summary>
    public TimeSpan Validity(TimeSpan interval) => TimeSpan.FromTicks(Math.Max(3 * interval.Ticks, Tries * interval.Ticks + Timeout.Ticks + interval.Ticks / 2));
}
