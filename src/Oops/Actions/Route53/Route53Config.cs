using System.ComponentModel;
using System.Net;
using System.Text.Json.Serialization;
using Oops.Aws;
using Oops.Config;
using Oops.Sync;
using Oops.Wire.Dns;

namespace Oops.Actions.Route53;

/// <summary>Zones carried to hosted zones of Amazon Route 53.</summary>
internal sealed record Route53Config : SyncConfig
{
    [Description("Hosted zones by their IDs, for zones of which the account has several public ones. Default: the one public hosted zone of the zone's name.")]
    [JsonPropertyOrder(-1)]
    public IReadOnlyList<HostedZoneConfig> HostedZones { get; set; } = [];

    [Description("The profile of the shared credentials and config files; then keys of the environment do not count. Default: AWS_PROFILE, or default.")]
    [JsonPropertyOrder(-1)]
    public string? Profile { get; set; }

    [Description("Absolute path of a credentials file in the form of AWS; then keys of the environment do not count. Default: AWS_SHARED_CREDENTIALS_FILE, or ~/.aws/credentials.")]
    [Path]
    [JsonPropertyOrder(-1)]
    public string? Credentials { get; set; }

    [Description("The region that requests are signed for: us-east-1; cn-northwest-1 in China, us-gov-west-1 in GovCloud (US).")]
    [JsonPropertyOrder(-1)]
    public string Region { get; set; } = "us-east-1";

    [Description("URL of the API, https; http only on this machine. Default: that of the region's partition, https://route53.amazonaws.com.")]
    [JsonPropertyOrder(-1)]
    public string? Endpoint { get; set; }

    [Description("Requests per second that the account allows, in the long run; all zones of this action share them. Less leaves the rest to others of the account.")]
    [Bounds("0.1", "1000")]
    [JsonPropertyOrder(-1)]
    public double Rate { get; set; } = 10;

    [Description("Requests at once after a pause.")]
    [Bounds("1", "1000")]
    [JsonPropertyOrder(-1)]
    public int Burst { get; set; } = 50;

    [Description("Records per second that the account lets change, in the long run, counted as the limits of a request count them; all zones of this action share them.")]
    [Bounds("1", "100000")]
    [JsonPropertyOrder(-1)]
    public double Changes { get; set; } = 100;

    [Description("Records that change at once after a pause: no less than a request may have.")]
    [Bounds("1000", "1000000")]
    [JsonPropertyOrder(-1)]
    public int ChangesBurst { get; set; } = 1000;

    [Description("How long Route 53 may take to have a change on all its servers, and to be done with somebody else's.")]
    [Bounds("1s", "1h")]
    [JsonPropertyOrder(-1)]
    public TimeSpan InSyncTimeout { get; set; } = TimeSpan.FromMinutes(5);

    internal Uri Place => new(Endpoint ?? Region switch
    {
        _ when Region.StartsWith("cn-", StringComparison.Ordinal) => "https://route53.amazonaws.com.cn",
        _ when Region.StartsWith("us-gov-", StringComparison.Ordinal) => "https://route53.us-gov.amazonaws.com",
        _ => "https://route53.amazonaws.com",
    });

    internal override Func<TsigKey[], ISyncTarget> Targets(TimeProvider time)
    {
        var api = new Route53Api(this, AwsSurroundings.Process, time);
        return _ => new Route53Target(api, Ids(), Limits, time);
    }

    /// <summary>For somebody else's change, and for our own.</summary>
    internal override TimeSpan Waits => 2 * InSyncTimeout;

    // A change takes seconds to be written, and up to a minute to be everywhere.
    internal override int WaitersPerTurn => 16;

    internal IReadOnlyDictionary<DnsName, string> Ids() => HostedZones.ToDictionary(static h => DnsName.TryParse(h.Zone.Text, out var name) ? name : default, static h => h.Id);

    public override void Validate(ConfigErrors errors, string path)
    {
        base.Validate(errors, path);
        for (var i = 0; i < HostedZones.Count; i++)
        {
            if (HostedZones.Take(i).Any(h => h.Zone == HostedZones[i].Zone))
                errors.Add($"{path}.hosted-zones[{i}].zone", $"{HostedZones[i].Zone} is written twice");
        }

        if (!Region.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
            errors.Add($"{path}.region", $"{ConfigErrors.Show(Region)} is no region such as us-east-1");
        if (Endpoint is { } endpoint && !IsPlace(endpoint))
            errors.Add($"{path}.endpoint", $"{ConfigErrors.Show(endpoint)} is no URL of an API; write https://HOST, or http://127.0.0.1:PORT on this machine");
    }

    static bool IsPlace(string url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.PathAndQuery == "/" && uri.UserInfo.Length == 0
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && (uri.Host == "localhost" || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address)))));
}

/// <summary>Which hosted zone is meant.</summary>
internal sealed record HostedZoneConfig : IValidate
{
    [Description("The zone's name.")]
    public required ZoneName Zone { get; set; }

    [Description("The ID of its hosted zone, as Route 53 shows it: Z0123456789ABCDEFGHIJ.")]
    public required string Id { get; set; }

    public void Validate(ConfigErrors errors, string path)
    {
        if (!Route53Api.IsId(Id))
            errors.Add($"{path}.id", $"{ConfigErrors.Show(Id)} is no ID of a hosted zone; write it as Route 53 shows it, such as Z0123456789ABCDEFGHIJ");
    }
}
