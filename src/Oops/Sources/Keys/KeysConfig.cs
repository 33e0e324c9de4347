using System.ComponentModel;
using Oops.Config;
using Oops.Dns;
using Oops.Engine;
using Oops.Keys;
using Oops.Sources.Notify;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Sources.Keys;

/// <summary>The keys of the zones of one server, and their DS.</summary>
internal sealed record KeysConfig : ISourceConfig, IValidate
{
    static readonly NotifyClamp RefreshDefault = new(TimeSpan.FromHours(1), TimeSpan.FromDays(15)), RetryDefault = new(TimeSpan.FromMinutes(5), TimeSpan.FromHours(1));

    [Description("The server whose zones' keys are watched.")]
    [Reference(Named.Server)]
    public required string Server { get; set; }

    [Description("The addresses that are asked for DNSKEY, CDS and CDNSKEY, with a port if it is not 53: of the server, and of others that serve the same zones. Default: the server's address.")]
    [NotEmpty]
    public IReadOnlyList<Endpoint>? To { get; set; }

    [Description("Authoritative servers of the parent zones, which are asked for the DS: IP addresses, with a port if it is not 53. Of several parents write the servers of all of them; of a zone count those that answer with authority for its parent. Default: none, and no delegation is judged.")]
    [NotEmpty]
    public IReadOnlyList<Endpoint>? Parent { get; set; }

    [Description("The zones that are watched. Default: the server's expected zones.")]
    [NotEmpty]
    public IReadOnlyList<ZoneName>? Zones { get; set; }

    [Description("Bounds of the time from one look to the next when nothing happens: half the TTL or half of what is left of the signatures, whichever is shorter (RFC 5011, 2.3); up to 10 % earlier, at random.")]
    public NotifyClampConfig Refresh { get; set; } = NotifyClampConfig.Of(RefreshDefault);

    [Description("The time to the next look after one at which somebody did not answer, or did not agree: the least at first, then twice as long each time, up to the most; never longer than without a failure.")]
    public NotifyClampConfig Retry { get; set; } = NotifyClampConfig.Of(RetryDefault);

    [Description("From the beginning of one look to that of the next, at least: of all zones together.")]
    [Bounds("1ms", "1m")]
    public TimeSpan Spacing { get; set; } = TimeSpan.FromMilliseconds(100);

    [Description("How long an answer is waited for.")]
    [Bounds("100ms", "30s")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(3);

    [Description("For so long the addresses may have other keys than each other before that counts: a zone takes its time to come to all of them.")]
    [Bounds("0s", "1d")]
    public TimeSpan Grace { get; set; } = TimeSpan.FromMinutes(10);

    [Description("Findings that are told and do not make delegation-mismatch met.")]
    public IReadOnlyList<FindingKind> Ignore { get; set; } = [];

    /// <summary>Its key in the config, and the first part of its name.</summary>
    public const string SourceName = "keys";

    public ISource Create(OopsConfig config) => new KeysSource(Target(config));

    internal KeysTarget Target(OopsConfig config) => new()
    {
        Server = Server,
        Addresses = [.. (To ?? [config.Servers[Server].Address!.Value]).Select(Address)],
        Parents = [.. (Parent ?? []).Select(Address)],
        Zones = Zones?.Select(z => z.Text).ToArray(),
        Refresh = Refresh.Within(RefreshDefault),
        Retry = Retry.Within(RetryDefault),
        Spacing = Spacing,
        Timeout = Timeout,
        Grace = Grace,
        Ignore = Ignore.ToHashSet(),
        Folder = config.StateDirectory,
    };

    public string DependsOn(OopsConfig config) => config.StateDirectory;

    public void Validate(ConfigErrors errors, string path)
    {
        if (To is null && errors.IsWritten($"servers.{Server}") && errors.Unbound.IsWhole($"servers.{Server}") && !errors.IsWritten($"servers.{Server}.address"))
            errors.Add(path, $"whom to ask for the keys? write to, or the address of the server {Server}");
        foreach (var (key, list) in new[] { ("to", To ?? []), ("parent", Parent ?? []) })
        {
            for (var i = 1; i < list.Count; i++)
                if (list.Take(i).Any(l => l.ToIPEndPoint(53).Equals(list[i].ToIPEndPoint(53)))) errors.Add($"{path}.{key}[{i}]", $"{list[i]} is listed twice; remove one");
        }

        if (Ignore.Count > 0 && Parent is null) errors.Add($"{path}.ignore", "without parent nothing is judged; write parent, or remove this");
        Refresh.Validate(errors, $"{path}.refresh", RefreshDefault);
        Retry.Validate(errors, $"{path}.retry", RetryDefault);
    }

    static KeysAddress Address(Endpoint endpoint) => new(endpoint.ToString(), endpoint.ToIPEndPoint(53));
}
