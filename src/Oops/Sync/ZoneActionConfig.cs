using System.ComponentModel;
using System.Text.Json.Serialization;
using Oops.Actions;
using Oops.Config;
using Oops.Engine;
using Oops.Wire.Dns;
using Oops.Zones;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Sync;

/// <summary>What all actions have in common that transfer a zone which changed.</summary>
internal abstract record ZoneActionConfig : IActionConfig, IValidate
{
    [Description("What rules call it (run: NAME).")]
    [Declares(Named.Action)]
    [JsonPropertyOrder(-2)]
    public required string Name { get; set; }

    [Description("Where zones are transferred from: IP address, with a port if it is not 53, or a map of address, key and tls; or a list of them, which are asked in their order. Default: the address of the server whose zone changed.")]
    [NotEmpty]
    [MayBeOne]
    [JsonPropertyOrder(-2)]
    public IReadOnlyList<PrimaryConfig>? From { get; set; }

    [Description("Absolute path of a file of TSIG keys, in the form of BIND (tsig-keygen) or of Knot (keymgr -t): HMAC-SHA1, 224, 256, 384 or 512.")]
    [Path]
    [JsonPropertyOrder(-2)]
    public string? Keys { get; set; }

    [Description("The key of the key file that signs our queries where from has no key of its own; then every answer must be signed with it too. Default: they are not signed.")]
    [JsonPropertyOrder(-2)]
    public ZoneName? Key { get; set; }

    [Description("How many zones are transferred and written at once.")]
    [Bounds("1", "64")]
    [JsonPropertyOrder(1)]
    public int Concurrency { get; set; } = 4;

    [Description("How long a server may take to accept the connection, for the TLS handshake, and be silent.")]
    [Bounds("100ms", "5m")]
    [JsonPropertyOrder(1)]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    [Description("How long a transfer may take, however many servers are asked for it.")]
    [Bounds("1s", "1d")]
    [JsonPropertyOrder(1)]
    public TimeSpan TransferTimeout { get; set; } = TimeSpan.FromMinutes(10);

    [Description("Most records of a zone; one that has more is not carried on.")]
    [Bounds("10", "100000000")]
    [JsonPropertyOrder(1)]
    public long MostRecords { get; set; } = 2_000_000;

    bool IActionConfig.CarriesRoutes => false;

    public abstract IAction Create(OopsConfig config);

    /// <summary>Zones without from come from the addresses of the servers.</summary>
    public string DependsOn(OopsConfig config) => From is not null ? "" : string.Join(' ', config.Servers.OrderBy(static s => s.Key, StringComparer.Ordinal).Select(static s => $"{s.Key}={s.Value.Address}"));

    /// <summary>The limits of a transfer.</summary>
    internal TransferLimits Limits => new() { Records = MostRecords, Total = TransferTimeout, Idle = Timeout };

    /// <summary>Whom a zone that changed at a server is transferred from; null, and why: nobody says.</summary>
    internal IReadOnlyList<Primary>? PrimariesOf(string server, in DnsName zone, OopsConfig whole, out string why)
    {
        var from = Primaries(whole.Servers.GetValueOrDefault(server)?.Address);
        why = from.Count > 0 ? "" : $"where is {zone} transferred from? {server} has no address; write from for {Name}";
        return from.Count > 0 ? from : null;
    }

    /// <summary>Whom the zones of a server are transferred from; empty: nobody says.</summary>
    internal IReadOnlyList<Primary> Primaries(Endpoint? server) => [.. (From ?? (server is { } address ? [new PrimaryConfig { Address = address }] : [])).Select(p => p.ToPrimary(Key))];

    public virtual void CheckAgainst(OopsConfig config, ConfigErrors errors, string path)
    {
        if (From is null && config.Servers.Values.All(static s => s.Address is null))
            errors.Add(path, "where are zones transferred from? Write from, or the address of the server whose zones change");
    }

    public virtual void Validate(ConfigErrors errors, string path) => PrimaryConfig.CheckFrom(From ?? [], Keys, Key, errors, path);
}
