using System.ComponentModel;
using System.Net;
using Oops.Config;
using Oops.Core;
using Oops.Engine;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Sources.Probe;

/// <summary>Questions to one server, and to those it is compared with.</summary>
internal sealed record ProbeConfig : ISourceConfig, IValidate
{
    [Description("The server. Its primaries and peers are asked too, as what it is compared with.")]
    [Reference(Named.Server)]
    public required string Server { get; set; }

    [Description("The addresses to ask, with a port if it is not 53; those inside a route's prefix are what that route is judged by.")]
    [NotEmpty]
    public required IReadOnlyList<Endpoint> To { get; set; }

    [Description("The zones to ask for. Default: the server's expected zones. An empty list: none, only whether the server answers.")]
    public IReadOnlyList<ZoneName>? Zones { get; set; }

    [Description("How often each address is asked over UDP.")]
    [Bounds("100ms", "1m")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    [Description("How long an answer is waited for; shorter than the interval.")]
    [Bounds("10ms", "30s")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMilliseconds(800);

    [Description("How many tries in a row, one per interval, must be refused or unanswered before that is said.")]
    [Bounds("1", "20")]
    public int Tries { get; set; } = 3;

    [Description("How often each zone is asked for. Default: the interval if the server's zones are listed in the config and the rate allows it, else as the rate allows, and 10s where their number is not known beforehand.")]
    [Bounds("100ms", "1h")]
    public TimeSpan? ZoneInterval { get; set; }

    [Description("Most queries per second to each address.")]
    [Bounds("1", "10000")]
    public int Rate { get; set; } = 500;

    [Description("How often each address is asked over TCP; again and again while it does not answer over UDP. 0: not at all.")]
    [Bounds("0", "1h")]
    public TimeSpan TcpInterval { get; set; } = TimeSpan.FromSeconds(10);

    [Description("How often primaries and peers are asked for each zone.")]
    [Bounds("1s", "1h")]
    public TimeSpan ReferenceInterval { get; set; } = TimeSpan.FromSeconds(10);

    [Description("Whether the server answers EDNS EXPIRE, and so can tell how long a zone is good for and when it was refreshed. Default: true for knot and bind, false for others.")]
    public bool? Expire { get; set; }

    [Description("Whether to ask for the signatures of each zone's SOA (DO), and so to know when the first of them ends. The wall clock must be right for that. Only the SOA is looked at: other signatures of the zone may end earlier.")]
    public bool Signatures { get; set; }

    [Description("The NSID (RFC 5001) of this server, as text, or in hexadecimal if it is not printable. What another node answers, as happens with an address that is announced elsewhere too, is then no answer, and a peer with this same NSID is not compared with. Default: whoever answers counts.")]
    public string? Nsid { get; set; }

    [Description("Whether the addresses must be this host's own. While one is not, whoever answers there is another node, and nothing is known: its routes are not announced, or kept and alarmed. Default: true for addresses inside the prefix of a route, unless nsid tells the node. false: the server has its addresses elsewhere, as in a container with a network of its own.")]
    public bool? Local { get; set; }

    const string Peer = "peer";

    public ISource Create(OopsConfig config)
    {
        var server = config.Servers[Server];
        var known = Zones?.Count ?? server.Zones?.List?.Count;
        var plan = new ProbePlan
        {
            Server = Server,
            Zones = Zones is null ? null : [.. Zones.Select(z => z.Text)],
            Timeout = Timeout,
            Tries = Tries,
            Rate = Rate,
            Nsid = Nsid,
            Expire = Expire ?? server.Kind is ServerKind.Knot or ServerKind.Bind,
        };
        return new ProbeSource(
        [
            .. To.Select(e => plan with { Channel = $"probe/{Server}/{e}", Signatures = Signatures, Address = e.ToIPEndPoint(53), Local = IsLocal(e, config), Interval = Interval, ZoneInterval = ZonesEvery(Interval, known), TcpInterval = TcpInterval }),
            .. References("primary", server.Primaries),
            .. References(Peer, server.Peers),
        ]);

        IEnumerable<ProbePlan> References(string what, IReadOnlyList<Endpoint> list) => Zones is [] ? [] : list.Select(e => plan with
        {
            Channel = $"probe/{Server}/{what}/{e}",
            Address = e.ToIPEndPoint(53),
            Standing = Standing.Reference,
            Peer = what == Peer,
            Interval = Slower(ReferenceInterval, Timeout),
            ZoneInterval = ZonesEvery(ReferenceInterval, known),
        });
    }

    bool IsLocal(Endpoint address, OopsConfig config) => Local ?? (Nsid is null && config.Routes.Values.Any(r => r.Prefixes.Any(p => p.Contains(address.ToIPEndPoint(53).Address))));

    public string DependsOn(OopsConfig config) => string.Join(' ', To.Where(e => IsLocal(e, config)));

    public void Validate(ConfigErrors errors, string path)
    {
        if (Timeout >= Interval)
            errors.Add($"{path}.timeout", $"the timeout of {Duration.Format(Timeout)} is not shorter than the interval of {Duration.Format(Interval)}; shorten it, or lengthen the interval");
        if (Nsid is "") errors.Add($"{path}.nsid", "is empty; write the name that the server gives itself, or remove it");
        for (var i = 1; i < To.Count; i++)
        {
            if (To.Take(i).Any(e => e.ToIPEndPoint(53).Equals(To[i].ToIPEndPoint(53))))
                errors.Add($"{path}.to[{i}]", $"{To[i]} is listed twice; remove one");
        }

        if (ZoneInterval is { } every && Zones is { Count: > 0 } && Zones.Count > Rate * every.TotalSeconds)
            errors.Add($"{path}.zone-interval", $"{Words.Count(Zones.Count, "zone")} every {Duration.Format(every)} {(Zones.Count == 1 ? "is" : "are")} more than {Rate} queries per second; lengthen it, or raise the rate");
    }

    static TimeSpan Slower(TimeSpan a, TimeSpan b) => a > b ? a : b;

    TimeSpan ZonesEvery(TimeSpan interval, int? known)
    {
        if (ZoneInterval is { } every)
            return Slower(every, interval);
        return Slower(interval, known is { } count ? TimeSpan.FromSeconds(1.25 * count / Rate) : TimeSpan.FromSeconds(10));
    }
}
