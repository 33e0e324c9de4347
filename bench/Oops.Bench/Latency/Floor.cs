using System.Collections.Immutable;
using System.Net;
using System.Runtime.InteropServices;
using Oops.Actions.Bird;
using Oops.Core;
using Oops.Lab.Harness;
using Oops.Routers;

namespace Oops.Bench.Latency;

/// <summary>The shortest way: a pidfd, and the `bird` action behind it. No machine, no claims, no queue.</summary>
internal sealed partial class Floor : IAsyncDisposable
{
    static readonly ImmutableArray<IPNetwork> Prefix = [IPNetwork.Parse(Oops.Lab.Harness.Lab.Prefix4)];

    readonly BirdAction action;
    readonly Knotd knot;
    readonly string[] zones;
    readonly CancellationTokenSource stop = new();
    readonly Task loop;
    long sequence;

    Floor(Bird bird, Knotd knot, string[] zones)
    {
        this.knot = knot;
        this.zones = zones;
        action = new BirdAction(new BirdConfig { Name = "edge", Socket = bird.Socket, Include = bird.Include, Config = bird.ConfigPath }, [new RouterRoute("anycast4", Prefix)], TimeProvider.System);
        loop = Task.Factory.StartNew(Loop, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public static Task<IAsyncDisposable> StartAsync(Bird bird, Knotd knot, string[] zones) => Task.FromResult<IAsyncDisposable>(new Floor(bird, knot, zones));

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await loop;
        action.Dispose();
        stop.Dispose();
    }

    void Loop()
    {
        int last = 0;
        while (!stop.IsCancellationRequested)
        {
            int pid = knot.Process.Pid;
            int fd = pid == last ? -1 : PidfdOpen(434, pid, 0);
            if (fd < 0)
            {
                Thread.Sleep(1);
                continue;
            }
            last = pid;
            try
            {
                SoaPoll.ReadyAsync(Oops.Lab.Harness.Lab.Anycast4, zones, stop.Token).GetAwaiter().GetResult();
                Apply(RouteForm.Plain);
                var wait = new PollFd { Descriptor = fd, Events = 1 };
                while (Poll(ref wait, 1, 100) == 0 && !stop.IsCancellationRequested)
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

    void Apply(RouteForm form)
    {
        Outcome outcome = action.ApplyAsync(new RouterIntent("edge", ++sequence, "floor", [new RouteWanted("anycast4", Prefix, form, new Degradation(Prepend: 1))]), default).AsTask().GetAwaiter().GetResult();
        if (outcome is not Done)
            Console.Error.WriteLine(outcome);
        action.ReadAsync(null, default).AsTask().GetAwaiter().GetResult();
    }

    struct PollFd
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
