using Oops.Core;
using Oops.Engine;

namespace Oops.Control;

/// <summary>`drain`: out of service in an orderly way, and, if asked, no answer before the router shows it.</summary>
internal sealed class DrainVerb(Daemon daemon)
{
    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    public async Task<VerbAnswer> RunAsync(VerbRequest request, string who, CancellationToken stop)
    {
        var policy = daemon.Plan.Policy;
        var chosen = policy.Routes.Where(r => Chosen(r, request)).ToList();
        if (chosen.Count == 0) return request.Server is null ? VerbAnswer.Refused("there is no route to drain") : NotNeeded(request.Server, []);
        var lines = new List<string>();
        var kept = chosen.Where(r => r.LastResort && request.Force != true).ToList();
        lines.AddRange(kept.Select(r => $"{r.Name} is a last resort and stays; `--force` drains it all the same"));
        chosen = [.. chosen.Except(kept)];
        // Before a stop of the server there is nobody to ask, and a last resort must not delay it.
        if (chosen.Count == 0) return request.UntilStarted == true ? VerbAnswer.Done("nothing is drained", [.. lines]) : VerbAnswer.Refused("nothing is drained", [.. lines]);

        // A drain moves nothing that a person holds: said at once, for the server's unit would wait in vain.
        var held = await daemon.Engine.AskAsync((m, now) => m.HeldAgainst([.. chosen.Select(r => r.Name)], request.Server, now)).ConfigureAwait(false);
        lines.AddRange(held.Select(h => h.Words));
        chosen = [.. chosen.Where(r => held.All(h => h.Route != r.Name))];
        if (chosen.Count == 0) return lines.Count == 1 ? VerbAnswer.Refused(lines[0]) : VerbAnswer.Refused("nothing is drained", [.. lines]);

        // Peers that are known not to answer: nobody would be left. Before a stop of the server there is nobody to ask, again.
        var mayRefuse = request is { UntilStarted: not true, Force: not true };
        var alone = await AloneAsync(chosen).ConfigureAwait(false);
        lines.AddRange(alone.Select(a => $"{a.Route}: nobody else answers{(mayRefuse ? "; `--force` drains it all the same" : "")} ({a.Words})"));
        var refused = mayRefuse ? alone.ConvertAll(a => a.Route) : [];
        chosen = [.. chosen.Where(r => !refused.Contains(r.Name))];
        if (chosen.Count == 0) return VerbAnswer.Refused("nothing is drained", [.. lines]);

        var span = TimeSpan.FromSeconds(request.For ?? 3600);
        var word = new Drain(who, [.. chosen.Select(r => r.Name)], request.Server, span, request.UntilStarted == true, request.Force == true);
        // Where enough other servers cover, draining one of them is no reason to leave. Which those are is the machine's to say: it knows who else is down.
        List<RouteSpec> drained = [];
        if (await daemon.OperateAsync(word, (m, now) => drained = [.. chosen.Where(r => m.Route(r.Name, now) is { State: RouteState.Drained })]).ConfigureAwait(false) is { } why) return VerbAnswer.Of(why, [.. lines]);
        chosen = drained;
        if (chosen.Count == 0) return request.Server is null || held.Count > 0 ? VerbAnswer.Refused("nothing is drained", [.. lines]) : NotNeeded(request.Server, lines);
        var shadows = await daemon.Engine.AskAsync((m, now) => chosen.Where(r => m.Route(r.Name, now) is { Shadow: true }).ToList()).ConfigureAwait(false);
        lines.AddRange(shadows.Select(r => $"{r.Name} is only observed (mode: observe): nothing was touched, the router keeps what it has; it counts as drained in what is observed, until that ends or is acted for"));
        chosen = [.. chosen.Except(shadows)];
        // Its router goes on as before: what waits for a drain, to restart a server, must not go on.
        if (chosen.Count == 0) return VerbAnswer.Observed("nothing is drained", [.. lines]);
        var answer = request.Wait is { } wait
            ? await WaitAsync(chosen, TimeSpan.FromSeconds(wait), lines, stop).ConfigureAwait(false)
            : VerbAnswer.Done($"draining {Names(chosen)} {Until(chosen, request, span)}", [.. lines]);
        if (answer.Exit != 0) return answer;
        if (request.Wait is not null && held.Count > 0)
        {
            var left = await daemon.Engine.AskAsync((m, now) => m.HeldAgainst([.. held.Select(h => h.Route)], request.Server, now)).ConfigureAwait(false);
            if (left.Count > 0) return VerbAnswer.Refused($"{answer.Text}; not {string.Join(", ", left.Select(h => h.Route))}: held", [.. answer.Lines]);
        }
        if (refused.Count > 0) return VerbAnswer.Refused($"{answer.Text}; not {string.Join(", ", refused)}", [.. answer.Lines]);
        return shadows.Count == 0 ? answer : VerbAnswer.Observed($"{answer.Text}; not {Names(shadows)}", [.. answer.Lines]);
    }

