using Oops.Core;

namespace Oops.Control;

/// <summary>What is said of a name that is not there: what is wrong with it, and what there is instead.</summary>
internal static class NoSuch
{
    public static string Route(Policy policy, string name) => $"no route {name}; {There(policy.Routes.Select(r => r.Name))}";

    public static string Server(Policy policy, string name) => $"no server {name}; {There(policy.Servers.Select(s => s.Name))}";

    public static string External(Policy policy, string? name) =>
        $"no external condition {name}; {There(policy.Conditions.OfType<KindSpec>().Where(c => c.Kind == Kind.External).Select(c => c.Name))}";

    /// <summary>Why a condition of a server, or of one of its zones, is not found; or that it is asked for in a shape that it does not have.</summary>
    public static (string Text, bool Misshapen) Condition(Policy policy, Machine machine, Moment now, string name, string server, string? zone)
    {
        if (policy.Servers.All(s => s.Name != server)) return (Server(policy, server), false);
        var named = policy.Conditions.FirstOrDefault(c => c.Name == name);
        var kind = policy.KindOf(name);
        if (named is null && kind is null) return ($"no condition {name}; {There(Names(policy))}", false);
        if (zone is null && kind is { Subject: SubjectKind.Zone }) return ($"{name} is a condition of zones: name one, as {server}/ZONE", true);
        if (zone is not null && kind is not { Subject: SubjectKind.Zone }) return ($"{name} is a condition of servers: name {server} alone", true);
        return (zone is not null && machine.Zone(server, zone, now) is null ? Zone(server, zone) : $"nothing is known of {name} at {server}{(zone is null ? "" : "/" + zone)}", false);
    }

    /// <summary>Zones are too many to be listed.</summary>
    public static string Zone(string server, string zone) => $"{server} has no zone {zone}; `oops zones --server {server}` lists those that it has";

    public static string Action(IEnumerable<string> there, string name) => $"no action {name}; {There(there)}";

    /// <summary>It may have stood.</summary>
    public static string Alarm(IEnumerable<string> standing, string id) =>
        $"no alarm {id} stands; {(string.Join(", ", standing.Select(a => "alarm/" + a)) is { Length: > 0 } all ? "there are: " + all : "none does")}; `oops history alarm/{id}` says whether it did";

    public static string Rule(Policy policy, string index) => $"no rule {index}; {There(policy.Rules.Select(r => $"rule/{r.Index} (on {r.Condition})"))}";

    /// <summary>Of a bare name.</summary>
    public static string Any(Policy policy, IEnumerable<string> actions, string name) =>
        $"no route, server or action {name}; {There(policy.Routes.Select(r => "route/" + r.Name).Concat(policy.Servers.Select(s => "server/" + s.Name)).Concat(actions.Select(a => "action/" + a)))}";

    static IEnumerable<string> Names(Policy policy) =>
        Kinds.All.Where(k => k.Parameter is null).Select(k => k.Name).Concat(policy.Conditions.Select(c => c.Name)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    static string There(IEnumerable<string> names) => string.Join(", ", names) is { Length: > 0 } there ? "there are: " + there : "the config has none";
}
