using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using Oops.Config;
using Oops.Dns;
using Oops.Engine;
using Oops.Wire.Dns;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Sources.Notify;

/// <summary>One listener for NOTIFY, and the server whose word it hears.</summary>
internal sealed record NotifyConfig : ISourceConfig, IValidate
{
    static readonly NotifyClamp RefreshDefault = new(TimeSpan.FromSeconds(512), TimeSpan.FromSeconds(32768)), RetryDefault = new(TimeSpan.FromSeconds(64), TimeSpan.FromSeconds(4096));

    [Description("The server that notifies us: a NOTIFY tells of the server that sends it, not of the servers behind us.")]
    [Reference(Named.Server)]
    public required string Server { get; set; }

    [Description("Where to listen, UDP and TCP: IP addresses of this host, with a port if it is not 53.")]
    [NotEmpty]
    public required IReadOnlyList<Endpoint> Listen { get; set; }

    [Description("Who may notify: any of these. Default: the server's own address, unsigned.")]
    [NotEmpty]
    public IReadOnlyList<NotifyAllowConfig>? Allow { get; set; }

    [Description("Absolute path of a file of TSIG keys, in the form of BIND (tsig-keygen) or of Knot (keymgr -t): HMAC-SHA1, 224, 256, 384 or 512.")]
    [Path]
    public string? Keys { get; set; }

    [Description("The zones: names, which are also polled, and '*.example' or '*', whose zones are learnt when they are notified. Default: the server's expected zones.")]
    [NotEmpty]
    public IReadOnlyList<ZonePattern>? Zones { get; set; }

    [Description("Where the SOA is always asked for: IP address, with a port if it is not 53. Default: at the notifier, and by timers at the server's address.")]
    public Endpoint? Primary { get; set; }

    [Description("The port where a notifier answers queries; the port that a NOTIFY comes from says nothing.")]
    [Bounds("1", "65535")]
    public int Port { get; set; } = 53;

    [Description("The key of the key file that signs our SOA queries. Default: they are not signed.")]
    public ZoneName? QueryKey { get; set; }

    [Description("Bounds of the SOA's refresh interval: how often a named zone is asked for when nobody notifies; up to 10 % earlier, at random.")]
    public NotifyClampConfig Refresh { get; set; } = NotifyClampConfig.Of(RefreshDefault);

    [Description("Bounds of the SOA's retry interval: how soon a zone is asked for again after a failure.")]
    public NotifyClampConfig Retry { get; set; } = NotifyClampConfig.Of(RetryDefault);

