using System.Collections.Immutable;
using Oops.Core;
using Oops.Engine;
using Oops.Native;

namespace Oops.Sources.Process;

/// <summary>
/// Watches a server's main process: holds it by pidfd on a thread of its own, so that its exit reaches the machine with nothing between, and measures whether its process
/// set works or idles. See README.md for what begins and ends each claim.
/// </summary>
internal sealed class ProcessSource(ProcessTarget target) : ISource
{
    // Signalled so many times longer than the window: a late sample is no reason to forget.
    const int CpuValidityWindows = 3;

    public string Name => $"process/{target.Server}";

    public ImmutableArray<ChannelSpec> Covers =>
    [
        new(Name, target.Server, Standing.Witness, [], Timeout.InfiniteTimeSpan, Process: true),
        new($"{Name}/cpu", target.Server, Standing.Witness, [Measure.Idle], target.CpuWindow * CpuValidityWindows) { WhenUnanswered = true },
    ];

    public async Task RunAsync(IEngine engine, CancellationToken stop)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watch = new ProcessWatch(target, engine, Name, $"{Name}/cpu");
        var thread = new Thread(() => Run(watch, ended)) { IsBackground = true, Name = Name };
        thread.Start();
        await using (stop.Register(watch.Stop))
        {
            await FollowAsync(watch, engine, ended.Task, stop).ConfigureAwait(false);
            await ended.Task.ConfigureAwait(false);
        }

        stop.ThrowIfCancellationRequested();
    }

    /// <summary>The watch sleeps until something is new, and that a probe is not answered comes by no descriptor.</summary>
    async Task FollowAsync(ProcessWatch watch, IEngine engine, Task ended, CancellationToken stop)
    {
        for (At? known = null; !ended.IsCompleted && !stop.IsCancellationRequested;)
        {
            var view = engine.Server(target.Server);
            if (view.UnansweredSince != known) watch.Wake();
            known = view.UnansweredSince;
            await Task.WhenAny(view.Replaced, ended).ConfigureAwait(false);
        }
    }

    static void Run(ProcessWatch watch, TaskCompletionSource ended)
    {
        try
        {
            watch.Loop();
            ended.SetResult();
        }
        catch (Exception e)
        {
            // The runner that awaits the task owns what went wrong; a thread that throws would end the daemon.
            ended.SetException(e);
        }
    }
}
