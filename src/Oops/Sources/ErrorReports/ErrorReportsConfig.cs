using System.ComponentModel;
using Oops.Config;
using Oops.Control;
using Oops.Core;
using Oops.Dns;
using Oops.Engine;
using Oops.Reports;
using Oops.Wire.Dns;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Sources.ErrorReports;

/// <summary>A monitoring agent (RFC 9567): resolvers report to it what they cannot resolve or validate in our zones.</summary>
internal sealed record ErrorReportsConfig : ISourceConfig, IValidate
{
    [Description("The server whose zones are reported on.")]
    [Reference(Named.Server)]
    public required string Server { get; set; }

    [Description("Where to listen, UDP and TCP: IP addresses of this host, with a port if it is not 53.")]
    [NotEmpty]
    public required IReadOnlyList<Endpoint> Listen { get; set; }

    [Description("DNS over TLS (RFC 7858).")]
    public ErrorReportsTlsConfig? Tls { get; set; }

    [Description("The agent domains: what the servers announce with Report-Channel, and what is delegated to here.")]
    [NotEmpty]
    public required IReadOnlyList<AgentConfig> Agents { get; set; }

    [Description("The zones of which reports count. Default: the server's expected zones.")]
    [NotEmpty]
    public IReadOnlyList<ZoneName>? Zones { get; set; }

    [Description("Those of the zones whose reports are told apart by the name one label below, as a registry wants it: shop.co.test and not co.test.")]
    [NotEmpty]
    public IReadOnlyList<ZoneName>? Delegating { get; set; }

    [Description("A report over UDP without a DNS cookie of ours. truncate: it is to come again over TCP. bad-cookie: a client with a cookie is to come again with ours, others over TCP. accept: it is taken, and weighs a tenth, since its address may be forged.")]
    public UnverifiedUdp Udp { get; set; } = UnverifiedUdp.Truncate;

    [Description("A name that begins as a report and is none. text: a TXT record says what is wrong. formerr: FORMERR.")]
    public MalformedReport Malformed { get; set; } = MalformedReport.Text;

    [Description("Absolute path of a file of secrets of DNS cookies (RFC 9018), the one in use first: lines of 32 hexadecimal digits, as NSD and Unbound have it. Servers of one anycast address need the same. Default: one is made at each start.")]
    [Path]
    public string? CookieSecrets { get; set; }

    [Description("Our name, for those who ask for it (NSID, RFC 5001; id.server and hostname.bind in class CH). Default: none is told.")]
    public string Nsid { get; set; } = "";

    [Description("What version.server and version.bind say in class CH. Default: nothing.")]
    public string Version { get; set; } = "";

    [Description("Most responses per second to one IPv4 /24 or IPv6 /56 whose address nothing proves; of those beyond, each second one is truncated and the others are dropped. 0: no limit.")]
    [Bounds("0", "1000000")]
    public int RateLimit { get; set; } = 200;

    [Description("Threads for UDP, for each address.")]
    [Bounds("1", "64")]
    public int Threads { get; set; } = 1;

    [Description("Most TCP connections at once, and 20 from one IPv4 address or IPv6 /64.")]
    [Bounds("1", "100000")]
    public int Connections { get; set; } = 1000;

    [Description("A TCP or TLS connection that is quiet for this long is closed.")]
    [Bounds("1s", "1h")]
    public TimeSpan TcpTimeout { get; set; } = TimeSpan.FromSeconds(10);

    [Description("The same report of the same network (IPv4 /24, IPv6 /48) counts once in this time.")]
    [Bounds("1s", "1d")]
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(10);

    [Description("Most reports per second from one network; more are shed and counted.")]
    [Bounds("1", "1000000")]
    public int PerNetwork { get; set; } = 100;

    [Description("Most reports per second of one zone and INFO-CODE; more are shed and counted.")]
    [Bounds("1", "1000000")]
    public int PerZone { get; set; } = 1000;

    [Description("How long reports are kept on disk, by the hour.")]
    [Bounds("1h", "3650d")]
    public TimeSpan Keep { get; set; } = TimeSpan.FromDays(30);

    [Description("Most rows on disk, one for each different report of each hour; what came longest ago makes room, and of that first what nobody reported whose address is proved.")]
    [Bounds("1000", "100000000")]
    public int Rows { get; set; } = 1_000_000;

    [Description("Absolute path of a Unix socket that tells in plain lines what was reported (docs/reports.md). Default: none.")]
    [Path]
    public string? Socket { get; set; }

    [Description("Looks whether what is reported is so, by a validating resolver (libunbound) and by asking the servers, before anybody is alarmed: {} with the defaults. Default: it is not looked.")]
    public ReportVerifyConfig? Verify { get; set; }

