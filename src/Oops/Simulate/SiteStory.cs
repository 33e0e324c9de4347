using System.Globalization;

namespace Oops.Simulate;

/// <summary>A random site: its servers, its routers, its persons, and what befalls us there. Told as a scenario, so that what is found can be played again by hand.</summary>
internal sealed class SiteStory
{
    readonly Calendar calendar = new();
    readonly Dice dice;
    readonly SitePlan plan;
    readonly Weather weather;
    readonly List<ServerStory> servers;
    readonly long end;

    SiteStory(Dice dice, Weather weather, long end, bool mayBeLast)
    {
        (this.dice, this.weather, this.end) = (dice, weather, end);
        plan = new(dice, mayBeLast);
        servers = [.. plan.Servers.Select(s => new ServerStory(s, calendar, dice, weather))];
    }

    /// <param name="seed">Of the schedule.</param>
    /// <param name="site">Which of its sites: the storms are the same for all.</param>
    public static string Text(ulong seed, int site)
    {
        var shared = Dice.Of(seed, 0);
        var end = shared.Pick([3, 6, 10, 15, 40]) * 60_000L;
        var story = new SiteStory(Dice.Of(seed, site + 1), Weather.Of(shared, end), end, mayBeLast: site % 4 == 0);
        return story.Tell(seed, site);
    }

    string Tell(ulong seed, int site)
    {
        foreach (var router in plan.Routers)
        {
            var has = plan.Routes.Where(r => r.Router == router).Select(r => $"{r.Name} {(dice.Chance(70) ? "withdrawn" : dice.Chance(70) ? "plain" : "degraded")}");
            var line = $"router {router} has {string.Join(' ', has)}";
            calendar.In(dice.Chance(80) ? 0 : dice.Below(20_000), () => calendar.Write(line));
            ReadAgain(router);
        }
        foreach (var server in servers) server.Begin(dice.Chance(90));
        foreach (var (storm, from, to, _) in weather.Storms)
            if (storm == Storm.Clock)
            {
                calendar.In(from, () => calendar.Write("clock stepped"));
                calendar.In(to, () => calendar.Write("clock trusted"));
            }
        if (plan.Observes && dice.Chance(60)) calendar.In(dice.Below((int)end), () => calendar.Write("reload confirmed mode act"));
        calendar.In(dice.Between(1, 90) * 1000L, Befall);
        calendar.Live(end);
        return string.Join('\n', (IEnumerable<string>)[string.Create(CultureInfo.InvariantCulture, $"# seed {seed}, site {site}"), .. plan.Header, .. calendar.Lines, ""]);
    }

    void ReadAgain(string router)
    {
        calendar.In(dice.Between(20_000, 60_000), () =>
        {
            calendar.Write($"router {router} read");
            ReadAgain(router);
        });
    }

    /// <summary>Something happens; the next thing may come at once, or after minutes.</summary>
    void Befall()
    {
        var what = dice.Below(100);
        if (what < 45) OfServer(dice.Pick(servers));
        else if (what < 60) OfSources(dice.Pick(servers));
        else if (what < 75) OfRouter(dice.Pick(plan.Routes).Router);
        else if (what < 87) OfPersons();
        else OfOurselves();
        calendar.In(dice.Chance(35) ? dice.Below(3000) : dice.Between(3, 150) * 1000L, Befall);
    }

    void OfServer(ServerStory server)
    {
        var zone = dice.Pick(server.Plan.Zones);
        switch (dice.Below(15))
        {
            case 13:
                server.CrashAgain(dice.Between(3, 6), dice.Pick([4, 15, 40]) * 1000L);
                break;
            case 14:
                server.Relist();
                break;
            case 0 or 1 or 2:
                server.Crash(dice.Pick(["signal 9", "signal 11", "exit 1", "exit 0", "gone"]), dice.Pick([-1, 300, 900, 3000, 8000, 30_000, 120_000]));
                break;
            case 3 or 4:
                server.Stop(dice.Pick([500, 2000, 20_000, 200_000]), calledOff: dice.Chance(15));
                break;
            case 5:
                server.Start();
                break;
            case 6:
                server.Hang(dice.Pick([5, 30, 120]) * 1000L);
                break;
            case 7:
                server.Flood(dice.Pick([10, 60, 300]) * 1000L);
                break;
            case 8 or 9:
                server.Spoil(zone, dice.Pick([5, 60, 300]) * 1000L);
                if (dice.Chance(40))
                    foreach (var other in server.Plan.Zones) server.Spoil(other, 90_000);
                break;
            case 10:
                server.Expire(zone, dice.Pick([20, 120]) * 1000L);
                break;
            case 11:
                if (dice.Chance(50)) server.Unrefreshed(zone);
                else server.Relist();
                break;
            default:
                var valid = dice.Pick([5, 60, 300]);
                calendar.Write($"claim check/{dice.Below(2)} {dice.Pick(["ill", "rumour"])} {server.Plan.Name} {dice.Pick(["met", "met", "not-met", "unknown"])} valid {valid}s{(dice.Chance(25) ? " suspicion" : "")}");
                break;
        }
    }

    /// <summary>What we learn by is lost: one source, or all that hang on one bus at once, whatever the servers do.</summary>
    void OfSources(ServerStory server)
    {
        var span = dice.Pick([500, 5000, 60_000, 400_000]);
        if (dice.Chance(70))
        {
            server.Cut(dice.Pick(server.Channels.ToList()), dice.Pick([null, "timeout", "no such socket", "cannot read /proc"]), span);
            return;
        }
        foreach (var one in servers)
            foreach (var channel in one.Channels.Where(c => dice.Chance(60))) one.Cut(channel, "the bus is gone", span);
    }

