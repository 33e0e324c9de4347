using System.Collections.Immutable;
using System.Net;
using System.Runtime.InteropServices;
using Oops.Actions.Bird;
using Oops.Core;
using Oops.Lab.Harness;

namespace Oops.Bench.Latency;

/// <summary>The shortest way: a pidfd, and the `bird` action behind it. No machine, no claims, no queue.</summary>
internal sealed partial class Floor : IAsyncDisposable
{
    private static readonly ImmutableArray<IPNetwork> Prefix = [IPNetwork.Parse(Oops.Lab.Harness.Lab.Prefix4)];

    private readonly BirdAction _action;
    private readonly Knotd _knot;
    private readonly string[] _zones;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private long _sequence;

    private Floor(Bird bird, Knotd knot, string[] zones)
    {
        _knot = knot;
        _zones = zones;
        _action = new BirdAction(new BirdConfig { Name = "edge", Socket = bird.Socket, Include = bird.Include, Config = bird.ConfigPath }, [new BirdRouteSpec("anycast4", Prefix)], TimeProvider.System);
        _loop = Task.Factory.StartNew(Loop, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public static Task<IAsyncDisposable> StartAsync(Bird bird, Knotd knot, string[] zones) => Task.FromResult<IAsyncDisposable>(new Floor(bird, knot, zones));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _action.Dispose();
        _stop.Dispose();
    }

    private void Loop()
    {
        int last = 0;
        while (!_stop.IsCancellationRequested)
        {
            int pid = _knot.Process.Pid;
            int fd = pid == last ? -1 : PidfdOpen(434, pid, 0);
            if (fd < 0)
            {
                Thread.Sleep(1);
                continue;
            }
            last = pid;
            try
            {
                SoaPoll.ReadyAsync(Oops.Lab.Harness.Lab.Anycast4, _zones, _stop.Token).GetAwaiter().GetResult();
                Apply(RouteForm.Plain);
                var wait = new PollFd { Descriptor = fd, Events = 1 };
                while (Poll(ref wait, 1, 100) == 0 && !_stop.IsCancellationRequested)
                {
                }
                Apply(RouteForm.Withdrawn);
            }
            catch (OperationCanceledException)
            {
            }
            _ = Close(fd);
        }
    }

    private void Apply(RouteForm form)
    {
        Outcome outcome = _action.ApplyAsync(new RouterIntent("edge", ++_sequence, "floor", [new RouteWanted("anycast4", Prefix, form, new Degradation(Prepend: 1))]), default).AsTask().GetAwaiter().GetResult();
        if (outcome is not Done)
            Console.Error.WriteLine(outcome);
        _action.ReadAsync(null, default).AsTask().GetAwaiter().GetResult();
    }

    private struct PollFd
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial int PidfdOpen(long number, int pid, uint flags);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref PollFd descriptors, nuint count, int timeout);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int fd);
}
