using System.ComponentModel;
using System.Text.Json.Serialization;
using Oops.Actions;
using Oops.Config;
using Oops.Engine;
using Oops.Wire.Dns;
using Oops.Zones;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Sync;

/// <summary>What all actions have in common that make a target equal to a zone.</summary>
internal abstract record SyncConfig : IActionConfig, IValidate
{
    [Description("What rules call it (run: NAME), and `oops sync plan NAME ZONE`.")]
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

    [Description("What may change at the target without a person: beyond, nothing is written until a person says `oops sync apply --force NAME ZONE`.")]
    public SyncBrakeConfig Brake { get; set; } = new();

    [Description("How many zones at once.")]
    [Bounds("1", "64")]
    public int Concurrency { get; set; } = 4;

    [Description("How long a server may take to accept the connection, for the TLS handshake, and be silent.")]
    [Bounds("100ms", "5m")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    [Description("How long a transfer from one server may take.")]
    [Bounds("1s", "1d")]
    public TimeSpan TransferTimeout { get; set; } = TimeSpan.FromMinutes(10);

    [Description("Most records of a zone; one that has more is not carried on.")]
    [Bounds("10", "100000000")]
    public long MostRecords { get; set; } = 2_000_000;

    bool IActionConfig.CarriesRoutes => false;

    public IAction Create(OopsConfig config) => new SyncAction(this, config);

    /// <summary>The limits of a transfer.</summary>
    internal TransferLimits Limits => new() { Records = MostRecords, Total = TransferTimeout, Idle = Timeout };

    /// <summary>Makes targets, given all keys of the key file: one for each sync. What they share lives as long as the action.</summary>
    /// <param name="time">Of their timeouts.</param>
    internal abstract Func<TsigKey[], ISyncTarget> Targets(TimeProvider time);

    /// <summary>The names of the keys that the target needs.</summary>
    internal virtual IEnumerable<DnsName?> TargetKeys => [];

    /// <summary>Whom the zones of a server are transferred from; empty: nobody says.</summary>
    internal IReadOnlyList<Primary> Primaries(Endpoint? server) => [.. (From ?? (server is { } address ? [new PrimaryConfig { Address = address }] : [])).Select(p => p.ToPrimary(Key))];

    public virtual void CheckAgainst(OopsConfig config, ConfigErrors errors, string path)
    {
        if (From is null && config.Servers.Values.All(static s => s.Address is null))
            errors.Add(path, "where are zones transferred from? Write from, or the address of the server whose zones change");
    }

    public virtual void Validate(ConfigErrors errors, string path) => PrimaryConfig.CheckFrom(From ?? [], Keys, Key, errors, path);
}

/// <summary>How much of a target may change at once.</summary>
internal sealed record SyncBrakeConfig
{
    [Description("Share of its RRsets that may be changed.")]
    public Share Updates { get; set; } = new(30);

    [Description("Share of its RRsets that may be deleted.")]
    public Share Deletes { get; set; } = new(30);

    [Description("RRsets that it must have for the shares to count. That an empty zone deletes nothing holds always.")]
    [Bounds("0", "1000000")]
    public int Least { get; set; } = 10;

    internal SyncBrake ToBrake() => new(Updates.Fraction, Deletes.Fraction, Least);
}