    /// <summary>A drain of everything is asked for by its name: by mistake it is an outage.</summary>
    public static string Which(Policy policy) =>
        $"which routes? `oops drain ROUTE`, `--server NAME` for those of a server, or `all`; there are: {(policy.Routes.IsEmpty ? "none" : Names(policy.Routes))}";

    /// <summary>Those that have peers, of which all are silent, and that no other route covers.</summary>
    Task<List<(string Route, string Words)>> AloneAsync(List<RouteSpec> chosen) => daemon.Engine.AskAsync((m, now) => chosen
        .Select(r => (r.Name, Covers: m.Route(r.Name, now)!.Covers))
        // What is drained by the same word covers nothing.
        .Where(r => r.Covers.Any(c => c.Peer) && r.Covers.All(c => c.Peer ? c.State == State.NotMet : c.State != State.Met || chosen.Exists(o => o.Name == c.Route)))
        .Select(r => (r.Name, string.Join(", ", r.Covers.Where(c => c.Peer)))).ToList());

    async Task<VerbAnswer> WaitAsync(List<RouteSpec> chosen, TimeSpan longest, List<string> lines, CancellationToken stop)
    {
        var began = daemon.Engine.Now;
        while (true)
        {
            var now = await daemon.Engine.AskAsync((m, now) => chosen.Select(r => m.Route(r.Name, now)).OfType<RouteReport>().ToList()).ConfigureAwait(false);
            var left = now.FindAll(r => !r.Drained);
            if (left.Count == 0)
            {
                lines.AddRange(now.Where(r => r.Upstream is { State: State.Unknown }).Select(r => $"{r.Name}: whether its upstream has followed is not known: {r.Upstream!.Says}"));
                return VerbAnswer.Done($"drained {Names(chosen)}", [.. lines]);
            }

            if (daemon.Engine.Now - began >= longest)
                return VerbAnswer.TimedOut($"not withdrawn within {Words.Of(longest)}", [.. lines, .. left.Select(r => $"{r.Name}: {r.Person ?? Words.Of(r.State)}{(r.RouterWhy is null ? "" : ", " + r.RouterWhy)}{(r.Shared is null ? "" : "; " + r.Shared)}")]);
            await Task.Delay(Look, daemon.Time, stop).ConfigureAwait(false);
        }
    }

    // Without a server each route waits for its first one.
    static string Until(List<RouteSpec> chosen, VerbRequest request, TimeSpan span)
    {
        if (request.UntilStarted != true) return $"for {Words.Of(span)}";
        var servers = chosen.Select(r => request.Server ?? r.Servers[0]).Distinct(StringComparer.Ordinal).ToList();
        return $"until {string.Join(" and ", servers)} {(servers.Count == 1 ? "is" : "are")} started, at most {Words.Of(span)}";
    }

    static VerbAnswer NotNeeded(string server, List<string> lines) => VerbAnswer.Done($"no route depends on {server} alone: nothing to drain", [.. lines]);

    static bool Chosen(RouteSpec route, VerbRequest request) =>
        (request.Routes is not { Length: > 0 } names || names.Contains(route.Name))
        && (request.Server is not { } server || route.Servers.Contains(server));

    static string Names(IEnumerable<RouteSpec> routes) => string.Join(", ", routes.Select(r => r.Name));
}
