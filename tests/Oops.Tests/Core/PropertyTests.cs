using System.Globalization;
using System.Net;
using FsCheck;
using FsCheck.Fluent;
using Oops.Core;
using Xunit;

namespace Oops.Tests.Core;

/// <summary>What holds for every history. A history is a list of numbers, so that a failing one shrinks to what matters.</summary>
public sealed class PropertyTests
{
    static readonly string[] Names = ["a", "b", "c", "d", "x.example", "y.example"];

    [Fact]
    public void Any_order_of_the_same_levels_ends_in_the_same_state() => Holds(200, numbers =>
    {
        List<Input> levels = [new ProcessStarted("process/ns1", 10, 1000), new ServerSignal("knot/ns1/control", Measure.Answering, numbers.Length % 3 == 0 ? 0 : 1), new ServerSignal("process/ns1", Measure.Idle, 0)];
        levels.AddRange(Names.SelectMany((z, i) => new Input[]
        {
            new ZoneSignal("knot/ns1/control", z, Measure.Serial, At(numbers, i) % 4 == 0 ? Signal.Absent : 1 + (At(numbers, i) % 2)),
            new ZoneSignal("knot/ns1/bus", z, Measure.Serial, 1 + (At(numbers, i + 6) % 2)),
            new ZoneSignal("primary/ns1", z, Measure.Serial, At(numbers, i + 12) % 3 == 0 ? Signal.Absent : 2),
            new ZoneSignal("knot/ns1/control", z, Measure.Expiry, At(numbers, i + 18) % 3 == 0 ? 0 : 100_000),
        }));
        var shuffled = levels.Select((l, i) => (Level: l, Key: unchecked((uint)(At(numbers, i) * 2654435761u) ^ (uint)i))).OrderBy(l => l.Key).Select(l => l.Level).ToList();
        var (one, two) = (State(levels), State(shuffled));
        return Equal(one, two);

        static string State(List<Input> levels)
        {
            var rig = new Rig(Rules()).Say(Rig.Router()).Say([new ZonesListed("knot/ns1/control", [.. Names], Last: true)]).Say([.. levels]).Pass(20);
            return Describe(rig);
        }
    });

    [Fact]
    public void The_same_inputs_give_the_same_effects() => Holds(100, numbers =>
    {
        var asked = Live(numbers, rig =>
        {
            // Whoever looks, changes nothing.
            _ = rig.Machine.Status(rig.Moment);
            _ = rig.Machine.NextDeadline;
        });
        var unasked = Live(numbers, _ => { });
        return Equal(string.Join('\n', asked.Effects), string.Join('\n', unasked.Effects)) && Equal(Describe(asked), Describe(unasked));
    });

    [Fact]
    public void Nothing_is_withdrawn_without_a_proof() => Holds(200, numbers =>
    {
        // Every input is a suspicion, an absence, a loss or silence: no exit, no refusal, no word of the server or of a person, no data that is bad here and well there.
        var rig = Announced(Rules());
        foreach (var n in numbers)
        {
            rig.Say(Harmless(n)).Pass(n % 97);
            if (rig.Told!.Routes.Any(r => r.Form == RouteForm.Withdrawn)) return false;
        }
        return true;
    });

    [Fact]
    public void A_last_resort_is_not_withdrawn_without_a_person() => Holds(200, numbers =>
    {
        var rig = Announced(Rules(r => r with { LastResort = true }));
        foreach (var n in numbers)
        {
            rig.Say(Anything(n, rig)).Pass(n % 61);
            if (rig.Told!.Routes.Any(r => r.Form == RouteForm.Withdrawn)) return false;
        }
        return true;
    });