    void OfRouter(string router)
    {
        var span = dice.Pick([500, 5000, 40_000, 180_000]);
        switch (dice.Below(10))
        {
            case 8 or 9:
                calendar.Write($"router {router} alone");
                calendar.In(dice.Pick([5000, 60_000, 400_000, 1_200_000]), () => calendar.Write($"router {router} joined"));
                // What is announced and taken back meanwhile nobody has.
                if (dice.Chance(60)) dice.Pick(servers).CrashAgain(dice.Between(3, 6), dice.Pick([15, 40]) * 1000L);
                break;
            case 0 or 1:
                calendar.Write($"router {router} refuses");
                calendar.In(span, () => calendar.Write($"router {router} obeys"));
                break;
            case 2:
                calendar.Write($"router {router} late {dice.Pick([0, 200, 3000, 20_000])}ms");
                break;
            case 3:
                calendar.Write($"router {router} ignores");
                break;
            case 4:
                calendar.Write($"router {router} forgets");
                if (dice.Chance(60)) calendar.Write($"router {router} read");
                break;
            case 5:
                calendar.Write($"router {router} unseen \"connection refused\"");
                if (dice.Chance(50)) calendar.Write($"router {router} forgets");
                calendar.In(dice.Below(9000), () => calendar.Write($"router {router} read"));
                break;
            case 6:
                var route = plan.Routes.First(r => r.Router == router).Name;
                calendar.Write($"router {router} has {route} {dice.Pick(["plain", "withdrawn", "degraded"])}");
                break;
            default:
                calendar.Write($"router {router} orphan 203.0.113.0/24");
                if (dice.Chance(60)) calendar.In(span, () => calendar.Write("release 203.0.113.0/24"));
                break;
        }
    }

    void OfPersons()
    {
        var route = dice.Chance(40) ? "all" : dice.Pick(plan.Routes).Name;
        var server = dice.Pick(plan.Servers);
        var span = dice.Pick([3, 20, 90, 600]);
        var line = dice.Below(12) switch
        {
            0 or 1 => $"drain {route} for {span}s{(dice.Chance(25) ? " force" : "")}",
            2 => $"drain {route} for {span}s until-started{(dice.Chance(25) ? " force" : "")}",
            3 => $"drain all server {server.Name} for {span}s{(dice.Chance(50) ? " until-started" : "")}",
            4 => $"undrain {route}",
            5 or 6 => $"hold {route} for {span}s",
            7 => dice.Chance(30) ? $"hold {route}" : $"unhold {route}",
            8 or 9 => $"confirm {route}",
            10 => $"override {dice.Pick(["server-down", "server-running", "all-zones-ready", "server-shutting-down"])} {server.Name} {dice.Pick(["met", "not-met", "unknown"])} for {span}s",
            _ => dice.Chance(50) ? $"override zone-ready {server.Name}/{dice.Pick(server.Zones)} {dice.Pick(["met", "not-met"])} for {span}s" : $"end-override server-down {server.Name}",
        };
        calendar.Write(line);
        // Nobody leaves a hold without an end for ever.
        if (line == $"hold {route}") calendar.In(span * 1000L, () => calendar.Write($"unhold {route}"));
    }

    void OfOurselves()
    {
        switch (dice.Below(10))
        {
            case 0 or 1 or 2:
                Die(dice.Chance(25) ? "upgrade" : "restart");
                break;
            case 3:
                Reboot();
                break;
            case 4 or 5:
                Pause(dice.Pick([300, 2000, 15_000, 90_000]));
                break;
            case 6:
                calendar.Write(plan.Observes || dice.Chance(20) ? $"reload {(dice.Chance(50) ? "confirmed " : "")}mode {(dice.Chance(75) ? "act" : "observe")}" : "reload same");
                break;
            case 7:
                calendar.Write(dice.Chance(50) ? "reload same" : "reload refused");
                break;
            default:
                var route = dice.Pick(plan.Routes);
                var change = dice.Pick([$"need {dice.Between(1, route.Servers)}", $"need {dice.Between(1, route.Servers)}", "last-resort", $"rise {dice.Pick([2, 20])}s", $"fall {dice.Pick([0, 3, 30])}s", "budget 1 per 5m", "budget off", "mode act", "mode observe"]);
                calendar.Write($"reload {(dice.Chance(50) ? "confirmed " : "")}route {route.Name} {change}");
                if (dice.Chance(60)) calendar.In(dice.Below(20_000), () => calendar.Write("confirm all"));
                break;
        }
    }

    void Pause(long span)
    {
        calendar.Write(string.Create(CultureInfo.InvariantCulture, $"pause {span}ms"));
        foreach (var server in servers) server.Pause(calendar.Now + span);
    }

    /// <summary>We were away for a while, in which nobody watched.</summary>
    void Die(string how)
    {
        var away = dice.Pick([0, 1, 4000, 40_000]);
        if (away > 0) Pause(away);
        calendar.In(away, () =>
        {
            calendar.Write(how);
            ComeBack();
        });
    }

    void Reboot()
    {
        foreach (var server in servers) server.Crash("gone", dice.Chance(80) ? dice.Between(500, 60_000) : -1);
        calendar.In(dice.Between(1, 400), () =>
        {
            calendar.Write("reboot");
            foreach (var router in plan.Routers)
                if (dice.Chance(60)) calendar.Write($"router {router} forgets");
            ComeBack();
        });
    }

    void ComeBack()
    {
        foreach (var router in plan.Routers) calendar.In(dice.Chance(85) ? dice.Below(800) : dice.Below(30_000), () => calendar.Write($"router {router} read"));
        foreach (var server in servers) server.Watch();
    }
}
