using System.ComponentModel;
using Oops.Config;
using Oops.Engine;
using Oops.Native;
using Oops.Wire.Dns;
using Oops.Zones;
using Oops.Zones.Verification;
using Severity = Oops.Zones.Verification.Severity;

namespace Oops.Sources.Verify;

/// <summary>Whole zones of one server, transferred and judged.</summary>
internal sealed record VerifyConfig : ISourceConfig, IValidate
{
    [Description("The server whose zones are judged.")]
    [Reference(Named.Server)]
    public required string Server { get; set; }

    [Description("The zones. Default: the server's expected zones.")]
    [NotEmpty]
    public IReadOnlyList<ZoneName>? Zones { get; set; }

    [Description("Where they are transferred from: IP address, with a port if it is not 53, or a map of address, key and tls; or a list of them, which are asked in their order. Default: the server's own address, so that what is judged is what it serves.")]
    [NotEmpty]
    [MayBeOne]
    public IReadOnlyList<PrimaryConfig>? From { get; set; }

    [Description("Absolute path of a file of TSIG keys, in the form of BIND (tsig-keygen) or of Knot (keymgr -t): HMAC-SHA1, 224, 256, 384 or 512.")]
    [Path]
    public string? Keys { get; set; }

    [Description("The key of the key file that signs our queries where from has no key of its own; then every answer must be signed with it too. Default: they are not signed.")]
    public ZoneName? Key { get; set; }

    [Description("How often each zone is asked for when nobody tells of a new serial. With a new serial, and when a signature ends, it is judged at once. What was found stands for three intervals.")]
    [Bounds("1s", "1d")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromHours(1);

    [Description("What each zone has to have: dnssec, zonemd. A zone that was signed yesterday and comes without a signature is no good zone.")]
    public IReadOnlyList<Requirement> Require { get; set; } = [];

    [Description("Another severity for a fault, by its name: error, warning or ignore. `oops schema zone-faults` lists them.")]
    public IReadOnlyDictionary<string, Severity> Policy { get; set; } = new Dictionary<string, Severity>();

    [Description("Records, RRsets or delegations that are by more than this more or fewer than in the last version that passed are an error, until a version is back within it, or a person says `oops verify --accept ZONE --serial N`. Default: any size passes.")]
    public BrakeConfig? Brake { get; set; }

    [Description("Names that must be there, each in its zone.")]
    public IReadOnlyList<ZoneName> Canaries { get; set; } = [];

    [Description("Of a server of kind knot (from 3.5): the gate. knotd holds each new version (section external) until it is judged here, and is told to publish or to discard it. Default: none.")]
    public KnotGateConfig? Gate { get; set; }

    [Description("Threads to check signatures with: it shares the cores with the server. Default: half of the cores.")]
    [Bounds("1", "1024")]
    public int? Threads { get; set; }

    [Description("Most octets of memory for versions of zones, so that the next one is had and judged by what changed. Zones beyond are transferred and judged as a whole each time. What waits at a gate counts, too, and what is held gives way to it.")]
    [Bounds("0", "1099511627776")]
    public long MostHeld { get; set; } = 1L << 30;

    [Description("How long a server may take to accept the connection, for the TLS handshake, and be silent in a transfer.")]
    [Bounds("100ms", "5m")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    [Description("How long a zone may take to come, from all that it is asked of together; who took all of it is asked last the next time.")]
    [Bounds("1s", "1d")]
    public TimeSpan TransferTimeout { get; set; } = TimeSpan.FromMinutes(10);

    [Description("Most records of a transfer; one that has more is given up.")]
    [Bounds("10", "1000000000")]
    public long MostRecords { get; set; } = 20_000_000;

    [Description("Most octets of a transfer; one that has more is given up.")]
    [Bounds("1000", "1099511627776")]
    public long MostBytes { get; set; } = 1L << 31;

    public ISource Create(OopsConfig config) => new VerifySource(new VerifyTarget
    {
        Server = Server,
        Zones = Zones is null ? null : [.. Zones.Select(z => z.Text)],
        From = [.. (From ?? [new PrimaryConfig { Address = config.Servers[Server].Address ?? default }]).Select(p => p.ToPrimary(Key))],
        Keys = Keys,
        Options = new VerifyOptions
        {
            Now = 0,
            Keep = true,
            RequireDnssec = Require.Contains(Requirement.Dnssec),
            RequireZonemd = Require.Contains(Requirement.Zonemd),
            Policy = Policy.ToDictionary(p => ZoneFaults.Named(p.Key)!.Fault, p => p.Value),
            Canaries = [.. Canaries.Select(c => DnsName.TryParse(c.Text, out var name) ? name : default)],
        },
        Brake = Brake is null ? null : new SizeLimit(Brake.Percent, Brake.Least),
        Interval = Interval,
        Threads = Threads ?? Math.Max(1, Environment.ProcessorCount / 2),
        MostHeld = MostHeld,
        Limits = new TransferLimits { Bytes = MostBytes, Records = MostRecords, Total = TransferTimeout, Idle = Timeout },
        Folder = Path.Combine(config.StateDirectory, "verified", Server),
        IsClockTrusted = () => config.Limits.WallClock == WallClock.Trusted || BootClock.IsWallSynchronised,
        Gate = Gate?.ToOptions(config.Servers[Server].Control),
    });

    public string DependsOn(OopsConfig config) => $"{config.StateDirectory} {config.Limits.WallClock}";

    public void CheckAgainst(OopsConfig config, ConfigErrors errors, string path)
    {
        if (Gate is not null && config.Servers.GetValueOrDefault(Server) is { Kind: not ServerKind.Knot })
            errors.Add($"{path}.gate", $"is knotd's external validation, and {Server} is not of kind knot; NSD and others run `oops verify --daemon` (docs/how-to/gate.md)");
    }

    public void Validate(ConfigErrors errors, string path)
    {
        if (From is null && errors.IsWritten($"servers.{Server}") && errors.Unbound.IsWhole($"servers.{Server}") && !errors.IsWritten($"servers.{Server}.address"))
            errors.Add(path, $"where are the zones transferred from? Write from, or the address of {Server}");
        PrimaryConfig.CheckFrom(From ?? [], Keys, Key, errors, path);
        Gate?.Check(errors, $"{path}.gate");
        foreach (var name in Policy.Keys.Where(n => ZoneFaults.Named(n) is null))
            errors.Add($"{path}.policy.{name}", $"there is no fault {ConfigErrors.Show(name)}; `oops schema zone-faults` lists them");
    }
}

/// <summary>What a zone may have to have.</summary>
internal enum Requirement
{
    Dnssec,
    Zonemd,
}

/// <summary>How much a zone's size may change between two versions.</summary>
internal sealed record BrakeConfig
{
    [Description("Per cent of what there was.")]
    [Bounds("0", "1000000")]
    public double Percent { get; set; } = SizeLimit.Usual.Percent;

    [Description("And by so many at least: a small zone may double. It excuses no loss of more than half of five or more.")]
    [Bounds("0", "1000000000")]
    public long Least { get; set; } = SizeLimit.Usual.Least;
}
