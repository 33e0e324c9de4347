using Oops.Core;
using Oops.Engine;

namespace Oops.Control;

/// <summary>`explain ID`: one subject with all that leads to its state.</summary>
internal sealed class Explainer(Daemon daemon)
{
    public async Task<(ExplainAnswer? Answer, string Error)> ExplainAsync(string id)
    {
        var parts = id.Split('/', 4);
        return parts switch
        {
            ["route", var name] => Found(id, await daemon.Engine.AskAsync((m, now) => m.Route(name, now)).ConfigureAwait(false), (a, r) => a.Route = r, $"no route {name}; there are: {Names(daemon.Plan.Policy.Routes.Select(r => r.Name))}"),
            ["condition", var name, var server] => Found(id, await AskAsync(name, server, null).ConfigureAwait(false), (a, c) => a.Condition = c, $"no condition {name} at {server}; a zone's condition is condition/{name}/{server}/ZONE"),
            ["condition", var name, var server, var zone] => Found(id, await AskAsync(name, server, Canonical(zone)).ConfigureAwait(false), (a, c) => a.Condition = c, $"no condition {name} of zone {zone} at {server}"),
            ["server", var name] => Found(id, await ServerAsync(name).ConfigureAwait(false), (a, s) => a.Server = s, $"no server {name}; there are: {Names(daemon.Plan.Policy.Servers.Select(s => s.Name))}"),
            ["zone", var server, .. var rest] when rest.Length > 0 => Found(id, await ZoneAsync(server, Canonical(string.Join('/', rest))).ConfigureAwait(false), (a, z) => a.Zone = z, $"{server} has no zone {string.Join('/', rest)}"),
            ["action", var name] => Found(id, Action(name), (a, x) => a.Action = x, $"no action {name}"),
            ["rule", var index] => Found(id, Rule(index), (a, r) => a.Rule = r, $"no rule {index}"),
            [var bare] => await GuessAsync(bare).ConfigureAwait(false),
            _ => (null, "an id is server/NAME, zone/SERVER/ZONE, condition/NAME/SERVER[/ZONE], route/NAME, rule/N or action/NAME"),
        };
    }

    // A person who types only a name means the route, else the server, else the action.
    async Task<(ExplainAnswer?, string)> GuessAsync(string name)
    {
        foreach (var kind in (string[])["route", "server", "action"])
            if (await ExplainAsync($"{kind}/{name}").ConfigureAwait(false) is { Answer: not null } found) return found;
        return (null, $"no route, server or action {name}; an id is server/NAME, zone/SERVER/ZONE, condition/NAME/SERVER[/ZONE], route/NAME, rule/N or action/NAME");
    }

    static (ExplainAnswer?, string) Found<T>(string id, T? report, Action<ExplainAnswer, T> set, string error)
        where T : class
    {
        if (report is null) return (null, error);
        var answer = new ExplainAnswer(1, id);
        set(answer, report);
        return (answer, "");
    }

    Task<ConditionReport?> AskAsync(string name, string server, string? zone) => daemon.Engine.AskAsync((m, now) => m.Condition(name, server, zone, now));

    Task<ServerReport?> ServerAsync(string name) => daemon.Engine.AskAsync((m, now) => m.Server(name, now));

    Task<ZoneReport?> ZoneAsync(string server, string zone) => daemon.Engine.AskAsync((m, now) => m.Zone(server, zone, now));

    ActionAnswer? Action(string name) => daemon.Actions.FirstOrDefault(a => a.Name == name) is { } runner
        ? new(name, runner.Depth, [.. daemon.Plan.Policy.Routes.Where(r => r.Via == name).Select(r => r.Name)])
        : null;

    RuleAnswer? Rule(string index) => daemon.Plan.Policy.Rules.FirstOrDefault(r => r.Index.ToString(System.Globalization.CultureInfo.InvariantCulture) == index) is { } rule
        ? new(rule.Index, rule.Condition, [.. rule.States.Select(Words.Of)], rule.Zones.ToString(), [.. rule.Do.Select(d => d.Action)])
        : null;

    static string Canonical(string zone) => zone == "." ? zone : zone.ToLowerInvariant().TrimEnd('.');

    static string Names(IEnumerable<string> names) => string.Join(", ", names);
}
