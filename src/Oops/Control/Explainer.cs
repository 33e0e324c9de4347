using System.Collections.Immutable;
using System.Globalization;
using Oops.Core;
using Oops.Engine;
using Oops.Journal;

namespace Oops.Control;

/// <summary>`explain ID`: one subject with all that leads to its state.</summary>
internal sealed class Explainer(Daemon daemon)
{
    const string Ids = "an id is server/NAME, zone/SERVER/ZONE, condition/NAME/SERVER[/ZONE], route/NAME, rule/N, action/NAME or alarm/ID";

    const string Alarm = "alarm/";

    Policy Policy => daemon.Plan.Policy;

    /// <summary>Null with the reason: there is no such thing, or no thing has such an id.</summary>
    public async Task<(ExplainAnswer? Answer, string Error, bool Misshapen)> ExplainAsync(string id)
    {
        var parts = id.Split('/', 4);
        return parts switch
        {
            ["route", var name] => Found(id, await daemon.Engine.AskAsync((m, now) => m.Route(name, now)).ConfigureAwait(false), (a, r) => (a.Route, a.Sessions) = (r, Sessions(r.Action)), NoSuch.Route(Policy, name)),
            ["condition", var name, var server] => await ConditionAsync(id, name, server, null).ConfigureAwait(false),
            ["condition", var name, var server, var zone] => await ConditionAsync(id, name, server, Subject.Canonical(zone)).ConfigureAwait(false),
            ["server", var name] => Found(id, await ServerAsync(name).ConfigureAwait(false), (a, s) => a.Server = s, NoSuch.Server(Policy, name)),
            ["zone", var server, .. var rest] when rest.Length > 0 => Found(id, await ZoneAsync(server, Subject.Canonical(string.Join('/', rest))).ConfigureAwait(false), (a, z) => a.Zone = z, Policy.Servers.All(s => s.Name != server) ? NoSuch.Server(Policy, server) : NoSuch.Zone(server, string.Join('/', rest))),
            ["action", var name] => Found(id, Action(name), (a, x) => (a.Action, a.Sessions) = (x, Sessions(name)), NoSuch.Action(daemon.Actions.Select(r => r.Name), name)),
            ["alarm", ..] when id.Length > Alarm.Length => await AlarmAsync(id, id[Alarm.Length..]).ConfigureAwait(false),
            ["rule", var index] when int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out _) => Found(id, Rule(index), (a, r) => a.Rule = r, NoSuch.Rule(Policy, index)),
            [var bare] => await GuessAsync(bare).ConfigureAwait(false),
            _ => (null, Ids, true),
        };
    }

    // A person who types only a name means the route, else the server, else the action.
    async Task<(ExplainAnswer?, string, bool)> GuessAsync(string name)
    {
        foreach (var kind in (string[])["route", "server", "action"])
            if (await ExplainAsync($"{kind}/{name}").ConfigureAwait(false) is { Answer: not null } found) return found;
        return (null, $"{NoSuch.Any(Policy, daemon.Actions.Select(r => r.Name), name)}; {Ids}", false);
    }

    async Task<(ExplainAnswer?, string, bool)> ConditionAsync(string id, string name, string server, string? zone)
    {
        var (report, why) = await daemon.Engine.AskAsync((m, now) => m.Condition(name, server, zone, now) is { } found ? (found, default) : ((ConditionReport?)null, NoSuch.Condition(Policy, m, now, name, server, zone))).ConfigureAwait(false);
        return report is null ? (null, why.Item1, why.Item2) : Found(id, report, (a, c) => a.Condition = c, "");
    }

    async Task<(ExplainAnswer?, string, bool)> AlarmAsync(string id, string name)
    {
        AlarmReport[] standing = [.. daemon.Notices.All, .. (await daemon.Engine.AskAsync((m, now) => m.Status(now)).ConfigureAwait(false)).Alarms];
        return Found(id, Array.Find(standing, a => a.Id == name), (a, x) => a.Alarm = x, NoSuch.Alarm(standing.Select(a => a.Id), name));
    }

    static (ExplainAnswer?, string, bool) Found<T>(string id, T? report, Action<ExplainAnswer, T> set, string error)
        where T : class
    {
        if (report is null) return (null, error, false);
        var answer = new ExplainAnswer(1, id);
        set(answer, report);
        return (answer, "", false);
    }

    Task<ServerReport?> ServerAsync(string name) => daemon.Engine.AskAsync((m, now) => m.Server(name, now));

    Task<ZoneReport?> ZoneAsync(string server, string zone) => daemon.Engine.AskAsync((m, now) => m.Zone(server, zone, now));

    ActionAnswer? Action(string name) => daemon.Actions.FirstOrDefault(a => a.Name == name) is { } runner
        ? new(name, runner.Depth, [.. Policy.Routes.Where(r => r.Via == name).Select(r => r.Name)]) { Listening = [.. runner.Action.Listening] }
        : null;

    ImmutableArray<SessionReport> Sessions(string action) => [.. daemon.Actions.Where(a => a.Name == action).SelectMany(a => a.Action.Sessions)];

    RuleAnswer? Rule(string index)
    {
        if (Policy.Rules.FirstOrDefault(r => r.Index.ToString(CultureInfo.InvariantCulture) == index) is not { } rule) return null;
        var kind = Policy.KindOf(rule.Condition);
        return new(rule.Index, rule.Condition, kind is { Polarity: Polarity.Level } ? [] : [.. rule.States.Select(Words.Of)], kind is { Subject: SubjectKind.Zone } ? rule.Zones.ToString() : null, rule.Servers, [.. rule.Do.Select(d => d.Action)]);
    }
}
