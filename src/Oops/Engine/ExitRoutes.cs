using Oops.Core;

namespace Oops.Engine;

/// <summary>The end of oops: routes with `on-exit: withdraw` leave, unless a person holds them; every other one stays as it stands.</summary>
internal static class ExitRoutes
{
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    public static async Task LeaveAsync(Daemon daemon)
    {
        var policy = daemon.Plan.Policy;
        var leaving = policy.Routes.Where(r => r is { OnExit: OnExit.Withdraw, Mode: Mode.Act, LastResort: false }).Select(r => r.Via).ToHashSet(StringComparer.Ordinal);
        if (leaving.Count == 0) return;
        var status = await daemon.Engine.AskAsync((machine, now) => machine.Status(now)).ConfigureAwait(false);
        // A hold is a person's word that nothing moves: our own end is no exception. Where all are held, nothing is told at all.
        var held = status.Routes.Where(r => r.Held).Select(r => r.Name).ToHashSet(StringComparer.Ordinal);
        if (policy.Routes.All(r => held.Contains(r.Name))) return;
        var wanted = status.Routes.Where(r => !r.Shadow && r.Wanted is not null).ToDictionary(r => r.Name, r => r.Wanted!.Value, StringComparer.Ordinal);
        foreach (var runner in daemon.Actions.Where(a => leaving.Contains(a.Name)))
        {
            var table = policy.Routes.Where(r => r.Via == runner.Name && r.Mode == Mode.Act && wanted.ContainsKey(r.Name))
                .Select(r => new RouteWanted(r.Name, r.Prefixes, r.OnExit == OnExit.Withdraw && !r.LastResort && !held.Contains(r.Name) ? RouteForm.Withdrawn : wanted[r.Name], r.Degrade));
            runner.Take(new RouterIntent(runner.Name, long.MaxValue, "oops stops: on-exit: withdraw", [.. table]));
            try
            {
                await runner.SettledAsync().WaitAsync(Longest, daemon.Time).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // The router does not answer: systemd's stop timeout must not decide for us.
            }
        }
    }
}