    [Description("How long one SOA query may take.")]
    [Bounds("100ms", "1m")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(3);

    [Description("How often a query is sent before it has failed.")]
    [Bounds("1", "10")]
    public int Tries { get; set; } = 2;

    [Description("A zone is asked for at most once in this time, however many NOTIFYs come; the first is followed at once.")]
    [Bounds("0s", "1h")]
    public TimeSpan Spacing { get; set; } = TimeSpan.FromSeconds(1);

    [Description("A TCP connection that is quiet for this long is closed.")]
    [Bounds("1s", "1h")]
    public TimeSpan TcpTimeout { get; set; } = TimeSpan.FromSeconds(4);

    [Description("Most zones that are learnt through wildcards; NOTIFYs for more get SERVFAIL.")]
    [Bounds("1", "10000000")]
    public int MostLearnt { get; set; } = 100_000;

    public ISource Create(OopsConfig config)
    {
        var server = config.Servers[Server];
        var zones = Zones?.Where(z => !z.Text.StartsWith('*')).Select(z => z.Text).ToArray();
        return new NotifySource(new NotifyTarget
        {
            Server = Server,
            Listen = new DnsListenerOptions { Addresses = [.. Listen.Select(l => l.ToIPEndPoint(53))], Idle = TcpTimeout },
            Rules = Allow is null ? [new NotifyRule([Host(server.Address!.Value.Address)], null)] : [.. Allow.Select(a => a.ToRule())],
            Keys = Keys,
            Zones = zones ?? server.Zones?.List?.Select(z => z.Text).ToArray(),
            Wildcards = [.. (Zones ?? []).Where(z => z.Text.StartsWith('*')).Select(z => z.Text)],
            Primary = Primary?.ToIPEndPoint(53),
            ServerAddress = server.Address?.ToIPEndPoint(53),
            Port = Port,
            QueryKey = QueryKey is { } key && DnsName.TryParse(key.Text, out var name) ? name : null,
            Refresh = Refresh.Within(RefreshDefault),
            Retry = Retry.Within(RetryDefault),
            Timeout = Timeout,
            Tries = Tries,
            Spacing = Spacing,
            MostLearnt = MostLearnt,
        });
    }

    public void Validate(ConfigErrors errors, string path)
    {
        ValidateEar(Listen, Allow, Keys, errors, path);
        if (errors.IsWritten($"servers.{Server}") && errors.Unbound.IsWhole($"servers.{Server}") && !errors.IsWritten($"servers.{Server}.address"))
        {
            if (Allow is null)
                errors.Add(path, $"who may notify? write allow, or the address of the server {Server}");
            if (Primary is null && (Zones is null || Zones.Any(z => !z.Text.StartsWith('*'))))
                errors.Add(path, $"where are the zones asked for? write primary, or the address of the server {Server}");
        }

        if (QueryKey is not null && Keys is null)
            errors.Add($"{path}.query-key", "needs a key file; write keys: /path");
        Refresh.Validate(errors, $"{path}.refresh", RefreshDefault);
        Retry.Validate(errors, $"{path}.retry", RetryDefault);
    }

    /// <summary>What holds for whoever listens for NOTIFY.</summary>
    internal static void ValidateEar(IReadOnlyList<Endpoint> listen, IReadOnlyList<NotifyAllowConfig>? allow, string? keys, ConfigErrors errors, string path)
    {
        for (var i = 0; i < listen.Count; i++)
        {
            if (listen[i].Address.Equals(IPAddress.Any) || listen[i].Address.Equals(IPAddress.IPv6Any))
                errors.Warn($"{path}.listen[{i}]", $"replies over UDP from {listen[i].Address} may leave from another address than they came to; write this host's addresses");
            if (listen.Take(i).Any(l => l.ToIPEndPoint(53).Equals(listen[i].ToIPEndPoint(53))))
                errors.Add($"{path}.listen[{i}]", $"{listen[i]} is listed twice; remove one");
        }

        for (var i = 0; i < (allow?.Count ?? 0); i++)
        {
            if (allow![i].Key is not null && keys is null)
                errors.Add($"{path}.allow[{i}].key", "needs a key file; write keys: /path");
        }
    }

    /// <summary>Of an address alone.</summary>
    internal static PeerPrefix Host(IPAddress address) => new(new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128));
}

/// <summary>One way in: from the prefixes and with the key.</summary>
internal sealed record NotifyAllowConfig : IValidate
{
    [Description("Source prefixes. Default: any address.")]
    [NotEmpty]
    public IReadOnlyList<IPNetwork>? From { get; set; }

    [Description("The name of a key in the key file: the NOTIFY must be signed with it, and so is the reply. Default: a signature is not needed.")]
    public ZoneName? Key { get; set; }

    public NotifyRule ToRule() => new(
        [.. (From ?? []).Select(p => new PeerPrefix(p))],
        Key is { } key && DnsName.TryParse(key.Text, out var name) ? name : null);

    public void Validate(ConfigErrors errors, string path)
    {
        if (From is null && Key is null)
            errors.Add(path, "needs a prefix (from) or a key; for anyone write from: [0.0.0.0/0, \"::/0\"]");
    }
}

/// <summary>Bounds of an interval. What is not written is that of the default of the key under which it stands.</summary>
internal sealed record NotifyClampConfig
{
    [Description("The least.")]
    [Bounds("1s", "30d")]
    public TimeSpan? Least { get; set; }

    [Description("The most.")]
    [Bounds("1s", "30d")]
    public TimeSpan? Most { get; set; }

    public static NotifyClampConfig Of(NotifyClamp clamp) => new() { Least = clamp.Least, Most = clamp.Most };

    public NotifyClamp Within(NotifyClamp defaults) => new(Least ?? defaults.Least, Most ?? defaults.Most);

    // Not an IValidate: a default is judged too, and its path is not written.
    public void Validate(ConfigErrors errors, string path, NotifyClamp defaults)
    {
        var (least, most) = (Within(defaults).Least, Within(defaults).Most);
        if (least > most)
            errors.Add(path, $"least ({Duration.Format(least)}{Default(Least)}) is more than most ({Duration.Format(most)}{Default(Most)})");
    }

    static string Default(TimeSpan? written) => written is null ? ", the default" : "";
}
