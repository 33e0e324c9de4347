using System.Collections.Immutable;
using System.Net;
using Oops.Core;

namespace Oops.Tests.Scenarios;

/// <summary>A scenario as it was read: the policy of its header, and what happens when. tests/scenarios/README.md is its reference.</summary>
internal sealed class Scenario
{
    static readonly TimeSpan Asked = TimeSpan.FromSeconds(180), Probed = TimeSpan.FromSeconds(3);

    readonly List<ServerSpec> servers = [];
    readonly List<ChannelSpec> channels = [];
    readonly List<ConditionSpec> conditions = [];
    readonly List<RouteSpec> routes = [];
    readonly List<RuleSpec> rules = [];
    LimitSpec limits = new();
    Mode mode = Mode.Act;

    Scenario()
    {
    }

    public Policy Policy { get; private set; } = null!;

    public List<Step> Steps { get; } = [];

    public static Scenario Read(string file, string text)
    {
        var scenario = new Scenario();
        var lines = text.Split('\n').Select((t, i) => new Line(file, i + 1, t.TrimEnd('\r'))).Where(l => !l.IsEmpty).ToList();
        foreach (var line in lines)
        {
            if (line.Try("at"))
            {
                if (scenario.Policy is null) scenario.Build();
                var at = line.Span("the time");
                if (scenario.Steps.Count > 0 && at < scenario.Steps[^1].At) throw line.Wrong($"{at} is before the line above");
                scenario.Steps.Add(new(line, at, Verbs.Read(line, scenario.Policy!)));
            }
            else if (scenario.Policy is not null) throw line.Wrong("the header ends with the first `at`");
            else scenario.Header(line);
            line.End();
        }
        return scenario.Steps.Count > 0 ? scenario : throw new ScenarioException(file, 1, "nothing happens: there is no `at`");
    }

    void Build() => Policy = new()
    {
        Mode = mode,
        Servers = [.. servers],
        Channels = [.. channels],
        Conditions = [.. conditions],
        Routes = [.. routes],
        Rules = [.. rules],
        Limits = limits,
    };

    void Header(Line line)
    {
        var word = line.Word("a statement");
        switch (word)
        {
            case "mode":
                mode = line.One<Mode>("the mode");
                break;
            case "server":
                Server(line);
                break;
            case "source":
                Source(line);
                break;
            case "condition":
                Condition(line);
                break;
            case "route":
                routes.Add(Route(line));
                break;
            case "announce-when" or "withdraw-when" or "degrade-when":
                Entry(word, line);
                break;
            case "rule":
                Rule(line);
                break;
            case "kept-alarm":
                limits = limits with { KeptAlarm = line.Span("the time") };
                break;
            default:
                throw line.Wrong($"`{word}` is no statement of the header");
        }
    }

    void Server(Line line)
    {
        var spec = new ServerSpec(line.Word("the server's name"));
        if (line.Try("zones")) spec = spec with { Zones = [.. line.Words()] };
        else if (line.Try("own-zones")) spec = spec with { AtLeast = line.Try("at-least") ? (int)line.Number64("at-least") : 0 };
        else if (line.Try("catalog")) spec = spec with { Catalog = line.Word("the catalog zone") };
        else throw line.Wrong("write `zones NAME ...`, or `own-zones` or `catalog ZONE` if a source lists them");
        servers.Add(spec);
    }

    void Source(Line line)
    {
        var kind = line.Word("a source");
        var server = line.Word("its server");
        if (servers.All(s => s.Name != server)) throw line.Wrong($"there is no server `{server}`");
        switch (kind)
        {
            case "process":
                channels.Add(new($"process/{server}", server, Standing.Witness, [Measure.Idle], Timeout.InfiniteTimeSpan, Process: true));
                break;
            case "knot":
                channels.Add(new($"knot/{server}/control", server, Standing.Witness, [Measure.Answering, Measure.Serial, Measure.Expiry, Measure.RefreshFailures, Measure.QueryRate, Measure.QueryRateSlope], Asked));
                channels.Add(new($"knot/{server}/bus", server, Standing.Messenger, [Measure.Stopping, Measure.Serial, Measure.SignatureExpiry], Timeout.InfiniteTimeSpan));
                break;
            case "dnstap":
                channels.Add(new($"dnstap/{server}", server, Standing.Witness, [Measure.QueryRate, Measure.QueryRateSlope, Measure.ExtendedErrors], Timeout.InfiniteTimeSpan));
                break;
            case "systemd":
                channels.Add(new($"systemd/{server}", server, Standing.Witness, [Measure.Stopping], Asked));
                break;
            case "probe":
                var to = line.Word("its address");
                channels.Add(new($"probe/{server}/{to}", server, Standing.Witness, [Measure.Answering, Measure.Serial], Probed, IPAddress.Parse(to)));
                break;
            case "primary":
                channels.Add(new($"primary/{server}", server, Standing.Reference, [Measure.Serial], TimeSpan.FromSeconds(30)));
                break;
            case "catalog":
                channels.Add(new($"catalog/{server}", server, Standing.Messenger, [], Timeout.InfiniteTimeSpan));
                break;
            case "verify":
                channels.Add(new($"verify/{server}", server, Standing.Witness, [Measure.Invalid, Measure.SignatureExpiry], Timeout.InfiniteTimeSpan));
                break;
            default:
                throw line.Wrong($"`{kind}` is no source; there are process, knot, systemd, dnstap, probe, primary, verify");
        }
    }

