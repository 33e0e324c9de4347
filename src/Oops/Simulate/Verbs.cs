using System.Collections.Immutable;
using Oops.Core;

namespace Oops.Simulate;

/// <summary>What may stand after `at TIME`: what sources, routers and persons say, what becomes of us, and what is expected.</summary>
internal static class Verbs
{
    public static Action<ScenarioRun> Read(Line line, Policy policy)
    {
        var verb = line.Word("what happens");
        return verb switch
        {
            "expect" => Expectations.Read(line, policy),
            "signal" => Signal(line, policy),
            "errors" => Errors(line, policy),
            "reports" => Reports(line, policy),
            "healthy" => Healthy(line, policy),
            "process" => Process(line, policy),
            "open" => Say(new ChannelOpened(Channel(line, policy))),
            "read" => Say(new ChannelRead(Channel(line, policy))),
            "lost" => Say(new ChannelLost(Channel(line, policy), line.Word("why"))),
            "list" => Say(new ZonesListed(Of(line, policy, c => c.Covers(Measure.Serial) || c.Measures.IsEmpty), line.Words(), Last: true) { First = true }),
            "claim" => Claim(line, policy),
            "router" => Router(line, policy),
            "upstream" => Say(new UpstreamObserved(Route(line, policy), line.One<State>("what it shows"), "as asked")),
            "clock" => Say(new ClockTrust(line.Try("trusted") || !line.Try("stepped"), "stepped")),
            "pause" => Do(line.Span("how long"), (run, span) => run.Pause(span)),
            "restart" => run => run.Restart(sameBoot: true),
            "upgrade" => run => run.Restart(sameBoot: true, Older),
            "reboot" => run => run.Restart(sameBoot: false),
            "reload" => Reload(line, policy),
            "confirm" => Do(new Confirm(Who, Names(line, policy)), (run, word) => run.Confirm(word)),
            "drain" or "undrain" or "hold" or "unhold" or "release" or "override" or "end-override" => Say(Person(verb, line, policy)),
            _ => throw line.Wrong($"`{verb}` cannot happen; there are {All}"),
        };
    }

    /// <summary>The words that are taken, as a mistake names them; a test holds that each of them is.</summary>
    internal const string All = "expect, signal, errors, reports, healthy, process, open, read, lost, list, claim, router, upstream, clock, pause, restart, upgrade, reboot, reload, confirm, drain, undrain, hold, unhold, release, override, end-override",
        Sayings = "answers, refuses, silent, unasked, idle, busy, stopping, not-stopping, rate, slope, zone-ready, zone",
        ZoneMeasures = "serial, expires-in, failed-refreshes, signature-expires-in, valid, invalid, keys, delegation, cds-wanted";

    const string Who = "anna";

    static Action<ScenarioRun> Say(Input input) => run => run.Say(input);

    static Action<ScenarioRun> Do<T>(T what, Action<ScenarioRun, T> how) => run => how(run, what);

    static bool Covers(this ChannelSpec channel, Measure measure) => channel.Measures.Contains(measure);

    static string Channel(Line line, Policy policy)
    {
        var name = line.Word("a channel");
        return policy.Channels.Any(c => c.Name == name) ? name : throw line.Wrong(NoSuch.Of("channel", name, policy.Channels.Select(c => c.Name)));
    }

    /// <summary>A channel by its name, or the server's first one that can say it.</summary>
    static string Of(Line line, Policy policy, Func<ChannelSpec, bool> can)
    {
        var name = line.Word("a channel or a server");
        if (policy.Channels.FirstOrDefault(c => c.Name == name) is { } named) return can(named) ? name : throw line.Wrong($"`{name}` does not cover that");
        return policy.Channels.FirstOrDefault(c => c.Server == name && c.Standing != Standing.Reference && can(c))?.Name ?? throw line.Wrong($"`{name}` is no channel, nor a server of which a source could say that");
    }

    /// <summary>`errors WHO CODE N [of NAMES] ... [rest N]`: Extended DNS Errors per second; without a code: none.</summary>
    static Action<ScenarioRun> Errors(Line line, Policy policy)
    {
        var channel = Of(line, policy, c => c.Covers(Measure.ExtendedErrors));
        List<ErrorRate> codes = [];
        var rest = 0L;
        while (line.More)
        {
            var code = line.Word("a code");
            var rate = line.Number64("errors/s");
            if (code == "rest") rest = rate;
            else codes.Add(new(line.Code(code), rate, line.Try("of") ? line.Word("a name") : null));
        }
        return Say(new ErrorRates(channel, [.. codes.OrderBy(c => c.Code)], rest));
    }

