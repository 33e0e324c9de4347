using System.ComponentModel;
using Oops.Config;
using Oops.Engine;
using Oops.Native;
using Oops.Routers;

namespace Oops.Actions.Frr;

/// <summary>One bgpd of FRR.</summary>
internal sealed record FrrConfig : IKeepsLedger, IValidate
{
    [Description("What routes call it in `via`.")]
    [Declares(Named.Action)]
    public required string Name { get; set; }

    [Description("Absolute path of bgpd's VTY socket, at most 107 bytes. oops must be in the socket's group ('frrvty' on Debian).")]
    [Path]
    public string Socket { get; set; } = "/run/frr/bgpd.vty";

    [Description("The AS number that is prepended to degrade a route. Absent: that of the router's default BGP instance.")]
    [Bounds("1", "4294967295")]
    public long? Asn { get; set; }

    [Description("How long bgpd may take for one answer.")]
    [Bounds("50ms", "30s")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(2);

    [Description("How often the router is read when nothing happens.")]
    [Bounds("1s", "10m")]
    public TimeSpan ReadEvery { get; set; } = TimeSpan.FromSeconds(10);

    internal static RouterKind Kind { get; } = RouterKind.InMemory("frr", "FRR", "`no network PREFIX` in `router bgp` of vtysh");

    RouterKind IKeepsLedger.Kind => Kind;

    string IKeepsLedger.Router => Strays.Normal(Socket);

    bool IActionConfig.CarriesRoutes => true;

    public IAction Create(OopsConfig config) => new PrefixRouter("frr", Name, new FrrLink(this, BootTime.Instance), RouterRoute.Via(Name, config),
        new LedgerFile(((IKeepsLedger)this).LedgerPath(config)), ReadEvery, Timeout, Heritage.Of(this, config));

    public void Validate(ConfigErrors errors, string path)
    {
        SocketRules.Check(Socket, $"{path}.socket", errors);
    }

    public void CheckAgainst(OopsConfig config, ConfigErrors errors, string path)
    {
        foreach (var (name, route) in config.Routes.Where(r => r.Value.Via == Name && errors.Unbound.IsWhole($"routes.{r.Key}")))
            if (route.Degrade.Degradation.Med == 0)
                errors.Add($"routes.{name}.degrade", $"'{Name}' is an FRR, and bgpd gives MED 0 to every route that it originates: degraded by that it would be as before; write a higher one");
    }
}
