using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using Oops.Core;
using Oops.Journal;

namespace Oops.Tests.Core;

/// <summary>A machine under virtual time: inputs at seconds, effects in the order in which they came.</summary>
internal sealed class Rig
{
    static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public Rig(Policy policy) => Machine = new(policy);

    public Machine Machine { get; set; }

    public double Now { get; private set; } = 1000;

    public List<Effect> Effects { get; } = [];

    public Moment Moment => new(new((long)Math.Round(Now * TimeSpan.TicksPerSecond)), Epoch.AddSeconds(Now));

    /// <summary>The last table that the router was told.</summary>
    public RouterIntent? Told => Effects.OfType<RouterIntent>().LastOrDefault();

    /// <summary>Feed intents back as a perfect router would.</summary>
    public bool Obeys { get; set; } = true;

    /// <summary>Whether somebody has what the router is told now; where nobody has had a route, the router says so when it takes it back.</summary>
    public Func<bool> Hears { get; set; } = static () => true;

    readonly Dictionary<string, long> unheard = [];

    Outcome Apply(RouterIntent intent)
    {
        List<UnheardRoute> gone = [];
        foreach (var route in intent.Routes)
            if (route.Form != RouteForm.Withdrawn && !Hears()) unheard.TryAdd(route.Route, intent.Sequence);
            else if (unheard.Remove(route.Route, out var from) && route.Form == RouteForm.Withdrawn) gone.Add(new(route.Route, from));
        return Outcome.Done with { Unheard = [.. gone] };
    }

    /// <summary>How often the machine asked to be woken.</summary>
    public int Wakes { get; private set; }

    int lists;

    /// <summary>A zone list may have grown: new members may be in their grace.</summary>
    public bool HasGrace { get; private set; }

    /// <summary>The machine that a reload with that policy puts in its place, at this very moment.</summary>
    public Rig Reloaded(Policy policy, bool obeys = true, Func<Input, bool>? levels = null) => Restored(policy, Now, obeys).Say([.. Machine.Levels(Moment, policy).Where(l => levels?.Invoke(l) ?? true)]);

    /// <summary>The machine of a daemon that starts a second later, in the same boot; what its router shows is for the test to say.</summary>
    public Rig Restarted(Policy policy) => Restored(policy, Now + 1, obeys: false);

    Rig Restored(Policy policy, double now, bool obeys)
    {
        var next = new Rig(policy) { Obeys = obeys, Now = now };
        // As the journal keeps it.
        var kept = JsonSerializer.SerializeToUtf8Bytes(Machine.Snapshot(Moment), JournalJson.Default.Snapshot);
        next.Machine.Restore(JsonSerializer.Deserialize(kept, JournalJson.Default.Snapshot)!, next.Moment, sameBoot: true);
        return next;
    }

    public Rig Say(params Input[] inputs)
    {
        foreach (var input in inputs) Step(input);
        return this;
    }

    /// <summary>Lets time pass, waking the machine exactly where it asks to be woken.</summary>
    public Rig Pass(double seconds)
    {
        var end = Now + seconds;
        for (var wakes = 0; Machine.NextDeadline.Ticks / (double)TimeSpan.TicksPerSecond <= end; wakes++)
        {
            if (wakes > 1_000_000) throw new InvalidOperationException("the machine never sleeps");
            Now = Math.Max(Now, Machine.NextDeadline.Ticks / (double)TimeSpan.TicksPerSecond);
            Wakes++;
            Step(Tick.Instance);
        }
        Now = end;
        return this;
    }

    public RouteReport Route(string name = "r") => Machine.Route(name, Moment)!;

    public ConditionReport Condition(string name, string server = "ns1", string? zone = null) => Machine.Condition(name, server, zone, Moment)!;

    public IEnumerable<string> Alarms => Machine.Status(Moment).Alarms.Select(a => a.Id);

    void Step(Input input)
    {
        HasGrace |= input is ZonesListed && lists++ > 0;
        // In the order in which the router was told: what it shows last is what it was told last.
        var inputs = new Queue<Input>([input]);
        while (inputs.TryDequeue(out var next))
        {
            var from = Effects.Count;
            Machine.Step(Moment, next, Effects);
            if (!Obeys) continue;
            foreach (var intent in Effects.Skip(from).OfType<RouterIntent>())
            {
                inputs.Enqueue(new Applied(intent.Action, intent.Sequence, Apply(intent)));
                inputs.Enqueue(new RouterObserved(intent.Action, [.. intent.Routes.Select(r => new RouteSeen(r.Route, r.Form))], []));
            }
        }
    }

    /// <summary>One server with a process watcher, a control witness and a bus, zones a and b, one route.</summary>
    public static Policy Simple(Func<RouteSpec, RouteSpec>? route = null, params ConditionSpec[] conditions)
    {
        var spec = new RouteSpec("r")
        {
            Prefixes = [IPNetwork.Parse("192.0.2.0/24")],
            Via = "edge",
            Servers = ["ns1"],
            AnnounceWhen = [new("server-running"), new("all-zones-ready")],
            Rise = TimeSpan.FromSeconds(3),
            Fall = TimeSpan.Zero,
            Budget = null,
        };
        return new()
        {
            Mode = Mode.Act,
            Servers = [new("ns1", ["a", "b"])],
            Channels = [Process(), Control(), Bus()],
            Routes = [route is null ? spec : route(spec)],
            Conditions = [.. conditions],
        };
    }

    public static ChannelSpec Process(string server = "ns1") => new($"process/{server}", server, Standing.Witness, [Measure.Idle], Timeout.InfiniteTimeSpan, Process: true);

    public static ChannelSpec Control(string server = "ns1") =>
        new($"knot/{server}/control", server, Standing.Witness, [Measure.Answering, Measure.Serial, Measure.Expiry, Measure.RefreshFailures], TimeSpan.FromSeconds(180));

    public static ChannelSpec Bus(string server = "ns1") => new($"knot/{server}/bus", server, Standing.Messenger, [Measure.Stopping, Measure.Serial], Timeout.InfiniteTimeSpan);

    public static ImmutableArray<Input> Healthy(string server = "ns1", int pid = 10, params string[] zones)
    {
        List<Input> inputs = [new ProcessStarted($"process/{server}", pid, pid * 100), new ServerSignal($"knot/{server}/control", Measure.Answering, 1)];
        foreach (var zone in zones.Length == 0 ? ["a", "b"] : zones) inputs.Add(new ZoneSignal($"knot/{server}/control", zone, Measure.Serial, 1));
        inputs.Add(new ChannelRead($"knot/{server}/control"));
        return [.. inputs];
    }

    public static RouterObserved Router(RouteForm form = RouteForm.Withdrawn, string route = "r") => new("edge", [new(route, form)], []);
}