    /// <summary>`reports WHO ZONE N from NETWORKS [confirmed] [of CODE ...]`: what resolvers have reported within the window, and from how many networks; confirmed: checks of our own find the same.</summary>
    static Action<ScenarioRun> Reports(Line line, Policy policy)
    {
        var channel = Of(line, policy, c => c.Covers(Measure.ErrorReports));
        var condition = policy.Conditions.OfType<KindSpec>().First(c => c.Name == policy.Channels.First(p => p.Name == channel).Condition);
        var (zone, reports) = (line.Word("the zone"), line.Number64("how many"));
        var networks = line.Try("from") ? (int)line.Number64("from how many networks") : throw line.Wrong("`from NETWORKS` is missing");
        var counts = line.Try("confirmed") || !condition.Verified;
        var codes = line.Try("of") ? line.Words().Select(line.Code).ToList() : [];
        var remark = reports == 0 ? null : ErrorReports.Remark(codes, $"{reports} of {Words.Count(networks, "network")}");
        return Say(new ZoneSignal(channel, zone, Measure.ErrorReports, counts ? ErrorReports.Counted(condition, reports, networks) : 0, remark));
    }

    /// <summary>`signal WHO answers | refuses | silent | unasked | idle | busy | stopping | not-stopping | rate N | slope N | zone-ready ZONE STATE | zone ZONE MEASURE VALUE`.</summary>
    static Action<ScenarioRun> Signal(Line line, Policy policy)
    {
        // Who comes first, but what is said tells which of the server's channels says it.
        var who = line.Word("a channel or a server");
        var (measure, value, zone) = Said(line);
        var channel = Of(new Line(line.File, line.Number, who), policy, c => c.Covers(measure));
        var evidence = measure == Measure.Answering && value is Oops.Core.Signal.Absent or Oops.Core.Signal.Unasked ? Evidence.Suspicion : Evidence.Proof;
        var span = zone is null && line.Try("for") ? line.Span("how long it has been so") : TimeSpan.Zero;
        return Say(zone is null ? new ServerSignal(channel, measure, value, evidence) { For = span } : new ZoneSignal(channel, zone, measure, value));
    }

    static (Measure Measure, long Value, string? Zone) Said(Line line)
    {
        var what = line.Word("what is said");
        return what switch
        {
            "answers" => (Measure.Answering, 1, null),
            "refuses" => (Measure.Answering, 0, null),
            "silent" => (Measure.Answering, Oops.Core.Signal.Absent, null),
            "unasked" => (Measure.Answering, Oops.Core.Signal.Unasked, null),
            "idle" => (Measure.Idle, 1, null),
            "busy" => (Measure.Idle, 0, null),
            "stopping" => (Measure.Stopping, 1, null),
            "not-stopping" => (Measure.Stopping, 0, null),
            "rate" => (Measure.QueryRate, line.Number64("q/s"), null),
            "slope" => (Measure.QueryRateSlope, line.Number64("q/s per s"), null),
            "zone-ready" => ready(line.Word("the zone"), line.One<State>("the state")),
            "zone" => zone(line.Word("the zone")),
            _ => throw line.Wrong($"`{what}` cannot be said; there are {Sayings}"),
        };

        static (Measure, long, string?) ready(string name, State state) => (Measure.Serial, state == State.Met ? 1 : Oops.Core.Signal.Absent, name);

        (Measure, long, string?) zone(string name)
        {
            var measure = line.Word("a measure");
            return measure switch
            {
                "serial" => (Measure.Serial, line.Try("none") ? Oops.Core.Signal.Absent : line.Number64("the serial"), name),
                "expires-in" => (Measure.Expiry, (long)line.Span("when").TotalSeconds, name),
                "failed-refreshes" => (Measure.RefreshFailures, line.Number64("how many"), name),
                "signature-expires-in" => (Measure.SignatureExpiry, (long)line.Span("when").TotalSeconds, name),
                "valid" => (Measure.Invalid, 0, name),
                "invalid" => (Measure.Invalid, 1, name),
                "keys" => (Measure.Keys, line.Number64("which set"), name),
                "delegation" => (Measure.Delegation, line.Number64("how badly it fits"), name),
                "cds-wanted" => (Measure.CdsWanted, line.Number64("which DS; 0: no other"), name),
                _ => throw line.Wrong($"`{measure}` is no measure of a zone; there are {ZoneMeasures}"),
            };
        }
    }

