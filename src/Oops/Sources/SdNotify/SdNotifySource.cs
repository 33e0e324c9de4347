using System.Collections.Immutable;
using Oops.Core;
using Oops.Engine;

namespace Oops.Sources.SdNotify;

/// <summary>Hears what a server tells the socket that its NOTIFY_SOCKET names, and passes it on. See README.md for what begins and ends the claim.</summary>
internal sealed class SdNotifySource(SdNotifyTarget target) : ISource
{
    readonly SdNotifyCounts counts = new();

    public string Name => target.Channel;

    /// <summary>A messenger: it hears what is said, and can ask nobody.</summary>
    public ImmutableArray<ChannelSpec> Covers => [new(Name, target.Server, Standing.Messenger, [Measure.Stopping], Timeout.InfiniteTimeSpan)];

    public IReadOnlyList<SourceCount> Counted => counts.All();

    public async Task RunAsync(IEngine engine, CancellationToken stop)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var relay = new SdNotifyRelay(target, engine, counts);
        var thread = new Thread(() => Run(relay, ended)) { IsBackground = true, Name = Name };
        thread.Start();
        await using (stop.Register(relay.Stop))
        {
            while (!ended.Task.IsCompleted)
            {
                await Task.WhenAny(ended.Task, engine.Server(target.Server).Replaced);
                relay.Wake();
            }

            await ended.Task;
        }

        stop.ThrowIfCancellationRequested();
    }

    static void Run(SdNotifyRelay relay, TaskCompletionSource ended)
    {
        try
        {
            relay.Loop();
            ended.SetResult();
        }
        catch (Exception e)
        {
            // The runner that awaits the task owns what went wrong; a thread that throws would end the daemon.
            ended.SetException(e);
        }
    }
}
