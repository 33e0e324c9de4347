using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Daemon;

/// <summary>What a service manager hears (sd_notify(3)), with a socket of our own in its place.</summary>
public sealed partial class ServiceProtocolLabTests : IDisposable
{
    const int WatchdogMicroseconds = 1_000_000;

    readonly Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    readonly string path = Path.Combine(Harness.Lab.FreshDirectory("systemd"), "notify");
    readonly ConcurrentQueue<string> heard = new();
    readonly CancellationTokenSource stop = new();
    Task listening = Task.CompletedTask;

    public void Dispose()
    {
        stop.Cancel();
        socket.Dispose();
        stop.Dispose();
    }

    [Fact]
    public async Task A_service_manager_hears_ready_status_reloading_stopping_and_a_watchdog_that_falls_silent_with_the_machines_thread()
    {
        LabRequires.Programs("bird");
        socket.Bind(new UnixDomainSocketEndPoint(path));
        listening = ListenAsync();
        await using var bird = new Harness.Bird();
        await bird.WriteConfigAsync();
        await bird.LaunchAsync();
        string pidfile = Path.Combine(Path.GetDirectoryName(path)!, "server.pid");
        await using var server = LabProcess.Start(pidfile + ".log", "sleep", "1000");
        await File.WriteAllTextAsync(pidfile, server.Pid.ToString(CultureInfo.InvariantCulture));
        await using var oops = new OopsDaemon { Environment = new Dictionary<string, string> { ["NOTIFY_SOCKET"] = path, ["WATCHDOG_USEC"] = WatchdogMicroseconds.ToString(CultureInfo.InvariantCulture) } };

        await oops.StartAsync($$"""
            mode: act
            servers: { ns1: { kind: knot, pidfile: {{pidfile}}, zones: { list: [one.test] } } }
            sources: { process: [ { server: ns1, executable: [sleep] } ] }
            actions: { bird: [ { name: edge, socket: {{bird.Socket}}, include: "{{bird.Include}}" } ] }
            routes: { anycast: { prefixes: [{{Harness.Lab.Prefix4}}], via: edge, announce-when: [server-running], withdraw-when: [server-down], rise: 0s } }
            """);

        string[] ready = await HearAsync("READY=1");
        Assert.Equal("STATUS=mode act, 1 server, 1 route, 0 rules", ready[1]);
        Assert.Equal("STATUS=anycast announced", (await HearAsync("STATUS=anycast announced"))[0]);
        // systemd wants it within WATCHDOG_USEC; twice as often is the rule (sd_watchdog_enabled(3)).
        await HearAsync("WATCHDOG=1");
        await HearAsync("WATCHDOG=1");

        long before = Environment.TickCount64 * 1000;
        oops.Process.Signal(LabProcess.Hup);
        string[] reloading = await HearAsync("RELOADING=1");
        long stamp = long.Parse(reloading.Single(l => l.StartsWith("MONOTONIC_USEC=", StringComparison.Ordinal))["MONOTONIC_USEC=".Length..], CultureInfo.InvariantCulture);
        // CLOCK_MONOTONIC; TickCount64 is the boot-time clock, which is the same on a machine that never slept, and later on others.
        Assert.InRange(stamp, 1, before + 10_000_000);
        await HearAsync("READY=1");

        using (var freezer = new ThreadFreezer(oops.Process.Pid, "oops-machine"))
        {
            // One may be on its way.
            await Task.Delay(TimeSpan.FromMicroseconds(WatchdogMicroseconds));
            heard.Clear();
            await Task.Delay(TimeSpan.FromMicroseconds(2 * WatchdogMicroseconds));
            Assert.DoesNotContain(heard, l => l.Contains("WATCHDOG=1", StringComparison.Ordinal));
            Assert.True(oops.Process.Running);
        }

        await HearAsync("WATCHDOG=1");
        oops.Process.Signal(LabProcess.Term);
        await HearAsync("STOPPING=1");
        await oops.Process.EndAsync(0);
        Assert.Equal(0, oops.Process.ExitCode);
    }

    async Task ListenAsync()
    {
        var buffer = new byte[4096];
        try
        {
            while (true)
                heard.Enqueue(Encoding.UTF8.GetString(buffer, 0, await socket.ReceiveAsync(buffer, stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    /// <summary>The next message with this as its first line; those before it are dropped.</summary>
    async Task<string[]> HearAsync(string first)
    {
        string[]? found = null;
        await Wait.UntilAsync($"the service manager hears {first}", () =>
        {
            while (found is null && heard.TryDequeue(out string? message))
                if (message.Split('\n') is var lines && lines[0] == first)
                    found = lines;
            return found is not null;
        });
        return found!;
    }

    /// <summary>Stops one thread of a process as a debugger does (ptrace(2)); a signal would stop all of them.</summary>
    private sealed partial class ThreadFreezer : IDisposable
    {
        const int Seize = 0x4206;
        const int Interrupt = 0x4207;
        const int Detach = 17;
        const int AllKinds = 0x40000000; // __WALL: waitpid(2) for threads too

        readonly Thread tracer;
        readonly ManualResetEventSlim frozen = new();
        readonly ManualResetEventSlim release = new();
        string? failure;

        public ThreadFreezer(int pid, string name)
        {
            int thread = Directory.GetDirectories($"/proc/{pid}/task").Where(t => File.ReadAllText(t + "/comm").Trim() == name).Select(t => int.Parse(Path.GetFileName(t), CultureInfo.InvariantCulture)).Single();
            // Whoever seized it must let it go: all from one thread.
            tracer = new Thread(() => Hold(thread)) { IsBackground = true };
            tracer.Start();
            frozen.Wait();
            Assert.Null(failure);
        }

        public void Dispose()
        {
            release.Set();
            tracer.Join();
            frozen.Dispose();
            release.Dispose();
        }

        void Hold(int thread)
        {
            if (Trace(Seize, thread, 0, 0) < 0 || Trace(Interrupt, thread, 0, 0) < 0)
                failure = "ptrace: " + Marshal.GetLastPInvokeErrorMessage();
            else if (WaitPid(thread, out _, AllKinds) != thread)
                failure = "waitpid: " + Marshal.GetLastPInvokeErrorMessage();
            frozen.Set();
            release.Wait();
            Trace(Detach, thread, 0, 0);
        }

        [LibraryImport("libc", EntryPoint = "ptrace", SetLastError = true)]
        private static partial long Trace(nint request, int pid, nint address, nint data);

        [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
        private static partial int WaitPid(int pid, out int status, int options);
    }
}
