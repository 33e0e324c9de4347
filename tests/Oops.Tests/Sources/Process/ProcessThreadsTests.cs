using Oops.Core;
using Oops.Native;
using Oops.Sources.Process;
using Oops.Tests.Native;
using Xunit;

namespace Oops.Tests.Sources.Process;

/// <summary>Servers with threads: the end of one is a hint at the end of all, and nothing more.</summary>
public sealed class ProcessThreadsTests : IAsyncDisposable
{
    const string Threads = "import os, sys, threading, time\ndef wait(s): threading.Thread(target=time.sleep, args=(s,), daemon=True).start()\n";

    readonly TemporaryFolder folder = new();
    readonly RecordingEngine engine = new();
    readonly CancellationTokenSource stop = new();
    Task running = Task.CompletedTask;

    string Pidfile => folder.File("server.pid");

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        stop.Dispose();
        folder.Dispose();
    }

    ChildProcess Start(string program, int threads)
    {
        var server = new ChildProcess("python3", "-c", Threads + program);
        for (var i = 0; i < 1000 && Proc.ReadThreads(server.Pid).Count != threads; i++) Thread.Sleep(10);
        Assert.Equal(threads, Proc.ReadThreads(server.Pid).Count);
        File.WriteAllText(Pidfile, $"{server.Pid}\n");
        running = new ProcessSource(new ProcessTarget
        {
            Server = "ns1",
            Pidfile = Pidfile,
            Executables = [Path.GetFileName(Proc.ReadExecutable(server.Pid)!)],
            Recheck = TimeSpan.FromMilliseconds(50),
        }).RunAsync(engine, stop.Token);
        Assert.Equal(server.Pid, engine.Next<ProcessStarted>().Pid);
        return server;
    }

    /// <summary>All that was told of it: found once, alive until the kill, gone once.</summary>
    void EndsOnce(ChildProcess server, int signal)
    {
        server.Kill(signal);
        Assert.Equal($"signal {signal}", engine.Next<ProcessGone>().How);
        engine.None<Signal>(200, s => s is ProcessGone or ProcessStarted or ChannelLost);
        Assert.Equal(signal, server.Reap().Signal);
        engine.None<Signal>(200, s => s is ProcessGone or ProcessStarted or ChannelLost);
        Assert.Single(engine.All, a => a.Input is ProcessStarted);
        Assert.Single(engine.All, a => a.Input is ProcessGone);
    }

    [Fact]
    public void A_killed_server_of_many_threads_is_gone_once_and_with_its_signal()
    {
        using var server = Start("for i in range(9): wait(60)\ntime.sleep(60)", 10);
        EndsOnce(server, 9);
    }

    [Fact]
    public void Threads_that_end_are_no_exit()
    {
        using var server = Start("for i in range(5): wait(1 + i / 10)\nwhile True: time.sleep(1); wait(0.1)", 6);
        for (var i = 0; i < 1000 && Proc.ReadThreads(server.Pid).Count > 2; i++) Thread.Sleep(10);
        engine.None<ProcessGone>(500);
        EndsOnce(server, 9);
    }

    [Theory]
    [InlineData("ctypes.CDLL(None).pthread_exit(None)")]
    [InlineData("threading.Event().wait()")]
    public void A_server_whose_main_thread_has_ended_while_others_serve_lives(string main)
    {
        using var server = Start($"import ctypes\nwait(60)\nwait(60)\ntime.sleep(1)\n{main}", 3);
        if (main.Contains("exit", StringComparison.Ordinal))
            for (var i = 0; i < 1000 && !(Proc.TryReadStat(server.Pid, out var stat) && stat.State == 'Z'); i++) Thread.Sleep(10);
        engine.None<ProcessGone>(500);
        EndsOnce(server, 9);
    }

    [Fact]
    public void A_server_that_executes_itself_anew_from_another_thread_goes_on()
    {
        using var server = Start("wait(60)\ndef anew():\n  time.sleep(1)\n  os.execvp('python3', ['python3', '-c', 'import time; time.sleep(60)'])\nthreading.Thread(target=anew).start()\ntime.sleep(60)", 3);
        for (var i = 0; i < 1000 && Proc.ReadThreads(server.Pid).Count != 1; i++) Thread.Sleep(10);
        engine.None<ProcessGone>(200);
        EndsOnce(server, 9);
    }

    [Fact]
    public void A_server_that_executes_itself_anew_and_loses_its_threads_by_that_goes_on()
    {
        using var server = Start("wait(60)\nwait(60)\ntime.sleep(1)\nos.execvp('python3', ['python3', '-c', 'import time; time.sleep(60)'])", 3);
        for (var i = 0; i < 1000 && Proc.ReadThreads(server.Pid).Count != 1; i++) Thread.Sleep(10);
        engine.None<ProcessGone>(200);
        EndsOnce(server, 9);
    }
}