    /// <summary>Its key in the config, and the first part of its name.</summary>
    public const string SourceName = "error-reports";

    // So that an answer with both fits into the smallest datagram.
    const int MostWords = 64;

    const int MostAgents = 64;

    public ISource Create(OopsConfig config)
    {
        var agents = Agents.Select(a => a.ToDomain(Listen)).ToArray();
        return new ErrorReportsSource(new ErrorReportsTarget
        {
            Server = Server,
            Listen = new DnsListenerOptions
            {
                Addresses = [.. Listen.Select(l => l.ToIPEndPoint(53))],
                Threads = Threads,
                Connections = Connections,
                TlsAddresses = [.. (Tls?.Listen ?? []).Select(l => l.ToIPEndPoint(853))],
                Tls = Tls is { } tls ? new TlsFiles(tls.Certificate, tls.Key) : null,
                TlsConnections = Tls?.Connections ?? 0,
                Idle = TcpTimeout,
            },
            Answers = new ResponderOptions(agents, new ResponseLimit(RateLimit))
            {
                Unverified = Udp,
                Malformed = Malformed,
                Nsid = System.Text.Encoding.ASCII.GetBytes(Nsid),
                Version = Version,
            },
            CookieSecrets = CookieSecrets,
            Tally = new TallyOptions { Window = Window, PerNetwork = PerNetwork, PerZone = PerZone, Conditions = [.. Conditions(config).Where(c => Verify is not null || !c.Verified)], Checks = Verify?.Limits },
            Folder = config.StateDirectory,
            Store = new ReportStoreOptions { Keep = Keep, Rows = Rows },
            Verify = Verify?.ToPlan(config),
            Socket = Socket,
            Group = Accounts.GroupOf(config.Control.Group) is null ? null : config.Control.Group,
            Zones = Zones?.Select(z => z.Text).ToArray(),
            Delegating = (Delegating ?? []).Select(z => z.Text).ToHashSet(StringComparer.Ordinal),
        });
    }

    public string DependsOn(OopsConfig config) => $"{config.StateDirectory} {config.Control.Group}";

    public void Validate(ConfigErrors errors, string path)
    {
        Notify.NotifyConfig.ValidateEar(Listen, null, null, errors, path);
        for (var i = 0; i < Agents.Count; i++)
        {
            var domain = Agents[i].Name;
            for (var j = 0; j < Agents.Count; j++)
                if (j != i && domain.IsWithin(Agents[j].Name) && (domain != Agents[j].Name || j < i)) errors.Add($"{path}.agents[{i}].domain", $"{Agents[i].Domain} is inside {Agents[j].Domain}; each report must have one agent domain");
            if (Agents[i].Nameservers is null && Listen.Any(l => l.Address.Equals(System.Net.IPAddress.Any) || l.Address.Equals(System.Net.IPAddress.IPv6Any)))
                errors.Add($"{path}.agents[{i}]", "needs nameservers: of a wildcard address nobody can be told");
            // RFC 9567, 7: what is broken must not hide its own reports.
            foreach (var zone in Zones ?? [])
                if (DnsName.TryParse(zone.Text, out var name) && domain.IsWithin(name)) errors.Warn($"{path}.agents[{i}].domain", $"{Agents[i].Domain} is inside {zone}, of which it is to hear: when {zone} is broken, so are its reports; take a domain that does not depend on it");
        }

        if (Agents.Count > MostAgents) errors.Add($"{path}.agents", $"are {Agents.Count}; the most are {MostAgents}");
        foreach (var (key, text) in new[] { ("nsid", Nsid), ("version", Version) })
            if (text.Length > MostWords || text.Any(c => c is < ' ' or > '~')) errors.Add($"{path}.{key}", $"must be at most {MostWords} printable ASCII characters");
        foreach (var (zone, i) in (Delegating ?? []).Select((z, i) => (z, i)))
            if (Zones is not null && !Zones.Contains(zone)) errors.Add($"{path}.delegating[{i}]", $"{zone} is not one of the zones; add it there");
    }

    public void CheckAgainst(OopsConfig config, ConfigErrors errors, string path)
    {
        if (config.Sources.ErrorReports.Count(s => s.Server == Server) > 1 && !ReferenceEquals(config.Sources.ErrorReports.First(s => s.Server == Server), this))
            errors.Add($"{path}.server", $"{Server} has another entry; write its agent domains and addresses there");
        if (config.Sources.ErrorReports.All(s => s.Verify is null) && ReferenceEquals(config.Sources.ErrorReports[0], this))
        {
            foreach (var condition in Conditions(config))
                if (condition.Verified) errors.Add($"conditions.{condition.Name}.verified", $"no source checks what is reported, so it would never be met; add 'verify: {{}}' to {path}, or remove 'verified'");
        }

        // A resolver that kept the answer repeats the report after the TTL, and a network's repetition counts after the window.
        var often = Agents.Max(a => a.Ttl) is var ttl && ttl > Window ? ttl : Window;
        foreach (var condition in Conditions(config))
            if (condition.Span < 2 * often) errors.Warn($"conditions.{condition.Name}", $"an error that lasts is reported again after {Duration.Format(often)} (ttl and window of {path}): within {Duration.Format(condition.Span)} it may look as if it were over; write within: {Duration.Format(2 * often)} or more");
    }