    /// <summary>`healthy SERVER pid N [except ZONE ...]`: runs, answers on all that ask, all listed zones loaded, all reads complete.</summary>
    static Action<ScenarioRun> Healthy(Line line, Policy policy)
    {
        var name = line.Server(policy.Servers);
        var spec = policy.Servers.First(s => s.Name == name);
        var pid = line.Try("pid") ? (int)line.Number64("the pid") : 100;
        var except = line.Try("except") ? line.Words() : [];
        return run =>
        {
            foreach (var channel in policy.Channels.Where(c => c.Server == name && c.Standing != Standing.Reference))
            {
                run.Say(new ChannelOpened(channel.Name));
                if (channel.Process) run.Say(Started(run, channel.Name, pid));
                if (channel.Standing == Standing.Messenger) continue;
                if (channel.Covers(Measure.Answering)) run.Say(new ServerSignal(channel.Name, Measure.Answering, 1));
                if (channel.Covers(Measure.Idle)) run.Say(new ServerSignal(channel.Name, Measure.Idle, 0));
                foreach (var zone in spec.Zones ?? [])
                {
                    if (channel.Covers(Measure.Serial)) run.Say(new ZoneSignal(channel.Name, zone, Measure.Serial, except.Contains(zone) ? Oops.Core.Signal.Absent : 1));
                    if (channel.Covers(Measure.ErrorReports)) run.Say(new ZoneSignal(channel.Name, zone, Measure.ErrorReports, 0));
                }
                run.Say(new ChannelRead(channel.Name));
            }
        };
    }

    static ProcessStarted Started(ScenarioRun run, string channel, int pid, TimeSpan ago = default) => new(channel, pid, (run.Now - ago).Ticks / (TimeSpan.TicksPerSecond / 100));

    /// <summary>`process SERVER started pid N [ago T]`, `process SERVER gone "signal 9"`.</summary>
    static Action<ScenarioRun> Process(Line line, Policy policy)
    {
        var channel = Of(line, policy, c => c.Process);
        if (line.Try("gone")) return Say(new ProcessGone(channel, line.Word("how")));
        if (!line.Try("started")) throw line.Wrong("write `started pid N` or `gone HOW`");
        var n = line.Try("pid") ? (int)line.Number64("the pid") : throw line.Wrong("`pid N` is missing");
        var ago = line.Try("ago") ? line.Span("ago") : TimeSpan.Zero;
        return run => run.Say(Started(run, channel, n, ago));
    }

    /// <summary>`claim BY CONDITION SERVER STATE [valid 5m] [suspicion]`.</summary>
    static Action<ScenarioRun> Claim(Line line, Policy policy)
    {
        var (by, condition, server, state) = (line.Word("who"), Condition(line, policy), line.Server(policy.Servers), line.One<State>("the state"));
        var valid = line.Try("valid") ? line.Span("valid") : TimeSpan.FromMinutes(5);
        return Say(new ExternalClaim(by, condition, server, state, line.Try("suspicion") ? Evidence.Suspicion : Evidence.Proof, valid, null));
    }

    /// <summary>What is read of a router, and how it takes what it is told.</summary>
    static Action<ScenarioRun> Router(Line line, Policy policy)
    {
        var name = line.Word("a router");
        if (policy.Routes.All(r => r.Via != name)) throw line.Wrong(NoSuch.Of("router", name, policy.Routes.Select(r => r.Via).Distinct()));
        var what = line.Word("what it does");
        switch (what)
        {
            case "unseen":
                return Say(new RouterUnseen(name, line.Word("why")));
            case "refuses":
                return run => run.Router(name).Obeys = false;
            case "obeys":
                return run => run.Obey(run.Router(name));
            case "late":
                return Do(line.Span("how late"), (run, span) => run.Router(name).Late = span);
            case "ignores":
                return run => run.Router(name).Ignores = true;
            case "alone":
                return run => run.Router(name).Alone();
            case "joined":
                return run => run.Router(name).Join();
            case "forgets":
                return run =>
                {
                    run.Guard.Reach(Reached.RouterLostTable);
                    run.Router(name).Forget();
                };
            case "read":
                return run => run.Say(run.Router(name).Read());
            case "orphan":
                return Do(line.Prefix(), (run, prefix) =>
                {
                    run.Router(name).Orphans.Add(prefix);
                    run.Say(run.Router(name).Read());
                });
            case "has":
                List<(string Route, RouteForm Form)> table = [];
                while (line.More) table.Add((Route(line, policy), line.One<RouteForm>("a form")));
                return Do(table, (run, has) =>
                {
                    foreach (var (route, form) in has) run.Router(name).Has(route, form);
                    run.Say(run.Router(name).Read());
                });
            default:
                throw line.Wrong("write `has ROUTE FORM`, `read`, `orphan PREFIX`, `unseen WHY`, `refuses`, `obeys`, `late T`, `ignores`, `alone`, `joined` or `forgets`");
        }
    }

