using System.Collections.Concurrent;
using System.Diagnostics;
using Oops.Core;
using Oops.Engine;
using Oops.Lab.Harness;
using Oops.Native;
using Oops.Sources.Process;
using Xunit;

namespace Oops.Lab.Sources;

/// <summary>The `process` source and a real knotd.</summary>
public sealed class ProcessKnotLabTests : IEngine, IAsyncLifetime
{
    readonly BlockingCollection<(Input Input, long At)> inputs = [];
    readonly CancellationTokenSource stop = new();
    Knotd knot = null!;
    Task running = Task.CompletedTask;

    TimeProvider IEngine.Time => TimeProvider.System;

    At IEngine.Now => BootClock.Now;

    void IEngine.Send(Input input) => inputs.Add((input, Stopwatch.GetTimestamp()));

    // A probe has not been answered for long: whether the server works is of interest.
    ServerView IEngine.Server(string name) => new([], false, null, 0) { UnansweredSince = At.Zero };

    public async ValueTask InitializeAsync()
    {
        LabRequires.Programs("knotd", "knotc");
        knot = new Knotd { Files = ["one.test"] };
        await knot.StartAsync();
        running = Source().RunAsync(this, stop.Token);
    }

    ProcessSource Source() => new(new ProcessTarget { Server = "ns1", Pidfile = knot.PidFile, Control = knot.Control, Executables = ["knotd"], CpuWindow = TimeSpan.FromSeconds(1) });

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAny(running);
        if (knot is not null)
            await knot.DisposeAsync();
        stop.Dispose();
        inputs.Dispose();
    }

    (T Input, long At) Next<T>(Predicate<T>? which = null)
        where T : Input
    {
        while (inputs.TryTake(out var input, TimeSpan.FromSeconds(20)))
            if (input.Input is T found && (which is null || which(found)))
                return (found, input.At);
        throw new TimeoutException(typeof(T).Name);
    }

    [Fact]
    public async Task A_crash_is_seen_within_milliseconds_each_time_and_the_restart_by_the_stale_pidfile_too()
    {
        var times = new List<double>();
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(knot.Process.Pid, Next<ProcessStarted>().Input.Pid);
            long begun = Stopwatch.GetTimestamp();
            Assert.True(knot.Process.Signal(LabProcess.KillNow));
            (ProcessGone gone, long at) = Next<ProcessGone>();
            Assert.Equal("signal 9", gone.How);
            times.Add(Stopwatch.GetElapsedTime(begun, at).TotalMilliseconds);
            await knot.EndAsync();
            Assert.True(File.Exists(knot.PidFile));
            await knot.StartAsync();
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"kill -9 to the machine's door, ms: {string.Join(", ", times.Select(t => t.ToString("0.00")))}");
        Assert.True(times.Min() < 20, $"best {times.Min()} ms");
    }

    [Fact]
    public async Task A_polite_stop_removes_the_pidfile_first_and_is_still_an_exit_with_code_0()
    {
        Next<ProcessStarted>();
        await knot.EndAsync(LabProcess.Term);
        Assert.Equal("exit 0", Next<ProcessGone>().Input.How);
        Assert.False(File.Exists(knot.PidFile));
    }

    [Fact]
    public async Task No_process_at_our_start_is_a_fact_in_a_container_too_since_nobody_listens_on_the_control_socket()
    {
        Next<ProcessStarted>();
        await knot.EndAsync(LabProcess.KillNow);
        Next<ProcessGone>();
        Task second = Source().RunAsync(this, stop.Token);
        // kill -9 leaves it.
        Assert.Equal("no process, its pidfile is stale", Next<ProcessGone>().Input.How);
        await stop.CancelAsync();
        await Task.WhenAny(second);
    }

    [Fact]
    public void A_stopped_knotd_is_idle_and_runs()
    {
        Next<ProcessStarted>();
        Assert.True(knot.Process.Signal(LabProcess.Stop));
        ServerSignal signal = Next<ServerSignal>(s => s.Detail == "all 1 stopped (state T)").Input;
        Assert.Equal((Measure.Idle, 1L), (signal.Measure, signal.Value));
        Assert.DoesNotContain(inputs, i => i.Input is ProcessGone);
        Assert.True(knot.Process.Signal(LabProcess.Cont));
    }
}
