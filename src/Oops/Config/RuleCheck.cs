using Oops.Core;

namespace Oops.Config;

/// <summary>What can never work in a rule.</summary>
internal sealed class RuleCheck(OopsConfig config, Wiring wiring, Conditions conditions, Covering covering, ConfigErrors errors)
{
    public void Check(int index, RuleConfig rule)
    {
        var path = $"rules[{index}]";
        if (conditions.Find(rule.On) is not { } condition)
            return;
        if (condition.Polarity == Polarity.Level && rule.States is not null)
            errors.Add($"{path}.states", $"'{rule.On}' is a level: it has values, not states, and fires on each new one; remove states");
        if (condition.Subject == SubjectKind.Server && rule.Zones is not null)
            errors.Add($"{path}.zones", $"'{rule.On}' is a condition of the server; remove zones");
        var named = rule.Servers ?? [.. config.Servers.Keys];
        var servers = named.Where(s => config.Servers.ContainsKey(s) && !wiring.Unsure.Contains(s)).ToArray();
        var all = servers.Length == named.Count && errors.Unbound.IsComplete("servers");
        var reached = servers.Where(s => condition.Leaves.All(l => covering.Covers(s, l))).ToArray();
        foreach (var server in rule.Servers is null ? [] : servers.Except(reached))
            errors.Add($"{path}.on", $"no source covers {Missing(condition, server).Name} for server {server}; {WayOut(condition, server, ", or remove the server here")}");
        // Of Knot the most can be known.
        if (all && rule.Servers is null && reached.Length == 0 && servers.OrderByDescending(s => config.Servers[s].Kind == ServerKind.Knot).FirstOrDefault() is { } likely)
            errors.Add($"{path}.on", $"no source covers {Missing(condition, likely).Name} for any server; {WayOut(condition, likely)}");
        else if (condition.Subject == SubjectKind.Zone && rule.Zones is null && all && reached.Length > 0 && reached.All(s => config.Servers[s].Zones is null))
            errors.Add(path, $"is about the expected zones and no server here has any; write zones here (['*'] for all) or at the server");
    }

    string WayOut(ConditionInfo condition, string server, string otherwise = "") =>
        covering.WayOut(server, config.Servers[server].Kind, Missing(condition, server).Kind, otherwise);

    KindInfo Missing(ConditionInfo condition, string server) =>
        Kinds.Of(condition.Leaves.First(l => !covering.Covers(server, l)).Kind);
}
