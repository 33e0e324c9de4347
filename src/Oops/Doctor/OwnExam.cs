using Oops.Config;
using Oops.Core;

namespace Oops.Doctor;

/// <summary>Our own config: what `oops check` says of it, and what that cannot know because it does not look at the machine.</summary>
internal static class OwnExam
{
    const string Subject = "config";

    public static IEnumerable<Finding> Examine(Surroundings around, IReadOnlyList<Chart> charts)
    {
        if (around.Own is not { } own) yield break;
        foreach (var error in own.Errors.All) yield return Of(error);
        if (own.Errors.Shed > 0) yield return Say(Grade.Unsafe, "config-error", $"and {own.Errors.Shed} more", Pages.Config);
        if (own is not { Config: { } config, Wiring: { } wiring }) yield break;
        foreach (var stray in around.Strays) yield return Say(Grade.Unsafe, "stray", stray, Pages.Doctor);
        foreach (var finding in Servers(config, charts)) yield return finding;
        foreach (var finding in Uncovered(config, wiring)) yield return finding;
    }

    static Finding Of(ConfigError error) => error switch
    {
        { Severity: Severity.Error } => Say(Grade.Unsafe, "config-error", $"{error}: the daemon does not take it", Pages.Config),
        // The only warning at a route's prefixes.
        { Path: var path } when path.StartsWith("routes.", StringComparison.Ordinal) && path.EndsWith(".prefixes", StringComparison.Ordinal) => Say(Grade.Unsafe, "probe-outside-prefix", error.ToString(), Pages.Probe),
        _ => Say(Grade.Advice, "config-warning", error.ToString(), Pages.Config),
    };

    static IEnumerable<Finding> Servers(OopsConfig config, IReadOnlyList<Chart> charts)
    {
        foreach (var (name, server) in config.Servers)
        {
            if (!config.Sources.Process.Any(p => p.Server == name))
                yield return Say(Grade.Advice, "server-without-process", $"servers.{name} has no source process: nothing proves within milliseconds that it died, and a hung one cannot be told from a busy one", Pages.Process,
                    new Remedy("sources", ["process:", $"    - server: {name}"]));
            var running = charts.Where(c => c.Found.Software.Kind == server.Kind && c.Found.Pid is not null).ToArray();
            if (running.Length == 0)
            {
                if (server.Kind != ServerKind.Other) yield return Say(Grade.Note, "config-server-unseen", $"servers.{name}: no {server.Kind.ToString().ToLowerInvariant()} runs here that we see", Pages.Config);
                continue;
            }

            foreach (var finding in Paths(name, server, running)) yield return finding;
        }
    }

    static IEnumerable<Finding> Paths(string name, ServerConfig server, Chart[] running)
    {
        var pidfiles = running.Select(c => c.Pidfile).OfType<string>().ToArray();
        if (server.Pidfile is { } pidfile && pidfiles.Length > 0 && !pidfiles.Contains(pidfile))
            yield return Say(Grade.Advice, "config-pidfile-other", $"servers.{name}.pidfile is {pidfile}, and {running[0].Found.Software.Title} has {string.Join(", ", pidfiles)}", Pages.Process,
                new Remedy($"servers.{name}", [$"pidfile: {pidfiles[0]}"]));
        var sockets = running.Select(c => c.Control?.Path).OfType<string>().ToArray();
        if (server.Control is { } control && sockets.Length > 0 && !sockets.Contains(control))
            yield return Say(Grade.Advice, "config-control-other", $"servers.{name}.control is {control}, and {running[0].Found.Software.Title} has {string.Join(", ", sockets)}", Pages.Config,
                new Remedy($"servers.{name}", [$"control: {sockets[0]}"]));
    }

    // A route or rule that uses one is refused; one that stands there for a person to look at says "unknown" for ever.
    static IEnumerable<Finding> Uncovered(OopsConfig config, Wiring wiring)
    {
        var errors = new ConfigErrors();
        var covering = new Covering(wiring.Sources, errors);
        var conditions = new Conditions(config.Conditions, errors);
        foreach (var name in config.Conditions.Keys)
            if (conditions.Find(name) is { } condition && condition.Leaves.FirstOrDefault(l => !config.Servers.Keys.Any(s => covering.Covers(s, l))) is { } silent)
                yield return Say(Grade.Advice, "condition-uncovered", $"conditions.{name} is never anything but unknown: no source tells {Kinds.Of(silent.Kind).Name} of any server; {covering.WayOut(config.Servers.Keys.First(), config.Servers.Values.First().Kind, silent.Kind)}", "docs/conditions.md");
    }

    static Finding Say(Grade grade, string id, string text, string see, params Remedy[] remedies) => new(grade, id, Subject, text, see, [.. remedies]);
}
