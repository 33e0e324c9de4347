using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using Oops.Config;
using Oops.Engine;
using Oops.Native;
using Oops.Routers;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Actions.Exabgp;

/// <summary>One ExaBGP.</summary>
internal sealed record ExabgpConfig : IKeepsLedger, IValidate
{
    [Description("What routes call it in `via`.")]
    [Declares(Named.Action)]
    public required string Name { get; set; }

    [Description("Absolute path of ExaBGP's named pipes without their endings `.in` and `.out`. oops must be allowed to read and write both, which Debian's unit does not grant (see below).")]
    [Path]
    public string Pipes { get; set; } = "/run/exabgp/exabgp";

    [Description("Absolute path of the socket of `oops exabgp-relay`, which ExaBGP runs: then its answers come to oops alone. Absent: by the named pipes, which all users of them share.")]
    [Path]
    public string? Socket { get; set; }

    [Description("The local AS number, which is prepended to degrade a route. Absent: ExaBGP's own, of its neighbors.")]
    [Bounds("1", "4294967295")]
    public long? Asn { get; set; }

    [Description("The next hop of IPv4 prefixes: `self`, the session's own address, or an address. `self` is refused at sessions over IPv6.")]
    public string NextHop4 { get; set; } = "self";

    [Description("The next hop of IPv6 prefixes: `self`, the session's own address, or an address. `self` is refused at sessions over IPv4.")]
    public string NextHop6 { get; set; } = "self";

    [Description("Addresses of the neighbors that get the routes. Empty: all of ExaBGP's.")]
    public IReadOnlyList<string> Neighbors { get; set; } = [];

    [Description("How long ExaBGP may take for one whole answer.")]
    [Bounds("50ms", "30s")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(2);

    [Description("How often the router is read when nothing happens. Each time ExaBGP walks its whole table.")]
    [Bounds("1s", "10m")]
    public TimeSpan ReadEvery { get; set; } = TimeSpan.FromSeconds(10);

    internal static RouterKind Kind { get; } = RouterKind.InMemory("exabgp", "ExaBGP", "`exabgpcli withdraw route PREFIX next-hop self`");

    RouterKind IKeepsLedger.Kind => Kind;

    /// <summary>With whom: what was announced to all neighbors is not taken back from some.</summary>
    string IKeepsLedger.Router => Strays.Normal(Socket ?? Pipes) + (Neighbors.Count == 0 ? "" : $" (neighbors {string.Join(' ', Neighbors.Order(StringComparer.Ordinal))})");

    bool IActionConfig.CarriesRoutes => true;

    public IAction Create(OopsConfig config) => Create(RouterRoute.Via(Name, config), new(((IKeepsLedger)this).LedgerPath(config)), BootTime.Instance, Heritage.Of(this, config));

    /// <summary>The same with routes that are not from a config.</summary>
    public PrefixRouter Create(IReadOnlyList<RouterRoute> routes, LedgerFile ledger, TimeProvider time, Heritage? heritage = null) =>
        new("exabgp", Name, new ExabgpLink(this, time), routes, ledger, ReadEvery, Timeout, heritage);

    string IActionConfig.NextHop(AddressFamily family) =>
        (family == AddressFamily.InterNetwork ? NextHop4 : NextHop6) is var hop && hop == "self" ? NextHop.Own : IPAddress.Parse(hop).ToString();

    public void Validate(ConfigErrors errors, string path)
    {
        if (Socket is not null && errors.IsWritten($"{path}.pipes")) errors.Add(path, "has both pipes and a socket; write one of them");
        Hop(NextHop4, AddressFamily.InterNetwork, "next-hop4");
        Hop(NextHop6, AddressFamily.InterNetworkV6, "next-hop6");
        for (var i = 0; i < Neighbors.Count; i++)
            if (!IPAddress.TryParse(Neighbors[i], out var neighbor) || neighbor.ToString() != Neighbors[i])
                errors.Add($"{path}.neighbors[{i}]", $"{ConfigErrors.Show(Neighbors[i])} is not an address as ExaBGP prints it");

        void Hop(string value, AddressFamily family, string key)
        {
            if (value != "self") NextHop.Check(value, family, errors, $"{path}.{key}", ", nor `self`");
        }
    }

    public void CheckAgainst(OopsConfig config, ConfigErrors errors, string path)
    {
        if (NextHop6 == "self" && (Neighbors.Count == 0 || Neighbors.Any(n => Endpoint.TryAddress(n, AddressFamily.InterNetwork, out _))))
            NextHop.WarnOfSix(Name, "ExaBGP", config, errors);
    }
}