    static string Route(Line line, Policy policy)
    {
        var name = line.Word("a route");
        return policy.Routes.Any(r => r.Name == name) ? name : throw line.Wrong(NoSuch.Of("route", name, policy.Routes.Select(r => r.Name)));
    }

    static string Condition(Line line, Policy policy)
    {
        var name = line.Word("a condition");
        return policy.Knows(name) ? name : throw line.Wrong(NoSuch.Condition(policy, name));
    }

    /// <summary>`reload [confirmed] same | mode MODE | route NAME OPTION ...`; `reload refused`: a config that cannot be read never reaches the machine.</summary>
    static Action<ScenarioRun> Reload(Line line, Policy policy)
    {
        if (line.Try("refused")) return _ => { };
        var confirmed = line.Try("confirmed");
        if (line.Try("mode")) return Do(line.One<Mode>("the mode"), (run, mode) => run.Reload(run.Policy with { Mode = mode }, confirmed));
        if (line.Try("same")) return run => run.Reload(run.Policy, confirmed);
        if (!line.Try("route")) throw line.Wrong("write `refused`, `same`, `mode MODE` or `route NAME OPTION ...`");
        var name = Route(line, policy);
        // Read against the route as the header has it; what it says is then true of the route as it is.
        var options = RouteOptions.Changes(line, policy.Routes.First(r => r.Name == name), policy.Servers);
        return run => run.Reload(run.Policy with { Routes = [.. run.Policy.Routes.Select(r => r.Name == name ? options(r) : r)] }, confirmed);
    }

    /// <summary>What a version before this one would have left: without all that it did not know of.</summary>
    static Snapshot Older(Snapshot snapshot) => snapshot with
    {
        Servers = default,
        Latches = default,
        Alarms = default,
        Shadows = default,
        ZoneSets = [.. snapshot.ZoneSets.Select(z => z with { Channel = null, Graces = default })],
        Routes = [.. snapshot.Routes.Select(r => r with { Via = null, Found = null, Decided = null, WithdrawnFor = null, DegradedFor = null, Reasons = default, Since = null, Waiting = [], Approved = [] })],
    };

    static Operator Person(string verb, Line line, Policy policy)
    {
        switch (verb)
        {
            case "drain":
                var routes = Names(line, policy, "server", "for", "until-started", "force");
                var server = line.Try("server") ? line.Server(policy.Servers) : null;
                var span = line.Try("for") ? line.Span("for") : TimeSpan.FromHours(1);
                return new Drain(Who, routes, server, span, line.Try("until-started"), line.Try("force"));
            case "undrain":
                return new Undrain(Who, Names(line, policy));
            case "hold":
                return new Hold(Who, Names(line, policy, "for"), line.Try("for") ? line.Span("for") : null, "work on the backbone");
            case "unhold":
                return new Unhold(Who, Names(line, policy));
            case "release":
                return new Release(Who, line.Prefix());
        }
        var (condition, subject) = (Condition(line, policy), line.Subject(policy.Servers));
        if (verb == "end-override") return new Unoverride(Who, condition, subject.Server, subject.Zone);
        var state = line.One<State>("the state");
        return new Override(Who, condition, subject.Server, subject.Zone, state, line.Try("for") ? line.Span("for") : TimeSpan.FromHours(1), "we know better");
    }

    static ImmutableArray<string> Names(Line line, Policy policy, params string[] until)
    {
        var names = line.Words(until);
        if (names is ["all"]) return [];
        foreach (var name in names)
            if (policy.Routes.All(r => r.Name != name)) throw line.Wrong(NoSuch.Of("route", name, policy.Routes.Select(r => r.Name)));
        return [.. names];
    }
}