    static IEnumerable<KindSpec> Conditions(OopsConfig config) =>
        config.Conditions.Where(c => c.Value.Kind == Kind.ErrorReported).Select(c => Config.Conditions.Spec(c.Key, c.Value));
}

/// <summary>One agent domain.</summary>
internal sealed record AgentConfig : IValidate
{
    [Description("Its name: short, and not inside a zone that is reported on.")]
    public required ZoneName Domain { get; set; }

    [Description("Its name servers, as its NS records and the delegation have them. Default: ns.DOMAIN with the addresses of listen.")]
    [NotEmpty]
    public IReadOnlyList<AgentServerConfig>? Nameservers { get; set; }

    [Description("The TTL of the answers: a resolver does not repeat a report before it has passed.")]
    [Bounds("1s", "7d")]
    public TimeSpan Ttl { get; set; } = TimeSpan.FromMinutes(10);

    [Description("The TXT record that a report is answered with.")]
    public string Text { get; set; } = "Report received";

    internal DnsName Name => DnsName.TryParse(Domain.Text, out var name) ? name : default;

    public AgentDomain ToDomain(IReadOnlyList<Endpoint> listen)
    {
        var servers = Nameservers?.Select(n => AgentServer.From(n.Parsed, (n.Addresses ?? []).Select(a => a.Address))).ToArray();
        if (servers is null && DnsName.TryParse($"ns.{Domain}", out var own)) servers = [AgentServer.From(own, listen.Select(l => l.Address).Distinct())];
        return new AgentDomain(Name, servers!, (uint)Ttl.TotalSeconds, Text);
    }

    public void Validate(ConfigErrors errors, string path)
    {
        if (Name.IsRoot) errors.Add($"{path}.domain", "the root is no agent domain: an empty one means that no reports are wanted (RFC 9567, 6.1)");
        // _er.65535.x.65535._er and the domain must be a name.
        else if (Name.Wire.Length > DnsName.MaxLength / 2) errors.Add($"{path}.domain", "is so long that few names can be reported; take a short one");
        if (Text.Length is 0 or > 1000 || Text.Any(c => c is < ' ' or > '~')) errors.Add($"{path}.text", "must be 1 to 1000 printable ASCII characters");
        for (var i = 0; i < (Nameservers?.Count ?? 0); i++)
        {
            var inside = Nameservers![i].Parsed.IsWithin(Name);
            if (inside && Nameservers[i].Addresses is null) errors.Add($"{path}.nameservers[{i}]", $"{Nameservers[i].Name} is inside {Domain}: nobody else knows its addresses; add addresses");
            foreach (var (address, at) in (Nameservers[i].Addresses ?? []).Select((a, at) => (a, at)))
                if (address.Port is not null) errors.Add($"{path}.nameservers[{i}].addresses[{at}]", $"{address} has a port, which no record can tell; remove it");
            if (!inside && Nameservers[i].Addresses is not null) errors.Add($"{path}.nameservers[{i}].addresses", $"{Nameservers[i].Name} is not inside {Domain}: its own zone has its addresses; remove them");
        }
    }
}

/// <summary>A name server of an agent domain.</summary>
internal sealed record AgentServerConfig
{
    [Description("Its name.")]
    public required ZoneName Name { get; set; }

    [Description("Its addresses, if its name is inside the agent domain.")]
    [NotEmpty]
    public IReadOnlyList<Endpoint>? Addresses { get; set; }

    internal DnsName Parsed => DnsName.TryParse(Name.Text, out var name) ? name : default;
}

/// <summary>DNS over TLS.</summary>
internal sealed record ErrorReportsTlsConfig
{
    [Description("Where to listen: IP addresses of this host, with a port if it is not 853.")]
    [NotEmpty]
    public required IReadOnlyList<Endpoint> Listen { get; set; }

    [Description("Absolute path of the certificate and those it is issued by, in PEM. Read again when it changes.")]
    [Path]
    public required string Certificate { get; set; }

    [Description("Absolute path of its private key, in PEM.")]
    [Path]
    public required string Key { get; set; }

    [Description("Most connections at once.")]
    [Bounds("1", "100000")]
    public int Connections { get; set; } = 200;
}
