using System.ComponentModel;
using Oops.Config;
using Oops.Dns;
using Oops.Engine;
using Oops.Sources.Notify;
using Oops.Wire.Dns;
using Oops.Zones;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Sources.Catalog;

/// <summary>The catalog zone of one server: whose it is, and where it comes from, is written with the server (`zones: {catalog: {zone, from}}`).</summary>
internal sealed record CatalogConfig : ISourceConfig, IValidate
{
    static readonly NotifyClamp RefreshDefault = new(TimeSpan.FromSeconds(60), TimeSpan.FromDays(1)), RetryDefault = new(TimeSpan.FromSeconds(10), TimeSpan.FromHours(1));

    [Description("The server whose expected zones are the members; its zones: {catalog: {zone, from}} says of which catalog zone.")]
    [Reference(Named.Server)]
    public required string Server { get; set; }

    [Description("Absolute path of a file of TSIG keys, in the form of BIND (tsig-keygen) or of Knot (keymgr -t): HMAC-SHA1, 224, 256, 384 or 512.")]
    [Path]
    public string? Keys { get; set; }

    [Description("The key of the key file that signs our queries where the primary has no key of its own; then every answer must be signed with it too. Default: they are not signed.")]
    public ZoneName? Key { get; set; }

    [Description("Where to listen for NOTIFY, UDP and TCP: IP addresses of this host, with a port if it is not 53. Default: nowhere, and a new member is seen at the next refresh.")]
    [NotEmpty]
    public IReadOnlyList<Endpoint>? Listen { get; set; }

    [Description("Who may notify: any of these. Default: the addresses that the catalog comes from, signed or not.")]
    [NotEmpty]
    public IReadOnlyList<NotifyAllowConfig>? Allow { get; set; }

    [Description("Bounds of the catalog's SOA refresh interval: how often it is asked for when nobody notifies; up to 10 % earlier, at random.")]
    public NotifyClampConfig Refresh { get; set; } = NotifyClampConfig.Of(RefreshDefault);

    [Description("Bounds of its SOA retry interval: how soon it is asked for again after a failure.")]
    public NotifyClampConfig Retry { get; set; } = NotifyClampConfig.Of(RetryDefault);

    [Description("However many NOTIFYs come, it is asked for at most once in this time; the first is followed at once.")]
    [Bounds("0s", "1h")]
    public TimeSpan Spacing { get; set; } = TimeSpan.FromSeconds(1);

    [Description("How long a primary may take to accept the connection, for the TLS handshake, and be silent in a transfer.")]
    [Bounds("100ms", "5m")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    [Description("How long a look may take, at all primaries together; who took all of it is asked last the next time.")]
    [Bounds("1s", "1d")]
    public TimeSpan TransferTimeout { get; set; } = TimeSpan.FromMinutes(5);

    [Description("Most records of a transfer; one that has more is given up. A member has one, and one for each of its properties.")]
    [Bounds("10", "100000000")]
    public int MostRecords { get; set; } = 1_000_000;

    [Description("Most octets of a transfer; one that has more is given up. A hostile one may take eight times as much memory.")]
    [Bounds("1000", "2147483647")]
    public int MostBytes { get; set; } = 64 * 1024 * 1024;

    public IEnumerable<string> ListsCatalogOf => [Server];

    public ISource Create(OopsConfig config)
    {
        var catalog = config.Servers[Server].Zones!.Catalog!;
        return new CatalogSource(new CatalogTarget
        {
            Server = Server,
            Zone = DnsName.TryParse(catalog.Zone.Text, out var zone) ? zone : default,
            From = [.. catalog.From.Select(p => p.ToPrimary(Key))],
            Keys = Keys,
            Listen = Listen is null ? null : new DnsListenerOptions { Addresses = [.. Listen.Select(l => l.ToIPEndPoint(53))] },
            Rules = Allow is null ? [new NotifyRule([.. catalog.From.Select(p => NotifyConfig.Host(p.Address.Address))], null)] : [.. Allow.Select(a => a.ToRule())],
            Refresh = Refresh.Within(RefreshDefault),
            Retry = Retry.Within(RetryDefault),
            Spacing = Spacing,
            Limits = new TransferLimits { Bytes = MostBytes, Records = MostRecords, Total = TransferTimeout, Idle = Timeout },
        });
    }

    public void CheckAgainst(OopsConfig config, ConfigErrors errors, string path)
    {
        if (config.Servers.GetValueOrDefault(Server)?.Zones?.Catalog is not { } catalog)
            return;
        PrimaryConfig.WarnOfPlain(catalog.From, Key, errors, $"servers.{Server}.zones.catalog.from");
        if (Keys is null && catalog.From.FirstOrDefault(p => p.Key is not null) is { } signed)
            errors.Add(path, $"the primary {signed.Address} has the key {signed.Key}, and there is no key file; write keys: /path");
    }

    public void Validate(ConfigErrors errors, string path)
    {
        if (errors.IsWritten($"servers.{Server}") && errors.Unbound.IsWhole($"servers.{Server}") && !errors.IsWritten($"servers.{Server}.zones.catalog"))
            errors.Add($"{path}.server", $"the zones of {Server} do not come from a catalog zone; write zones: {{ catalog: {{ zone: NAME, from: ADDRESS }} }} for it, or remove this source");
        NotifyConfig.ValidateEar(Listen ?? [], Allow, Keys, errors, path);
        if (Allow is not null && Listen is null)
            errors.Add($"{path}.allow", "nobody listens; write listen, or remove this");
        if (Key is not null && Keys is null)
            errors.Add($"{path}.key", "needs a key file; write keys: /path");
        Refresh.Validate(errors, $"{path}.refresh", RefreshDefault);
        Retry.Validate(errors, $"{path}.retry", RetryDefault);
    }
}
