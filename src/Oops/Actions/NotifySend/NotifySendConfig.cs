using System.ComponentModel;
using Oops.Config;
using Oops.Engine;
using Oops.Wire.Dns;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Actions.NotifySend;

/// <summary>NOTIFY to whoever wants to know that a zone changed.</summary>
internal sealed record NotifySendConfig : IActionConfig, IValidate
{
    [Description("What rules call it (run: NAME).")]
    [Declares(Named.Action)]
    public required string Name { get; set; }

    [Description("Whom to notify: IP address, with a port if it is not 53, or a map of address and key; or a list of them. All are notified, each by itself. Needed unless there is learn.")]
    [NotEmpty]
    [MayBeOne]
    public IReadOnlyList<NotifySendToConfig>? To { get; set; }

    [Description("The server, or servers, of which a source dnstap tells who transfers zones: these are notified too, at port 53, without a signature. Who was refused is not, nor whose query was signed, nor this host. Default: nobody is learnt.")]
    [NotEmpty]
    [MayBeOne]
    [Reference(Named.Server)]
    public IReadOnlyList<string>? Learn { get; set; }

    [Description("How long after its last transfer of the zone one is notified that was learnt.")]
    [Bounds("1m", "365d")]
    public TimeSpan LearnFor { get; set; } = TimeSpan.FromDays(8);

    [Description("Most that are learnt, each counted once for each zone; beyond, who was seen longest ago is forgotten.")]
    [Bounds("1", "1000000")]
    public int MostLearnt { get; set; } = 10_000;

    [Description("Absolute path of a file of TSIG keys, in the form of BIND (tsig-keygen) or of Knot (keymgr -t): HMAC-SHA1, 224, 256, 384 or 512.")]
    [Path]
    public string? Keys { get; set; }

    [Description("The key of the key file that signs where to has no key of its own; then the answer must be signed with it too. Default: nothing is signed.")]
    public ZoneName? Key { get; set; }

    [Description("Over TCP, for a target that does not take NOTIFY over UDP or is far away. Default: UDP.")]
    public bool Tcp { get; set; }

    [Description("How long the answer to the first NOTIFY is waited for; over UDP to each next one twice as long.")]
    [Bounds("100ms", "1m")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    [Description("Over UDP: how often it is sent while nobody answers; then the whole is tried again later.")]
    [Bounds("1", "6")]
    public int Tries { get; set; } = 4;

    [Description("How many zones at once.")]
    [Bounds("1", "256")]
    public int Concurrency { get; set; } = 16;

    bool IActionConfig.CarriesRoutes => false;

    public IAction Create(OopsConfig config) => new NotifySendAction(this, Learn is null ? null : Path.Combine(config.StateDirectory, $"learnt-{Name}.txt"));

    /// <summary>Those that are written.</summary>
    internal IReadOnlyList<NotifySendToConfig> Targets => To ?? [];

    /// <summary>The key of a target; null: none.</summary>
    internal DnsName? KeyOf(NotifySendToConfig to) => (to.Key ?? Key) is { } key && DnsName.TryParse(key.Text, out var name) ? name : null;

    public void CheckAgainst(OopsConfig config, ConfigErrors errors, string path)
    {
        foreach (var server in Learn ?? [])
        {
            if (!config.Sources.Dnstap.Any(d => d.Server == server))
                errors.Add($"{path}.learn", $"nobody tells who transfers zones from {server}; add a source under sources: dnstap, or remove this");
        }
    }

    public void Validate(ConfigErrors errors, string path)
    {
        if (To is null && Learn is null)
            errors.Add($"{path}.to", "whom? Write addresses, or learn: the server whose dnstap tells who transfers");
        if (Learn is null && (errors.IsWritten($"{path}.learn-for") || errors.IsWritten($"{path}.most-learnt")))
            errors.Add(path, "learn-for and most-learnt mean nothing without learn");
        if (Key is not null && Keys is null)
            errors.Add($"{path}.key", "needs a key file; write keys: /path");
        if (Keys is null && Targets.FirstOrDefault(static t => t.Key is not null) is { } signed)
            errors.Add($"{path}.to", $"{signed.Address} has the key {signed.Key}, and there is no key file; write keys: /path");
        for (var i = 0; i < Targets.Count; i++)
        {
            if (Targets.Take(i).Any(t => t.Address.ToIPEndPoint(53).Equals(Targets[i].Address.ToIPEndPoint(53))))
                errors.Add($"{path}.to[{i}]", $"{Targets[i].Address} is listed twice; remove one");
        }
    }
}

/// <summary>One that is notified.</summary>
[ShortForm("address")]
internal sealed record NotifySendToConfig
{
    [Description("IP address, with a port if it is not 53.")]
    public required Endpoint Address { get; set; }

    [Description("The key of the key file that signs what it is told; then its answer must be signed, too. Default: the key that is written beside the key file, if there is one.")]
    public ZoneName? Key { get; set; }
}