    void Condition(Line line)
    {
        var name = line.Word("the condition's name");
        if (line.Try("all") is var all && (all || line.Try("any")))
        {
            var members = line.Words();
            conditions.Add(new ComposedSpec(name, [.. members], all ? members.Count : 1));
            return;
        }
        var spec = new KindSpec(name, line.Kind());
        while (line.More)
        {
            var option = line.Word("an option");
            spec = option switch
            {
                "before" or "behind" => spec with { Span = line.Span(option) },
                "tries" or "threshold" or "rate" => spec with { Number = line.Number64(option) },
                "clear" => spec with { Clear = line.Number64(option) },
                "codes" => spec with { Codes = new([.. line.Words("rate", "clear").Select(c => ErrorCodes.Find(c) ?? int.Parse(c, System.Globalization.CultureInfo.InvariantCulture)).Order()]) },
                "at-least" => spec with { Share = line.Share(option) },
                "polarity" => spec with { Polarity = line.One<Polarity>(option) },
                "class" => spec with { Class = line.One<ConditionClass>(option) },
                "proof" => spec with { Proof = true },
                _ => throw line.Wrong($"`{option}` is no option of a condition"),
            };
        }
        conditions.Add(spec);
    }

    RouteSpec Route(Line line)
    {
        var name = line.Word("the route's name");
        var prefix = line.Word("its prefix");
        var spec = new RouteSpec(name) { Prefixes = [IPNetwork.Parse(prefix)], Via = "edge", Servers = [servers[0].Name], AnnounceWhen = [] };
        while (line.More)
        {
            var option = line.Word("an option");
            spec = option switch
            {
                "via" => spec with { Via = line.Word(option) },
                "servers" => spec with { Servers = [.. line.Words("need", "rise", "fall", "budget", "last-resort", "mode", "graceful", "via")] },
                "need" => spec with { Need = (int)line.Number64(option) },
                "rise" => spec with { Rise = line.Span(option) },
                "fall" => spec with { Fall = line.Span(option) },
                "graceful" => spec with { Graceful = line.Span(option) },
                "last-resort" => spec with { LastResort = true },
                "mode" => spec with { Mode = line.One<Mode>(option) },
                "budget" => spec with { Budget = line.Try("off") ? null : new((int)line.Number64(option), line.Try("per") ? line.Span("per") : TimeSpan.FromMinutes(30), BudgetSpec.Default.Retries) },
                _ => throw line.Wrong($"`{option}` is no option of a route"),
            };
        }
        return spec;
    }

    /// <summary>`withdraw-when ROUTE [not] NAME [zones ...] [share 50%] [for 60s] [relative false]`; `withdraw-when` adds to the default list [server-down, server-shutting-down].</summary>
    void Entry(string list, Line line)
    {
        var name = line.Word("the route");
        var at = routes.FindIndex(r => r.Name == name);
        if (at < 0) throw line.Wrong($"there is no route `{name}`");
        var not = line.Try("not");
        var entry = new EntrySpec(line.Word("a condition"), not);
        while (line.More)
        {
            var option = line.Word("an option");
            entry = option switch
            {
                "zones" => entry with { Zones = new([.. line.Words("share", "for", "relative")]) },
                "share" => entry with { Share = line.Share(option) },
                "for" => entry with { For = line.Span(option) },
                "relative" => entry with { Relative = !line.Try("false") },
                _ => throw line.Wrong($"`{option}` is no option of an entry"),
            };
        }
        var route = routes[at];
        routes[at] = list switch
        {
            "announce-when" => route with { AnnounceWhen = route.AnnounceWhen.Add(entry) },
            "degrade-when" => route with { DegradeWhen = route.DegradeWhen.Add(entry) },
            _ => route with { WithdrawWhen = route.WithdrawWhen.Add(entry) },
        };
    }

    void Rule(Line line)
    {
        var rule = new RuleSpec(rules.Count, line.Word("a condition")) { Do = [] };
        if (line.Try("zones")) rule = rule with { Zones = new([.. line.Words("run", "states")]) };
        if (line.Try("states")) rule = rule with { States = [.. line.Words("run").Select(s => Enum.GetValues<State>().First(v => Line.Dashed(v.ToString()) == s))] };
        if (!line.Try("run")) throw line.Wrong("`run ACTION` is missing");
        rules.Add(rule with { Do = [.. line.Words().Select(w => new RunSpec(w))] });
    }
}

/// <summary>What happens, or is expected, when.</summary>
internal sealed record Step(Line Line, TimeSpan At, Action<ScenarioRun> Do);
