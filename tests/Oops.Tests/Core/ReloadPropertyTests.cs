using Oops.Core;
using Oops.Engine;
using Xunit;

namespace Oops.Tests.Core;

/// <summary>A reload with the same config changes nothing that is believed, decided, shown or alarmed, whatever was said before it.</summary>
public sealed class ReloadPropertyTests
{
    static readonly System.Net.IPNetwork V6 = System.Net.IPNetwork.Parse("2001:db8::/32");

    static RouterObserved Found(Random random) => random.Next(6) switch
    {
        0 or 1 => Rig.Router(RouteForm.Plain),
        2 => Rig.Router(RouteForm.Degraded),
        3 => new("edge", [new("r", RouteForm.Plain, "in part") { Lacks = [V6] }], []),
        4 => new("edge", [new("r", null, "192.0.2.0/24 plain; 2001:db8::/32 degraded")], []),
        _ => Rig.Router(),
    };

    static Policy Policy(bool last) => Rig.Simple(r => r with
    {
        Prefixes = [.. r.Prefixes, V6],
        LastResort = last,
        Fall = TimeSpan.FromSeconds(1),
        WithdrawWhen = [new("server-down"), new("server-shutting-down"), new("ext")],
        DegradeWhen = [new("server-crashed"), new("load")],
        Budget = new(2, TimeSpan.FromMinutes(30), [TimeSpan.FromMinutes(5)]),
    },
    new KindSpec("ext", Kind.External) { Polarity = Polarity.Bad, Proof = true },
    new KindSpec("load", Kind.External) { Polarity = Polarity.Bad });

    static string View(Rig rig)
    {
        var r = rig.Route();
        var parts = new List<string> { $"{r.State} w={r.Wanted} since={r.Since:HH:mm:ss.fff} because={r.Because}", "blocked=" + string.Join("|", r.Blocked), $"left={r.BudgetLeft} free={r.BudgetFree}", "person=" + r.Person, "waiting=" + string.Join(" ", r.Waiting) };
        foreach (var c in new[] { "server-running", "server-down", "server-crashed", "server-shutting-down", "all-zones-ready", "ext", "load" }) parts.Add($"{c}={rig.Condition(c).State}");
        foreach (var z in new[] { "a", "b" }) parts.Add($"{z}={rig.Machine.Condition("zone-ready", "ns1", z, rig.Moment)?.State}");
        parts.Add("alarms=" + string.Join(",", rig.Machine.Status(rig.Moment).Alarms.Select(a => $"{a.Id}@{a.Since:HH:mm:ss}")));
        return string.Join("\n", parts);
    }

    static Input Draw(Random random, double now)
    {
        var channel = random.Next(3) switch { 0 => "process/ns1", 1 => "knot/ns1/control", _ => "knot/ns1/bus" };
        return random.Next(23) switch
        {
            0 or 1 => Start(random, now),
            2 or 3 => new ProcessGone("process/ns1", new[] { "signal 9", "exit 0", "gone", ProcessGone.NoProcess, ProcessGone.LeftPidfile, "exit 1" }[random.Next(6)]),
            4 => new ChannelLost(channel, "why"),
            5 => new ChannelOpened(channel),
            6 or 7 => new ServerSignal("knot/ns1/control", Measure.Answering, random.Next(3) switch { 0 => 0, _ => 1 }, random.Next(2) == 0 ? Evidence.Proof : Evidence.Suspicion),
            8 => new ServerSignal("knot/ns1/bus", Measure.Stopping, random.Next(2)),
            9 or 10 or 11 => new ZoneSignal("knot/ns1/control", random.Next(2) == 0 ? "a" : "b", Measure.Serial, random.Next(4) == 0 ? Signal.Absent : 1),
            12 or 13 => new ChannelRead(random.Next(2) == 0 ? "knot/ns1/control" : "knot/ns1/bus"),
            14 => new Drain("p", ["r"], null, TimeSpan.FromMinutes(20), random.Next(2) == 0, true),
            15 => new Undrain("p", ["r"]),
            16 => new Hold("p", random.Next(2) == 0 ? [] : ["r"], TimeSpan.FromMinutes(1), "x"),
            17 => new Unhold("p", random.Next(2) == 0 ? [] : ["r"]),
            18 => new ExternalClaim("cli", random.Next(2) == 0 ? "ext" : "load", "ns1", (State)random.Next(3), Evidence.Proof, TimeSpan.FromSeconds(300), null),
            19 => new Confirm("p", []),
            20 => new RouterUnseen("edge", "no such socket"),
            21 => new Override("p", "server-running", "ns1", null, (State)random.Next(3), TimeSpan.FromMinutes(1), "x"),
            _ => Tick.Instance,
        };
    }

    static ProcessStarted Start(Random random, double now)
    {
        var pid = random.Next(3);
        return new("process/ns1", pid == 0 ? 10 : (int)(now * 100), pid == 0 ? 1000 : (long)(now * 100) - random.Next(2));
    }

    // Which of several bad zones is named depends on the order in which they were told.
    static string Comparable(string view) => System.Text.RegularExpressions.Regex.Replace(view, ", first [ab]", "");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_reload_changes_nothing_that_is_believed_or_decided(bool last)
    {
        var seeds = Environment.GetEnvironmentVariable("OOPS_LONG") == "1" ? 50_000 : 10_000;
        for (var seed = 0; seed < seeds; seed++)
        {
            var random = new Random(seed);
            var rig = new Rig(Policy(last)).Say(Found(random));
            if (random.Next(3) > 0) rig.Say([.. Rig.Healthy()]).Pass(10);
            List<string> log = [];
            for (var i = random.Next(1, 12); i > 0; i--)
            {
                var input = Draw(random, rig.Now);
                log.Add(input.ToString()!);
                rig.Say(input);
                if (random.Next(3) > 0) continue;
                var seconds = random.Next(1, 70);
                rig.Pass(seconds);
                log.Add($"pass {seconds}");
            }

            var lines = Rehearsal.Differences(rig.Machine, Policy(last), rig.Moment);
            Assert.True(lines.Count == 0, $"seed {seed}\n{string.Join('\n', log)}\n{string.Join('\n', lines)}");
            var before = Comparable(View(rig));
            var after = Comparable(View(rig.Reloaded(Policy(last))));
            Assert.True(before == after, $"seed {seed}\n{string.Join('\n', log)}\n{string.Join('\n', before.Split('\n').Zip(after.Split('\n')).Where(p => p.First != p.Second).Select(p => $"- {p.First}\n+ {p.Second}"))}");
        }
    }
}
