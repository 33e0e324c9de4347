using Oops.Core;
using Oops.Engine;
using Oops.Journal;

namespace Oops.Control;

/// <summary>`drain`: out of service in an orderly way, and, if asked, no answer before the router shows it.</summary>
internal sealed class DrainVerb(Daemon daemon)
{
    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    public async Task<VerbAnswer> RunAsync(VerbRequest request, string who, CancellationToken stop)
    {
        var policy = daemon.Plan.Policy;
        var chosen = policy.Routes.Where(r => Chosen(r, request)).ToList();
        if (chosen.Count == 0)
            return request.Server is null ? VerbAnswer.Refused("there is no route to drain") : VerbAnswer.Done($"no route depends on {request.Server} alone: nothing to drain");
        var lines = new List<string>();
        var kept = chosen.Where(r => r.LastResort && request.Force != true).ToList();
        lines.AddRange(kept.Select(r => $"{r.Name} is a last resort and stays; `--force` drains it all the same"));
        chosen = [.. chosen.Except(kept)];
        // Before a stop of the server there is nobody to ask, and a last resort must not delay it.
        if (chosen.Count == 0) return request.UntilStarted == true ? VerbAnswer.Done("nothing is drained", [.. lines]) : VerbAnswer.Refused("nothing is drained", [.. lines]);

        var span = TimeSpan.FromSeconds(request.For ?? 3600);
        var word = new Drain(who, [.. chosen.Select(r => r.Name)], request.Server, span, request.UntilStarted == true, request.Force == true);
        if (await daemon.OperateAsync(word).ConfigureAwait(false) is { } why) return VerbAnswer.Failed(why, [.. lines]);
        if (request.Wait is not { } wait) return VerbAnswer.Done($"draining {Names(chosen)} for {Words.Of(span)}", [.. lines]);
        return await WaitAsync(chosen, TimeSpan.FromSeconds(wait), lines, stop).ConfigureAwait(false);
    }

    async Task<VerbAnswer> WaitAsync(List<RouteSpec> chosen, TimeSpan longest, List<string> lines, CancellationToken stop)
    {
        var began = daemon.Engine.Now;
        while (true)
        {
            var left = await daemon.Engine.AskAsync((m, now) => chosen.Select(r => m.Route(r.Name, now)).Where(r => r is { Drained: false }).ToList()).ConfigureAwait(false);
            if (left.Count == 0) return VerbAnswer.Done($"drained {Names(chosen)}", [.. lines]);
            if (daemon.Engine.Now - began >= longest)
                return VerbAnswer.TimedOut($"not withdrawn within {Words.Of(longest)}", [.. lines, .. left.Select(r => $"{r!.Name}: {Words.Of(r.State)}{(r.RouterWhy is null ? "" : ", " + r.RouterWhy)}")]);
            await Task.Delay(Look, daemon.Time, stop).ConfigureAwait(false);
        }
    }

    // As the machine chooses: where enough other servers cover, draining one of them is no reason to leave.
    static bool Chosen(RouteSpec route, VerbRequest request) =>
        (request.Routes is not { Length: > 0 } names || names.Contains(route.Name))
        && (request.Server is not { } server || (route.Servers.Contains(server) && route.Servers.Length - 1 < route.Need));

    static string Names(IEnumerable<RouteSpec> routes) => string.Join(", ", routes.Select(r => r.Name));
}
