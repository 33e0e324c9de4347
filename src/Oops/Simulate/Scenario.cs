using Oops.Core;

namespace Oops.Simulate;

/// <summary>A scenario as it was read: the policy of its header, and what happens when. docs/scenarios.md is its reference.</summary>
internal sealed class Scenario
{
    /// <summary>The words that are taken, as a mistake names them; a test holds that each of them is.</summary>
    internal const string Statements = "mode, server, source, condition, route, announce-when, withdraw-when, degrade-when, rule, kept-alarm",
        Sources = "process, knot, systemd, dnstap, probe, primary, catalog, verify, keys, error-reports",
        ConditionOptions = "before, behind, within, tries, threshold, rate, reports, networks, clear, codes, at-least, polarity, class, proof, verified, severity",
        EntryOptions = "zones, share, for, relative";

    static readonly TimeSpan Asked = TimeSpan.FromSeconds(180);

    readonly List<ServerSpec> servers = [];
    readonly List<ChannelSpec> channels = [];
    readonly List<ConditionSpec> conditions = [];
    readonly List<RouteSpec> routes = [];
    readonly List<RuleSpec> rules = [];
    LimitSpec limits = new();
    readonly List<(string Condition, Line Line)> named = [], reported = [];
    readonly Mistakes mistakes = new();
    Mode mode = Mode.Act;
    TimeSpan reached;

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
            if (!scenario.mistakes.Try(line, () => scenario.Read(line))) scenario.mistakes.Doubt(line.Declares.Where(n => !scenario.Has(n)));
        if (!scenario.mistakes.Any && scenario.Steps.Count == 0) throw new ScenarioException(file, 1, "nothing happens: there is no `at`");
        return scenario.mistakes.Any ? throw scenario.mistakes.Thrown() : scenario;
    }

    void Read(Line line)
    {
        line.Begin();
        if (line.Try("at"))
        {
            Policy ??= Build(line);
            var at = line.Span("the time");
            var before = reached;
            reached = at;
            if (at < before) throw line.Wrong($"{at} is before the line above");
            Steps.Add(new(line, at, Verbs.Read(line, Policy)));
        }
        else if (Policy is not null) throw line.Wrong("the header ends with the first `at`");
        else Header(line);
        line.End();
    }

    /// <summary>What names what is there only by the end of the header.</summary>
    Policy Build(Line first)
    {
        var policy = new Policy
        {
            Mode = mode,
            Servers = [.. servers],
            Channels = [.. channels],
            Conditions = [.. conditions],
            Routes = [.. routes],
            Rules = [.. rules],
            Limits = limits,
        };
        foreach (var (name, line) in named)
            mistakes.Try(line, () => _ = policy.Knows(name) ? name : throw line.Wrong(NoSuch.Condition(policy, name)));
        foreach (var (name, line) in reported)
            mistakes.Try(line, () => _ = policy.KindOf(name) is { Kind: Kind.ErrorReported } ? name : throw line.Wrong($"there is no condition `{name}` of kind error-reported"));
        // Where one was mistyped that is said already.
        if (!mistakes.Any) mistakes.Try(first, () => _ = servers.Count > 0 ? first : throw first.Wrong("the header names no server"));
        return policy;
    }

    /// <summary>A second line of the same name is wrong; the first stands.</summary>
    bool Has(string name) => servers.Exists(s => s.Name == name) || conditions.Exists(c => c.Name == name) || routes.Exists(r => r.Name == name);

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
                throw line.Wrong($"`{word}` is no statement of the header; there are {Statements}");
        }
    }

    void Server(Line line)
    {
        var spec = new ServerSpec(line.Word("the server's name"));
        if (line.Try("zones")) spec = spec with { Zones = [.. line.Words()] };
        else if (line.Try("own-zones")) spec = spec with { AtLeast = line.Try("at-least") ? (int)line.Number64("at-least") : 0 };
        else if (line.Try("catalog")) spec = spec with { Catalog = line.Word("the catalog zone") };
        else throw line.Wrong("write `zones NAME ...`, or `own-zones` or `catalog ZONE` if a source lists them");
        if (servers.Any(s => s.Name == spec.Name)) throw line.Wrong($"there is a server `{spec.Name}` already");
        servers.Add(spec);
    }

    void Source(Line line)
    {
        var kind = line.Word("a source");
        var server = line.Server(servers);
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
                var to = line.Address();
                channels.Add(new($"probe/{server}/{to}", server, Standing.Witness, [Measure.Answering, Measure.Serial], Every(line, 1), to));
                break;
            case "primary":
                channels.Add(new($"primary/{server}", server, Standing.Reference, [Measure.Serial], Every(line, 10)));
                break;
            case "catalog":
                channels.Add(new($"catalog/{server}", server, Standing.Messenger, [], Timeout.InfiniteTimeSpan));
                break;
            case "error-reports":
                var condition = line.Word("the condition that it counts for");
                reported.Add((condition, line));
                channels.Add(new($"error-reports/{server}/{condition}", server, Standing.Witness, [Measure.ErrorReports], Timeout.InfiniteTimeSpan) { Condition = condition });
                break;
            case "verify":
                channels.Add(new($"verify/{server}", server, Standing.Witness, [Measure.Invalid, Measure.SignatureExpiry], Timeout.InfiniteTimeSpan));
                break;
            case "keys":
                channels.Add(new($"keys/{server}", server, Standing.Witness, [Measure.Keys, Measure.Delegation, Measure.CdsWanted], Timeout.InfiniteTimeSpan));
                break;
            default:
                throw line.Wrong($"`{kind}` is no source; there are {Sources}");
        }
    }

    /// <summary>How long what is claimed is valid: three times the interval.</summary>
    static TimeSpan Every(Line line, int seconds) => 3 * (line.Try("every") ? line.Span("every") : TimeSpan.FromSeconds(seconds));

    void Condition(Line line)
    {
        var name = line.Word("the condition's name");
        if (conditions.Any(c => c.Name == name)) throw line.Wrong($"there is a condition `{name}` already");
        if (line.Try("all") is var all && (all || line.Try("any")))
        {
            var members = line.Words();
            named.AddRange(members.Select(m => (m, line)));
            conditions.Add(new ComposedSpec(name, [.. members], all ? members.Count : 1));
            return;
        }
        var spec = new KindSpec(name, line.Kind());
        while (line.More)
        {
            var option = line.Word("an option");
            spec = option switch
            {
                "before" or "behind" or "within" => spec with { Span = line.Span(option) },
                "tries" or "threshold" or "rate" or "reports" => spec with { Number = line.Number64(option) },
                "severity" => spec with { Number = (double)line.One<Config.MismatchSeverity>(option) },
                "networks" => spec with { Networks = (int)line.Number64(option) },
                "verified" => spec with { Verified = true },
                "clear" => spec with { Clear = line.Number64(option) },
                "codes" => spec with { Codes = new([.. line.Words("rate", "clear", "reports", "within", "networks", "verified").Select(line.Code).Order()]) },
                "at-least" => spec with { Share = line.Share(option) },
                "polarity" => spec with { Polarity = line.One<Polarity>(option) },
                "class" => spec with { Class = line.One<ConditionClass>(option) },
                "proof" => spec with { Proof = true },
                _ => throw line.Wrong($"`{option}` is no option of a condition; there are {ConditionOptions}"),
            };
        }
        conditions.Add(spec);
    }

    RouteSpec Route(Line line)
    {
        var name = line.Word("the route's name");
        if (routes.Any(r => r.Name == name)) throw line.Wrong($"there is a route `{name}` already");
        if (servers.Count == 0 && mistakes.Any) throw new ScenarioException([]);
        if (servers.Count == 0) throw line.Wrong("there is no server yet that it could see: write a `server` line above");
        return RouteOptions.Read(line, new RouteSpec(name) { Prefixes = [line.Prefix()], Via = "edge", Servers = [servers[0].Name], AnnounceWhen = [] }, servers);
    }

    /// <summary>`withdraw-when ROUTE [not] NAME [zones ...] [share 50%] [for 60s] [relative false]`; `withdraw-when` adds to the default list [server-down, server-shutting-down].</summary>
    void Entry(string list, Line line)
    {
        var name = line.Word("the route");
        var at = routes.FindIndex(r => r.Name == name);
        if (at < 0) throw line.Wrong(NoSuch.Of("route", name, routes.Select(r => r.Name)));
        var not = line.Try("not");
        var entry = new EntrySpec(line.Word("a condition"), not);
        named.Add((entry.Condition, line));
        while (line.More)
        {
            var option = line.Word("an option");
            entry = option switch
            {
                "zones" => entry with { Zones = new([.. line.Words("share", "for", "relative")]) },
                "share" => entry with { Share = line.Share(option) },
                "for" => entry with { For = line.Span(option) },
                "relative" => entry with { Relative = !line.Try("false") },
                _ => throw line.Wrong($"`{option}` is no option of an entry; there are {EntryOptions}"),
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
        named.Add((rule.Condition, line));
        if (line.Try("zones")) rule = rule with { Zones = new([.. line.Words("run", "states")]) };
        if (line.Try("states")) rule = rule with { States = [.. line.Words("run").Select(s => Core.Words.TryState(s, out var state) ? state : throw line.Wrong($"`{s}` is no state; there are {string.Join(", ", Enum.GetValues<State>().Select(Core.Words.Of))}"))] };
        if (!line.Try("run")) throw line.Wrong("`run ACTION` is missing");
        rules.Add(rule with { Do = [.. line.Words().Select(w => new RunSpec(w))] });
    }
}

internal static class PolicyNames
{
    /// <summary>A condition that the header names, or one that is there by itself.</summary>
    public static bool Knows(this Policy policy, string condition) => policy.Conditions.Any(c => c.Name == condition) || policy.KindOf(condition) is not null;
}

/// <summary>What happens, or is expected, when.</summary>
internal sealed record Step(Line Line, TimeSpan At, Action<ScenarioRun> Do);
