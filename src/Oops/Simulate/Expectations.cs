using Oops.Core;

namespace Oops.Simulate;

/// <summary>What must be so. A failure says what is so instead, and why.</summary>
internal static class Expectations
{
    public static Action<ScenarioRun> Read(Line line, Policy policy)
    {
        if (line.Try("no")) return line.Try("alarm") ? Alarm(line, line.Word("its id"), wanted: false) : throw line.Wrong("only an alarm can be expected not to be");
        if (line.Try("alarm")) return Alarm(line, line.Word("its id"), wanted: true);
        if (line.Try("told")) return Told(line, line.Try("nothing") ? 0 : (int)line.Number64("how often"));
        if (line.Try("ran")) return Ran(line, line.Word("an action"), (int)line.Number64("how often"));
        if (line.Try("zones")) return Zones(line, line.Server(policy.Servers), line.Word("met/not-met/unknown"));
        if (line.Try("not-served")) return Named(line, "not served", s => s.NotServed, line.Server(policy.Servers), line.Words());
        if (line.Try("not-expected")) return Named(line, "not expected", s => s.NotExpected, line.Server(policy.Servers), line.Words());
        if (line.Try("list-age")) return Age(line, line.Server(policy.Servers), line.Span("the age"));
        var name = line.Word("a route or a condition");
        if (policy.Routes.Any(r => r.Name == name)) return Route(line, name);
        if (!policy.Knows(name)) throw line.Wrong($"`{name}` is no route, nor a condition; {NoSuch.There(policy.Routes.Select(r => r.Name).Concat(NoSuch.Conditions(policy)))}");
        var subject = line.Subject(policy.Servers);
        return line.Try("because") ? Because(line, name, subject, line.Word("some words")) : Condition(line, name, subject, line.One<State>("a state"));
    }

    static Action<ScenarioRun> Route(Line line, string name)
    {
        if (line.Try("because")) return Said(line, name, "because", r => [r.Because], line.Word("some words"));
        if (line.Try("blocked")) return Said(line, name, "blocked", r => r.Blocked, line.Word("some words"));
        if (line.Try("timer")) return Said(line, name, "timer", r => r.Timers, line.Word("some words"));
        if (line.Try("no-timer")) return run => Check(run, line, Report(run, name).Timers.IsEmpty, $"expected no timer of {name}, there is: {string.Join("; ", Report(run, name).Timers)}");
        if (line.Try("at-router"))
        {
            var form = line.One<RouteForm>("a form");
            return run => Check(run, line, run.Router(Report(run, name).Action).Table.GetValueOrDefault(name) == form, $"expected {name} {form} at the router, it is {run.Router(Report(run, name).Action).Table.GetValueOrDefault(name)}; {Report(run, name).Because}");
        }
        var state = line.One<RouteState>("a state");
        return run => Check(run, line, Report(run, name).State == state, $"expected {name} {state}, it is {Report(run, name).State}: {Report(run, name).Because}; blocked: {string.Join("; ", Report(run, name).Blocked)}");
    }

    static Action<ScenarioRun> Said(Line line, string name, string what, Func<RouteReport, IEnumerable<string>> of, string words) => run =>
        Check(run, line, of(Report(run, name)).Any(s => s.Contains(words, StringComparison.Ordinal)), $"expected \"{words}\" in {what} of {name}, it says: {string.Join("; ", of(Report(run, name)))}");

    static Action<ScenarioRun> Condition(Line line, string name, Subject subject, State state) => run =>
    {
        var report = run.Machine.Condition(name, subject.Server, subject.Zone, run.Moment);
        Check(run, line, report?.State == state, report is null ? $"there is no {name} of {subject.Words}" : $"expected {report.Id} {state}, it is {report.State}: {report.Because}");
    };

    static Action<ScenarioRun> Because(Line line, string name, Subject subject, string words) => run =>
    {
        var report = run.Machine.Condition(name, subject.Server, subject.Zone, run.Moment);
        Check(run, line, report?.Because.Contains(words, StringComparison.Ordinal) == true, $"expected \"{words}\" in the because of {report?.Id ?? $"{name} of {subject.Words}"}, it says: {report?.Because}");
    };

    static Action<ScenarioRun> Alarm(Line line, string id, bool wanted) => run =>
        Check(run, line, run.Alarms.Contains(id) == wanted, $"expected {(wanted ? "" : "no ")}alarm {id}, there are: {string.Join(", ", run.Alarms)}");

    /// <summary>How many tables the routers were told since this was asked before.</summary>
    static Action<ScenarioRun> Told(Line line, int times) => run =>
    {
        var told = run.Told;
        run.Told = 0;
        Check(run, line, told == times, $"expected the routers to be told {times} times, they were told {told} times: {string.Join("; ", run.Effects.OfType<RouterIntent>().TakeLast(told).Select(i => i.Because))}");
    };

    static Action<ScenarioRun> Ran(Line line, string action, int times) => run =>
        Check(run, line, run.Effects.OfType<ReactionIntent>().Count(r => r.Action == action) == times, $"expected {action} to have run {times} times, it did: {string.Join("; ", run.Effects.OfType<ReactionIntent>().Select(r => $"{r.Action}: {r.Because}"))}");

    static Action<ScenarioRun> Zones(Line line, string server, string counts) => run =>
    {
        var ready = run.Machine.Status(run.Moment).Servers.First(s => s.Name == server).Ready;
        var says = ready is null ? "not counted" : $"{ready.Met}/{ready.NotMet}/{ready.Unknown}";
        Check(run, line, says == counts, $"expected zones {counts} at {server}, they are {says}");
    };

    static Action<ScenarioRun> Named(Line line, string what, Func<ServerReport, ZoneNamesReport?> of, string server, List<string> zones) => run =>
    {
        var named = of(run.Machine.Server(server, run.Moment)!);
        Check(run, line, (named?.Some ?? []).SequenceEqual(zones) && (named?.Count ?? 0) == zones.Count, $"expected {what} at {server}: {string.Join(' ', zones)}; it is {named?.Count ?? 0}: {string.Join(' ', named?.Some ?? [])}");
    };

    static Action<ScenarioRun> Age(Line line, string server, TimeSpan age) => run =>
    {
        var listed = run.Machine.Server(server, run.Moment)!.ZonesListed;
        Check(run, line, listed is { } at && (run.Moment.Wall - at - age).Duration() < TimeSpan.FromSeconds(1), $"expected the list of {server} to be {age} old, it is of {listed:u}, and it is {run.Moment.Wall:u}");
    };

    static RouteReport Report(ScenarioRun run, string name) => run.Machine.Route(name, run.Moment)!;

    static void Check(ScenarioRun run, Line line, bool so, string otherwise)
    {
        if (!so) run.Fail(line, otherwise);
    }
}
