using System.ComponentModel;
using System.Net;
using Oops.Config;
using Oops.Reports;
using Oops.Reports.Verify;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Sources.ErrorReports;

/// <summary>Looks whether what is reported is so.</summary>
internal sealed record ReportVerifyConfig : IValidate
{
    [Description("The resolvers that are asked, which must pass on DNSSEC: IP addresses, with a port if it is not 53. Default: none, it resolves from the root on.")]
    [NotEmpty]
    public IReadOnlyList<Endpoint>? Resolver { get; set; }

    [Description("Absolute path of a file of trust anchors, DS or DNSKEY records in zone format. Default: Debian's /usr/share/dns/root.key (dns-root-data), or Unbound's.")]
    [Path]
    public string? TrustAnchor { get; set; }

    [Description("From the beginning of one check to that of the next, at least; there is one at a time, and what is too much is shed and counted.")]
    [Bounds("100ms", "1h")]
    public TimeSpan Spacing { get; set; } = TimeSpan.FromSeconds(1);

    [Description("How long a check may take; then its process is killed, and nothing is said of the report.")]
    [Bounds("1s", "1m")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    [Description("The same report (zone, name, types, INFO-CODE) is not checked again within this, and so long is what was found believed.")]
    [Bounds("1m", "1d")]
    public TimeSpan Again { get; set; } = TimeSpan.FromMinutes(10);

    const int MostResolvers = 8, MostRemembered = 16_384;

    internal CheckLimits Limits => new(Again, (int)Math.Min(MostRemembered, Again / Spacing));

    public VerifyPlan ToPlan(OopsConfig config) => new()
    {
        Resolvers = [.. (Resolver ?? []).Select(r => r.ToIPEndPoint(53))],
        TrustAnchor = TrustAnchor,
        Spacing = Spacing,
        Timeout = Timeout,
        Servers = [.. config.Servers.Select(s => new VerifyServer(s.Key, [.. AddressesOf(s.Value)])).Where(s => s.Addresses.Count > 0)],
    };

    public void Validate(ConfigErrors errors, string path)
    {
        if (Resolver?.Count > MostResolvers) errors.Add($"{path}.resolver", $"are {Resolver.Count}; the most are {MostResolvers}");
        if (Again / Spacing > MostRemembered) errors.Add($"{path}.again", $"{Duration.Format(Again)} of a check each {Duration.Format(Spacing)} is more than can be remembered; write a shorter one, or a longer spacing");
    }

    static IEnumerable<IPEndPoint> AddressesOf(ServerConfig server)
    {
        if (server.Address is { } own) yield return own.ToIPEndPoint(53);
        foreach (var peer in server.Peers) yield return peer.ToIPEndPoint(53);
    }
}