    [Fact]
    public void There_are_never_more_announcements_than_the_budget() => Holds(200, numbers =>
    {
        var per = TimeSpan.FromMinutes(30);
        var rig = new Rig(Rules(r => r with { AnnounceWhen = [new("server-running")], Budget = new(2, per, [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1)]) })).Say(Rig.Router());
        List<double> announced = [];
        // Whether there is a peer that hears it; where none did, the router says so when it takes it back.
        var heard = true;
        var first = true;
        var on = false;
        var pid = 10;
        rig.Hears = () => heard;
        foreach (var n in numbers)
        {
            heard = n % 3 != 0;
            rig.Say(new ProcessStarted("process/ns1", ++pid, (long)(rig.Now * 100)), new ServerSignal("knot/ns1/control", Measure.Answering, 1));
            for (var i = 0; i < n % 40; i++) rig.Pass(5).Say(new ChannelRead("knot/ns1/control"));
            var now = rig.Told?.Routes.Any(r => r.Form != RouteForm.Withdrawn) ?? false;
            // The very first is free.
            if (now && !on && heard && !first) announced.Add(rig.Now);
            first &= !now;
            on = now;
            rig.Say(new ProcessGone("process/ns1", "signal 9"));
            on = false;
        }
        return announced.All(from => announced.Count(a => a >= from && a < from + per.TotalSeconds - 200) <= 2);
    });

    [Fact]
    public void Counts_equal_a_recount_and_the_machine_sleeps() => Holds(500, numbers =>
    {
        var rig = new Rig(Rules()).Say(Rig.Router()).Say(new ZonesListed("knot/ns1/control", [.. Names], Last: true));
        foreach (var n in numbers)
        {
            var input = Anything(n, rig);
            rig.Say(input is ZonesListed && numbers.Length % 3 != 0 ? Tick.Instance : input);
            Assert.True(rig.Machine.NextDeadline > rig.Moment.At, "the deadline is in the past");
            Assert.Empty(rig.Machine.Stale());
            rig.Pass(n % 5 == 0 ? n % 300 : 0.3);
            var counts = rig.Condition("all-zones-ready").Counts;
            var zones = rig.Machine.Zones("ns1", rig.Moment).Where(z => z.Expected).ToList();
            // Zones in grace are expected, but do not count yet.
            var (met, bad, unknown) = (Count(Oops.Core.State.Met), Count(Oops.Core.State.NotMet), Count(Oops.Core.State.Unknown));
            if (counts is null) continue;
            Assert.True(counts.Met <= met && counts.NotMet <= bad && counts.Unknown <= unknown, "more are counted than there are");
            if (!rig.HasGrace) Assert.Equal((met, bad, unknown), (counts.Met, counts.NotMet, counts.Unknown));

            int Count(State state) => zones.Count(z => z.Ready == state);
        }
        var wakes = rig.Wakes;
        rig.Pass(3600);
        Assert.InRange(rig.Wakes - wakes, 0, 600);
        return true;
    });

    [Fact]
    public void Zones_are_judged_as_a_plain_reading_of_the_rule_would() => Holds(200, numbers =>
    {
        var rig = new Rig(Rig.Simple() with { Servers = [new("ns1")] }).Say(new ZonesListed("knot/ns1/control", [.. Names], Last: true));
        var model = new Dictionary<(string Channel, string Zone), (State State, double At)>();
        foreach (var n in numbers)
        {
            var zone = Names[n / 7 % Names.Length];
            var channel = n / 50 % 2 == 0 ? "knot/ns1/control" : "knot/ns1/bus";
            switch (n % 7)
            {
                case < 4:
                    var (value, state) = (n / 100 % 3) switch
                    {
                        0 => (1L, Oops.Core.State.Met),
                        1 => (Signal.Absent, Oops.Core.State.NotMet),
                        _ => (Signal.Unsaid, Oops.Core.State.Unknown),
                    };
                    rig.Say(new ZoneSignal(channel, zone, Measure.Serial, value));
                    model[(channel, zone)] = (state, rig.Now);
                    break;
                case 4:
                    rig.Say(new ChannelLost(channel, "lost"));
                    foreach (var key in model.Keys.Where(k => k.Channel == channel).ToList()) model.Remove(key);
                    break;
                case 5:
                    rig.Say(new ProcessStarted("process/ns1", n, (long)(rig.Now * 100)), new ProcessGone("process/ns1", "signal 9"));
                    model.Clear();
                    break;
                default:
                    rig.Pass(n % 100);
                    break;
            }
            foreach (var name in Names)
                if (rig.Condition("zone-ready", zone: name).State != Expected(name)) return false;
        }
        return true;

        State Expected(string zone)
        {
            // The control socket is a witness, whose claims live 180 s; the bus a messenger, who counts while he has spoken.
            var witness = model.TryGetValue(("knot/ns1/control", zone), out var w) && Tenths(rig.Now) < Tenths(w.At) + 1800 ? w.State : Oops.Core.State.Unknown;
            var messenger = model.TryGetValue(("knot/ns1/bus", zone), out var m) ? m.State : Oops.Core.State.Unknown;
            if (witness == Oops.Core.State.NotMet || messenger == Oops.Core.State.NotMet) return Oops.Core.State.NotMet;
            return witness;
        }

        static long Tenths(double seconds) => (long)Math.Round(seconds * TimeSpan.TicksPerSecond) / 1_000_000;
    });

    static Policy Rules(Func<RouteSpec, RouteSpec>? route = null)
    {
        var simple = Rig.Simple(
            r => (route ?? (x => x))(r with
            {
                WithdrawWhen = [.. r.WithdrawWhen, new("zone-ready", Not: true) { Share = 0.5, For = TimeSpan.FromSeconds(5) }, new("expired") { Zones = new(["a", "*.example"]) }, new("broken")],
                DegradeWhen = [new("not-refreshed"), new("bogus")],
                Fall = TimeSpan.FromSeconds(1),
            }),
            new KindSpec("expired", Kind.ZoneExpiring),
            new KindSpec("stale", Kind.ZoneStale) { Span = TimeSpan.FromSeconds(30) },
            new KindSpec("not-refreshed", Kind.ZoneNotRefreshed) { Number = 3 },
            new KindSpec("broken", Kind.External) { Class = ConditionClass.Local },
            new KindSpec("bogus", Kind.ExtendedError) { Codes = new([6, 9]), Number = 10 });
        return simple with
        {
            Servers = [new("ns1")],
            Channels = simple.Channels.Add(new("primary/ns1", "ns1", Standing.Reference, [Measure.Serial], TimeSpan.FromSeconds(60))).Add(new("probe/ns1", "ns1", Standing.Witness, [Measure.Answering, Measure.Serial], TimeSpan.FromSeconds(3), IPAddress.Parse("192.0.2.53"))).Add(new("dnstap/ns1", "ns1", Standing.Messenger, [Measure.ExtendedErrors], TimeSpan.FromSeconds(30))),
        };
    }

    static Rig Announced(Policy policy)
    {
        var rig = new Rig(policy).Say(Rig.Router()).Say(new ZonesListed("knot/ns1/control", ["a", "b"], Last: true)).Say([.. Rig.Healthy()]).Say(new ServerSignal("probe/ns1", Measure.Answering, 1), new ZoneSignal("probe/ns1", "a", Measure.Serial, 1), new ZoneSignal("probe/ns1", "b", Measure.Serial, 1));
        for (var i = 0; i < 4; i++) rig.Pass(1).Say(new ChannelRead("probe/ns1"));
        Assert.Equal(RouteState.Announced, rig.Route().State);
        return rig;
    }

    static Input Harmless(int n)
    {
        string[] channels = ["knot/ns1/control", "knot/ns1/bus", "probe/ns1", "primary/ns1", "process/ns1"];
        var channel = channels[n / 16 % channels.Length];
        var zone = Names[n / 128 % Names.Length];
        return (n % 13) switch
        {
            0 => new ChannelLost(channel, "lost"),
            1 => new ChannelOpened(channel),
            2 => new ChannelRead(channel),
            3 => new ServerSignal("probe/ns1", Measure.Answering, Signal.Absent, Evidence.Suspicion),
            4 => new ServerSignal("knot/ns1/control", Measure.Answering, n / 16 % 2 == 0 ? 0 : Signal.Absent, Evidence.Suspicion),
            // It works; or it idled since before all silence.
            5 => new ServerSignal("process/ns1", Measure.Idle, n / 16 % 2) { For = TimeSpan.FromDays(n / 16 % 2) },
            6 => new ExternalClaim("cli/anna", "broken", "ns1", Oops.Core.State.Met, Evidence.Proof, TimeSpan.FromMinutes(1), null),
            7 => new ZoneSignal("knot/ns1/control", zone, Measure.RefreshFailures, n % 7),
            8 => new ZonesListed("knot/ns1/control", Names[..(n / 16 % 7)], Last: true),
            9 => new ClockTrust(n % 5 == 0, "stepped"),
            // Bad here, and bad there or unknown there: never worse than the reference.
            12 => new ErrorRates("dnstap/ns1", [new(6, n % 17), new(22, n % 5)], n % 3),
            10 => new ZoneSignal("knot/ns1/control", zone, n / 16 % 2 == 0 ? Measure.Serial : Measure.Expiry, n / 16 % 2 == 0 ? Signal.Absent : 0),
            _ => new ZoneSignal("primary/ns1", zone, Measure.Serial, Signal.Absent),
        };
    }

    static Input Anything(int n, Rig rig)
    {
        var zone = Names[n / 32 % Names.Length];
        return (n / 3 % 13) switch
        {
            0 => new ProcessStarted("process/ns1", 10 + (n % 3), (long)(rig.Now * 100)),
            1 => new ProcessGone("process/ns1", n % 2 == 0 ? "signal 9" : "exit 0"),
            2 => new ServerSignal("knot/ns1/control", Measure.Answering, n % 3 == 2 ? Signal.Absent : n % 3),
            3 => new ServerSignal("knot/ns1/bus", Measure.Stopping, n % 2),
            4 => new ZoneSignal("knot/ns1/control", zone, Measure.Serial, n % 2 == 0 ? Signal.Absent : n % 5),
            5 => new ZoneSignal("knot/ns1/bus", zone, Measure.Serial, n % 5),
            6 => new ZoneSignal("knot/ns1/control", zone, Measure.Expiry, n % 200),
            7 => new ZoneSignal("primary/ns1", zone, Measure.Serial, n % 3 == 0 ? Signal.Absent : n % 7),
            8 => new ServerSignal("process/ns1", Measure.Idle, n % 2),
            9 => new ZonesListed("knot/ns1/control", Names[..(1 + (n % 6))], Last: true),
            10 => new ZoneSignal("probe/ns1", zone, Measure.Serial, n % 2 == 0 ? Signal.Absent : 1),
            11 => n % 2 == 0 ? new Override("anna", "zone-ready", "ns1", zone, n % 4 == 0 ? Oops.Core.State.Met : Oops.Core.State.NotMet, TimeSpan.FromSeconds(1 + (n % 900)), "test") : new Unoverride("anna", "zone-ready", "ns1", zone),
            _ => Harmless(n / 39),
        };
    }

    static Rig Live(int[] numbers, Action<Rig> look)
    {
        var rig = new Rig(Rules(r => r with { Budget = new(1, TimeSpan.FromMinutes(5), [TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60)]) })).Say(Rig.Router());
        foreach (var n in numbers)
        {
            rig.Say(Anything(n, rig));
            look(rig);
            rig.Pass(n % 31 / 10.0);
            look(rig);
        }
        return rig;
    }

    static string Describe(Rig rig)
    {
        var status = rig.Machine.Status(rig.Moment);
        var zones = rig.Machine.Zones("ns1", rig.Moment).OrderBy(z => z.Zone, StringComparer.Ordinal).Select(z => string.Create(CultureInfo.InvariantCulture, $"{z.Zone} {z.Ready} {z.Serial} {string.Join(',', z.Conditions.Select(c => c.Id))}"));
        return string.Join('\n', status.Routes.Select(r => $"{r.Name} {r.State} {r.Wanted}").Concat(status.Servers.SelectMany(s => s.Conditions).Select(c => $"{c.Id} {c.State}")).Concat(status.Alarms.Select(a => a.Id)).Concat(zones));
    }

    static int At(int[] numbers, int i) => i < numbers.Length ? numbers[i] : i;

    static bool Equal(string one, string two) => one == two ? true : throw new InvalidOperationException($"{one}\n--- but ---\n{two}");

    /// <summary>With a seed of its own each time; a failure names it.</summary>
    static void Holds(int times, Func<int[], bool> property) =>
        Prop.ForAll(Arb.From(Gen.Choose(0, 1_000_000).ArrayOf(), a => Shrink(a)), property).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(times).WithEndSize(60));

    static IEnumerable<int[]> Shrink(int[] numbers)
    {
        for (var half = numbers.Length / 2; half > 0; half /= 2)
            for (var at = 0; at + half <= numbers.Length; at += half)
                yield return [.. numbers[..at], .. numbers[(at + half)..]];
    }
}
