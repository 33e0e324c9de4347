using Oops.Core;
using Oops.Engine;
using Oops.Native;

namespace Oops.Commands;

/// <summary>What systemd is told while we run: one line of status when routes change or a reload was refused, and a sign of life only while the machine itself answers.</summary>
internal sealed class ServiceCare : IAsyncDisposable
{
    readonly Daemon daemon;
    readonly SdNotify? systemd;
    readonly TimeProvider time;
    readonly ITimer? watchdog;
    readonly ITimer status;
    volatile string refused = "";

    public ServiceCare(Daemon daemon, SdNotify? systemd, TimeProvider time)
    {
        this.daemon = daemon;
        this.systemd = systemd;
        this.time = time;
        status = time.CreateTimer(_ => _ = TellAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (systemd is null) return;
        daemon.Reloaded += HearReload;
        daemon.Engine.Add((_, _, effects) =>
        {
            foreach (var effect in effects)
                if (effect is RouteChanged) Soon();
        });
        if (SdNotify.WatchdogInterval() is { } interval) watchdog = time.CreateTimer(_ => _ = LiveAsync(interval / 2), null, TimeSpan.Zero, interval / 2);
    }

    public async ValueTask DisposeAsync()
    {
        daemon.Reloaded -= HearReload;
        await status.DisposeAsync().ConfigureAwait(false);
        if (watchdog is not null) await watchdog.DisposeAsync().ConfigureAwait(false);
    }

    // The text that came with the end of a reload is no state: it is replaced, too.
    void HearReload(ReloadResult result)
    {
        refused = result.Taken ? "" : "; " + result.Text;
        Soon();
    }

    void Soon() => status.Change(TimeSpan.FromMilliseconds(200), Timeout.InfiniteTimeSpan);

    async Task LiveAsync(TimeSpan within)
    {
        try
        {
            await daemon.Engine.AskAsync((_, _) => true).WaitAsync(within, time).ConfigureAwait(false);
            systemd?.Watchdog();
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // No sign of life: systemd restarts us, which moves no route.
        }
    }

    async Task TellAsync()
    {
        try
        {
            var routes = await daemon.Engine.AskAsync((m, now) => m.Status(now).Routes).ConfigureAwait(false);
            systemd?.Status(string.Join(", ", routes.Select(r => $"{r.Name} {Words.Of(r.State)}").Take(20)) + refused);
        }
        catch (OperationCanceledException)
        {
            // We stop.
        }
    }
}
