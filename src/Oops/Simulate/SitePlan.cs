using System.Globalization;

namespace Oops.Simulate;

/// <summary>A server of a random site: how it is watched.</summary>
internal sealed record PlannedServer(string Name, bool Process, bool Control, bool Bus, bool Systemd, bool Dnstap, IReadOnlyList<string> Probes, int ProbeEvery, bool Primary, int PrimaryEvery, bool OwnZones, IReadOnlyList<string> Zones);

internal sealed record PlannedRoute(string Name, string Router, int Servers);

/// <summary>The config of a random site, as the header of a scenario.</summary>
internal sealed class SitePlan
{
    static readonly string[] Prefixes = ["192.0.2.0/24", "2001:db8:53::/48", "198.51.100.0/24"];
    static readonly string[] Addresses = ["192.0.2.53", "2001:db8:53::53", "203.0.113.53"];

    readonly List<string> header = [];
    readonly Dice dice;

    public SitePlan(Dice dice, bool mayBeLast)
    {
        this.dice = dice;
        Observes = dice.Chance(18);
        if (Observes) header.Add("mode observe");
        for (var i = dice.Between(1, 3); i > 0; i--) Servers.Add(Server($"ns{Servers.Count + 1}"));
        Conditions();
        for (var i = dice.Between(1, 3); i > 0; i--) Routes.Add(Route(Routes.Count, mayBeLast));
    }

    public bool Observes { get; }

    public List<PlannedServer> Servers { get; } = [];

    public List<PlannedRoute> Routes { get; } = [];

    public IReadOnlyList<string> Header => header;

    public IEnumerable<string> Routers => Routes.Select(r => r.Router).Distinct();

    PlannedServer Server(string name)
    {
        var own = dice.Chance(25);
        var server = new PlannedServer(name, Process: dice.Chance(85), Control: own || dice.Chance(75), Bus: false, Systemd: dice.Chance(35), Dnstap: dice.Chance(35),
            [.. Addresses.Where(_ => dice.Chance(45))], dice.Pick([10, 20, 40]), Primary: dice.Chance(55), dice.Pick([10, 30]), own, [.. Weather.Zones.Take(dice.Between(1, Weather.Zones.Length))]);
        server = server with { Bus = server.Control, Process = server.Process || (!server.Control && server.Probes.Count == 0) };
        header.Add($"server {name} {(own ? "own-zones" : "zones " + string.Join(' ', server.Zones))}");
        if (server.Process) header.Add($"source process {name}");
        if (server.Control) header.Add($"source knot {name}");
        if (server.Systemd) header.Add($"source systemd {name}");
        if (server.Dnstap) header.Add($"source dnstap {name}");
        foreach (var address in server.Probes) header.Add($"source probe {name} {address} every {server.ProbeEvery}s");
        if (server.Primary) header.Add($"source primary {name} every {server.PrimaryEvery}s");
        return server;
    }

    void Conditions()
    {
        header.Add("condition expired zone-expiring before 0s");
        header.Add("condition not-refreshed zone-not-refreshed tries 3");
        header.Add("condition ill external polarity bad class local proof");
        header.Add("condition rumour external polarity bad class local");
        header.Add("condition busy query-rate-high threshold 1000");
    }

    PlannedRoute Route(int index, bool mayBeLast)
    {
        var name = $"anycast{index + 1}";
        var seen = Servers.Where(_ => dice.Chance(60)).Select(s => s.Name).ToList();
        if (seen.Count == 0) seen.Add(Servers[0].Name);
        var router = dice.Chance(25) ? "core" : "edge";
        var last = mayBeLast && dice.Chance(25);
        var fall = dice.Pick([0, 1, 1, 5, 20]);
        var budget = dice.Chance(20) ? "off" : string.Create(CultureInfo.InvariantCulture, $"{dice.Between(1, 2)} per {dice.Pick([5, 10, 30])}m");
        header.Add($"route {name} {Prefixes[index]} via {router} servers {string.Join(' ', seen)} need {dice.Between(1, seen.Count)} rise {dice.Pick([2, 5, 10, 60])}s fall {fall}s graceful {dice.Pick([0, 5, 60])}s budget {budget}{(last ? " last-resort" : "")}{(dice.Chance(8) ? " mode observe" : "")}");
        header.Add($"announce-when {name} server-running");
        if (dice.Chance(60)) header.Add($"announce-when {name} all-zones-ready");
        if (dice.Chance(45)) header.Add($"withdraw-when {name} not zone-ready share {dice.Pick([20, 50, 100])}%{(dice.Chance(50) ? $" for {dice.Between(1, 20)}s" : "")}{(dice.Chance(15) ? " relative false" : "")}");
        if (dice.Chance(35)) header.Add($"withdraw-when {name} expired zones a b{(dice.Chance(30) ? " relative false" : "")}");
        if (dice.Chance(40)) header.Add($"withdraw-when {name} ill");
        if (dice.Chance(40)) header.Add($"withdraw-when {name} rumour");
        if (dice.Chance(50)) header.Add($"degrade-when {name} busy");
        if (dice.Chance(30)) header.Add($"degrade-when {name} rumour");
        if (dice.Chance(30)) header.Add($"degrade-when {name} not-refreshed");
        return new(name, router, seen.Count);
    }
}
