using Oops.Core;

namespace Oops.Engine;

/// <summary>The end of oops: routes with `on-exit: withdraw` leave, unless a person holds them; every other one stays as it stands.</summary>
internal static class ExitRoutes
{
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    public static async Task LeaveAsync(Daemon daemon)
    {
        foreach (var runner in daemon.Actions)
        {
            // A hold is a person's word that nothing moves: our own end is no exception.
            var table = await daemon.Engine.AskAsync((machine, _) => machine.Farewell(runner.Name)).ConfigureAwait(false);
            if (table.IsEmpty) continue;
            runner.Take(new RouterIntent(runner.Name, long.MaxValue, "oops stops: on-exit: withdraw", table));
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
