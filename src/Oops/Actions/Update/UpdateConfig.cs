using System.ComponentModel;
using System.Text.Json.Serialization;
using Oops.Config;
using Oops.Sync;
using Oops.Wire.Dns;
using Oops.Zones;

namespace Oops.Actions.Update;

/// <summary>Zones carried to a server that takes UPDATE.</summary>
internal sealed record UpdateConfig : SyncConfig
{
    [Description("The server that takes the updates: IP address, with a port if it is not 53, or a map of address, key and tls. It must let us transfer the zone, too.")]
    [JsonPropertyOrder(-1)]
    public required PrimaryConfig To { get; set; }

    [Description("The NS records of the zone itself are carried, too. Default: the target keeps its own.")]
    [JsonPropertyOrder(-1)]
    public bool ApexNs { get; set; }

    internal override IEnumerable<DnsName?> TargetKeys => [To.ToPrimary(null).Key];

    internal override Func<TsigKey[], ISyncTarget> Targets(TimeProvider time) => keys => new UpdateTarget(To.ToPrimary(null), keys, new SyncScope(ApexNs), Limits, time);

    public override void Validate(ConfigErrors errors, string path)
    {
        base.Validate(errors, path);
        if (To.Key is not null && Keys is null)
            errors.Add($"{path}.to.key", "needs a key file; write keys: /path");
        if (To.Key is null && !System.Net.IPAddress.IsLoopback(To.Address.Address))
            errors.Warn($"{path}.to", $"whoever can send from our address may change zones at {To.Address}; give it a key");
        var target = To.ToPrimary(null).Address;
        if (From?.Any(p => p.ToPrimary(null).Address.Equals(target)) == true)
            errors.Add($"{path}.to", $"zones come from {To.Address}, and would go to it; write another server");
    }
}
