using System.Net;
using Oops.Core;

namespace Oops.Tests.Scenarios;

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
            "healthy" => Healthy(line, policy),
            "process" => Process(line, policy),
            "open" => Say(new ChannelOpened(Channel(line, policy))),
            "read" => Say(new ChannelRead(Channel(line, policy))),
            "lost" => Say(new ChannelLost(Channel(line, policy), line.Word("why"))),
            "list" => Say(new ZonesListed(Of(line, policy, c => c.Covers(Measure.Serial) || c.Measures.IsEmpty), line.Words(), Last: true) { First = true }),
            "claim" => Claim(line),
            "router" => Router(line, policy),
            "clock" => Say(new ClockTrust(line.Try("trusted") || !line.Try("stepped"), "stepped")),
            "pause" => Do(line.Span("how long"), (run, span) => run.Pause(span)),
            "restart" => run => run.Restart(run.Policy, sameBoot: true),
            "reboot" => run => run.Restart(run.Policy, sameBoot: false),
            "reload" => Reload(line),
            "drain" or "undrain" or "hold" or "unhold" or "confirm" or "release" or "override" or "end-override" => Say(Person(verb, line)),
            _ => throw line.Wrong($"`{verb}` cannot happen; see tests/scenarios/README.md"),
        };
    }

    static Action<ScenarioRun> Say(Input input) => run => run.Say(input);

    static Action<ScenarioRun> Do<T>(T what, Action<ScenarioRun, T> how) => run => how(run, what);

    static bool Covers(this ChannelSpec channel, Measure measure) => channel.Measures.Contains(measure);

    static string Channel(Line line, Policy policy)
    {
        var name = line.Word("a channel");
        return policy.Channels.Any(c => c.Name == name) ? name : throw line.Wrong($"there is no channel `{name}`; there are {string.Join(", ", policy.Channels.Select(c => c.Name))}");
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
            else codes.Add(new(ErrorCodes.Find(code) ?? int.Parse(code, System.Globalization.CultureInfo.InvariantCulture), rate, line.Try("of") ? line.Word("a name") : null));
        }
        return Say(new ErrorRates(channel, [.. codes.OrderBy(c => c.Code)], rest));
    }

    /// <summary>`signal WHO answers | refuses | silent | idle | busy | stopping | not-stopping | rate N | slope N | zone-ready ZONE STATE | zone ZONE MEASURE VALUE`.</summary>
    static Action<ScenarioRun> Signal(Line line, Policy policy)
    {
        // Who comes first, but what is said tells which of the server's channels says it.
        var who = line.Word("a channel or a server");
        var (measure, value, zone) = Said(line);
        var channel = Of(new Line(line.File, line.Number, who), policy, c => c.Covers(measure));
        var evidence = measure == Measure.Answering && value == Oops.Core.Signal.Absent ? Evidence.Suspicion : Evidence.Proof;
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
            "idle" => (Measure.Idle, 1, null),
            "busy" => (Measure.Idle, 0, null),
            "stopping" => (Measure.Stopping, 1, null),
            "not-stopping" => (Measure.Stopping, 0, null),
            "rate" => (Measure.QueryRate, line.Number64("q/s"), null),
            "slope" => (Measure.QueryRateSlope, line.Number64("q/s per s"), null),
            "zone-ready" => ready(line.Word("the zone"), line.One<State>("the state")),
            "zone" => zone(line.Word("the zone")),
            _ => throw line.Wrong($"`{what}` cannot be said"),
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
                _ => throw line.Wrong($"`{measure}` is no measure of a zone"),
            };
        }
    }

    /// <summary>`healthy SERVER pid N [except ZONE ...]`: runs, answers on all that ask, all listed zones loaded, all reads complete.</summary>
    static Action<ScenarioRun> Healthy(Line line, Policy policy)
    {
        var name = line.Word("a server");
        var spec = policy.Servers.FirstOrDefault(s => s.Name == name) ?? throw line.Wrong($"there is no server `{name}`");
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
                    if (channel.Covers(Measure.Serial)) run.Say(new ZoneSignal(channel.Name, zone, Measure.Serial, except.Contains(zone) ? Oops.Core.Signal.Absent : 1));
                run.Say(new ChannelRead(channel.Name));
            }
        };
    }

    static ProcessStarted Started(ScenarioRun run, string channel, int pid) => new(channel, pid, run.Now.Ticks / (TimeSpan.TicksPerSecond / 100));

    /// <summary>`process SERVER started pid N`, `process SERVER gone "signal 9"`.</summary>
    static Action<ScenarioRun> Process(Line line, Policy policy)
    {
        var channel = Of(line, policy, c => c.Process);
        if (line.Try("gone")) return Say(new ProcessGone(channel, line.Word("how")));
        if (!line.Try("started")) throw line.Wrong("write `started pid N` or `gone HOW`");
        var n = line.Try("pid") ? (int)line.Number64("the pid") : throw line.Wrong("`pid N` is missing");
        return run => run.Say(Started(run, channel, n));
    }

    /// <summary>`claim BY CONDITION SERVER STATE [valid 5m] [suspicion]`.</summary>
    static Action<ScenarioRun> Claim(Line line)
    {
        var (by, condition, server, state) = (line.Word("who"), line.Word("a condition"), line.Word("a server"), line.One<State>("the state"));
        var valid = line.Try("valid") ? line.Span("valid") : TimeSpan.FromMinutes(5);
        return Say(new ExternalClaim(by, condition, server, state, line.Try("suspicion") ? Evidence.Suspicion : Evidence.Proof, valid, null));
    }

    /// <summary>`router NAME has ROUTE FORM ...`, `router NAME unseen WHY`, `router NAME orphan PREFIX`, `router NAME refuses | obeys`.</summary>
    static Action<ScenarioRun> Router(Line line, Policy policy)
    {
        var name = line.Word("a router");
        if (policy.Routes.All(r => r.Via != name)) throw line.Wrong($"there is no router `{name}`");
        if (line.Try("unseen")) return Say(new RouterUnseen(name, line.Word("why")));
        if (line.Try("refuses")) return run => run.Obeys = false;
        if (line.Try("obeys")) return run => run.Obeys = true;
        if (line.Try("orphan"))
        {
            var prefix = IPNetwork.Parse(line.Word("a prefix"));
            return run => run.Say(run.Read(name) with { Orphans = [prefix] });
        }
        if (!line.Try("has")) throw line.Wrong("write `has ROUTE FORM`, `orphan PREFIX`, `unseen WHY`, `refuses` or `obeys`");
        List<(string Route, RouteForm Form)> table = [];
        while (line.More) table.Add((line.Word("a route"), line.One<RouteForm>("a form")));
        return run =>
        {
            foreach (var (route, form) in table) run.Router(name)[route] = form;
            run.Say(run.Read(name));
        };
    }

    /// <summary>`reload mode act`, `reload without ROUTE`, `reload refused`: a config that cannot be read never reaches the machine.</summary>
    static Action<ScenarioRun> Reload(Line line)
    {
        if (line.Try("refused")) return _ => { };
        if (line.Try("mode")) return Do(line.One<Mode>("the mode"), (run, mode) => run.Reload(run.Policy with { Mode = mode }));
        if (!line.Try("same")) throw line.Wrong("write `refused`, `same` or `mode MODE`");
        return run => run.Reload(run.Policy);
    }

    static Operator Person(string verb, Line line)
    {
        const string who = "anna";
        switch (verb)
        {
            case "drain":
                var routes = Names("server", "for", "until-started", "force");
                var server = line.Try("server") ? line.Word("the server") : null;
                var span = line.Try("for") ? line.Span("for") : TimeSpan.FromHours(1);
                return new Drain(who, routes, server, span, line.Try("until-started"), line.Try("force"));
            case "undrain":
                return new Undrain(who, Names());
            case "hold":
                return new Hold(who, Names("for"), line.Try("for") ? line.Span("for") : null, "work on the backbone");
            case "unhold":
                return new Unhold(who, Names());
            case "confirm":
                return new Confirm(who, Names());
            case "release":
                return new Release(who, IPNetwork.Parse(line.Word("a prefix")));
        }
        var (condition, subject) = (line.Word("a condition"), line.Word("a server, or server/zone").Split('/', 2));
        var zone = subject.Length > 1 ? subject[1] : null;
        if (verb == "end-override") return new Unoverride(who, condition, subject[0], zone);
        var state = line.One<State>("the state");
        return new Override(who, condition, subject[0], zone, state, line.Try("for") ? line.Span("for") : TimeSpan.FromHours(1), "we know better");

        List<string> Names(params string[] until) => line.Words(until) is var names && names is ["all"] ? [] : names;
    }
}
