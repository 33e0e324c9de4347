using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Oops.Core;
using Oops.Journal;

namespace Oops.Engine;

/// <summary>
/// Walks the urgent path once before it counts, on an engine and a machine of its own: from a process exit through the lanes, the machine and a runner to an action's first call. The first
/// call compiles (measured: 6.5 ms), and the first crash must not pay for it.
/// </summary>
internal static class Warm
{
    sealed class Nothing : IAction
    {
        public readonly TaskCompletionSource Withdrawn = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Name => "warm";

        public Task RunAsync(IEngine engine, CancellationToken stop) => Task.CompletedTask;

        public ValueTask<Input?> ReadAsync(Intent? intent, CancellationToken stop) =>
            new(new RouterObserved(Name, [new RouteSeen("warm", intent is RouterIntent r ? r.Routes[0].Form : RouteForm.Plain)], []));

        public ValueTask<Outcome> ApplyAsync(Intent intent, CancellationToken stop)
        {
            if (intent is RouterIntent { Routes: [{ Form: RouteForm.Withdrawn }] }) Withdrawn.TrySetResult();
            return new(Outcome.Done);
        }
    }

    public static async Task RunAsync(TimeProvider time)
    {
        var policy = new Policy
        {
            Mode = Mode.Act,
            Servers = [new("warm", ["warm"])],
            Channels =
            [
                new("process/warm", "warm", Standing.Witness, [Measure.Idle], Timeout.InfiniteTimeSpan, null, Process: true),
                new("probe/warm", "warm", Standing.Witness, [Measure.Answering, Measure.Serial], TimeSpan.FromSeconds(3)),
            ],
            Routes = [new("warm") { Prefixes = [IPNetwork.Parse("192.0.2.0/24")], Via = "warm", Servers = ["warm"], AnnounceWhen = [new("server-running"), new("all-zones-ready")], Rise = TimeSpan.Zero, Fall = TimeSpan.Zero, Budget = null }],
        };
        var action = new Nothing();
        await using var engine = new Engine(policy, new Machine(policy), time, NullLogger.Instance);
        await using var runner = new ActionRunner(action, engine, null, NullLogger.Instance);
        engine.Use(new Dictionary<string, ActionRunner>(StringComparer.Ordinal) { ["warm"] = runner });
        engine.Add((now, input, effects) =>
        {
            foreach (var line in Decisions.Of(now, input, effects)) _ = line.Text.Length;
            _ = InputCodec.Write(input);
        });
        engine.Start();
        runner.Start();
        foreach (var input in Story()) engine.Send(input);
        await engine.AskAsync((machine, now) => machine.Status(now)).ConfigureAwait(false);
        engine.Send(new ProcessGone("process/warm", "signal 9"));
        // A machine that would not withdraw here has other ways to show it; the start does not wait for it.
        await Task.WhenAny(action.Withdrawn.Task, Task.Delay(TimeSpan.FromMilliseconds(500), time)).ConfigureAwait(false);
    }

    static IEnumerable<Input> Story() =>
    [
        new ClockTrust(true, "warm"),
        new RouterObserved("warm", [new RouteSeen("warm", RouteForm.Plain)], []),
        new ChannelOpened("process/warm"),
        new ProcessStarted("process/warm", 1, 1),
        new ServerSignal("process/warm", Measure.Idle, 0),
        new ChannelOpened("probe/warm"),
        new ServerSignal("probe/warm", Measure.Answering, 1),
        new ZoneSignal("probe/warm", "warm", Measure.Serial, 1),
        new ChannelRead("probe/warm"),
    ];
}
