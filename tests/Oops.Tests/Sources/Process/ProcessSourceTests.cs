using Oops.Core;
using Oops.Native;
using Oops.Sources.Process;
using Oops.Tests.Native;
using Xunit;

namespace Oops.Tests.Sources.Process;

/// <summary>Real processes under an executable name of the test's own, so that no other process of the machine is taken for the server.</summary>
public sealed class ProcessSourceTests : IAsyncDisposable
{
    readonly TemporaryFolder folder = new();
    readonly RecordingEngine engine = new();
    readonly CancellationTokenSource stop = new();
    readonly string server;
    Task running = Task.CompletedTask;

    public ProcessSourceTests()
    {
        server = folder.File($"srv{Guid.NewGuid():n}"[..12]);
        File.Copy("/bin/sleep", server);
    }

    string Pidfile => folder.File("server.pid");

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        stop.Dispose();
        folder.Dispose();
    }

    ChildProcess StartServer(string argument = "60") => new(server, argument);

    void Watch(string? pidfile, int recheckMs = 60_000, string[]? arguments = null, string? executable = null) =>
        running = new ProcessSource(new ProcessTarget
        {
            Server = "ns1",
            Pidfile = pidfile,
            Executables = [executable ?? Path.GetFileName(server)],
            Arguments = arguments ?? [],
            Recheck = TimeSpan.FromMilliseconds(recheckMs),
            CpuWindow = TimeSpan.FromMilliseconds(300),
        }).RunAsync(engine, stop.Token);

    void WritePidfile(int pid, string? path = null) => File.WriteAllText(path ?? Pidfile, $"{pid}\n");

    [Fact]
    public void A_running_server_is_found_by_its_pidfile_and_its_death_is_told_with_the_signal()
    {
        using var server = StartServer();
        WritePidfile(server.Pid);
        Watch(Pidfile);
        engine.Next<ChannelOpened>();
        var started = engine.Next<ProcessStarted>();
        Assert.Equal(("process/ns1", server.Pid, server.Pidfd.StartTicks), (started.Channel, started.Pid, started.StartTime));
        engine.Next<ChannelRead>();
        server.Kill(11);
        Assert.Equal("signal 11", engine.Next<ProcessGone>().How);
    }

    [Fact]
    public void An_exit_is_sent_by_the_sources_own_thread()
    {
        Watch(Pidfile);
        using var server = StartServer();
        WritePidfile(server.Pid);
        engine.Next<ProcessStarted>();
        server.Kill(9);
        engine.Next<ProcessGone>();
        Assert.All(engine.All, a => Assert.Equal(("process/ns1", false), (a.Thread, a.Pool)));
    }

    [Fact]
    public void A_clean_exit_is_told_by_its_code()
    {
        using var server = StartServer("0.3");
        WritePidfile(server.Pid);
        Watch(Pidfile);
        engine.Next<ProcessStarted>();
        Assert.Equal("exit 0", engine.Next<ProcessGone>().How);
    }

    [Fact]
    public void No_process_at_the_start_is_a_fact()
    {
        Watch(Pidfile);
        engine.Next<ChannelOpened>();
        Assert.Equal("no process", engine.Next<ProcessGone>().How);
        engine.Next<ChannelRead>();
    }

    [Fact]
    public void A_stale_pidfile_is_no_process_and_the_next_start_is_seen_at_once()
    {
        using (var dead = StartServer())
        {
            WritePidfile(dead.Pid);
            dead.Kill();
            dead.Reap();
        }

        Watch(Pidfile);
        Assert.Equal("no process, its pidfile is stale", engine.Next<ProcessGone>().How);
        using var server = StartServer();
        WritePidfile(server.Pid);
        Assert.Equal(server.Pid, engine.Next<ProcessStarted>().Pid);
    }

    [Fact]
    public void A_pidfile_of_an_earlier_boot_says_nothing_of_how_it_ended()
    {
        using (var dead = StartServer())
        {
            WritePidfile(dead.Pid);
            dead.Kill();
            dead.Reap();
        }

        File.SetLastWriteTimeUtc(Pidfile, (BootClock.Wall - (BootClock.Now - At.Zero)).UtcDateTime.AddMinutes(-1));
        Watch(Pidfile);
        Assert.Equal("no process", engine.Next<ProcessGone>().How);
    }

    [Fact]
    public void A_zombie_is_no_process()
    {
        using var server = StartServer();
        server.Kill();
        server.WaitUntilDead();
        WritePidfile(server.Pid);
        Watch(Pidfile);
        Assert.Equal("no process, its pidfile is stale", engine.Next<ProcessGone>().How);
    }

    [Fact]
    public void A_number_that_was_given_to_another_process_is_not_the_server()
    {
        using var other = ChildProcess.Sleep();
        WritePidfile(other.Pid);
        File.SetLastWriteTimeUtc(Pidfile, DateTime.UtcNow.AddMinutes(-10));
        Watch(Pidfile);
        Assert.StartsWith("no process", engine.Next<ProcessGone>().How, StringComparison.Ordinal);
        Assert.DoesNotContain(engine.All, a => a.Input is ProcessStarted);
    }

    [Fact]
    public void A_number_that_was_given_to_another_instance_is_not_trusted()
    {
        using var one = StartServer();
        using var two = StartServer();
        WritePidfile(one.Pid);
        File.SetLastWriteTimeUtc(Pidfile, DateTime.UtcNow.AddMinutes(-10));
        Watch(Pidfile);
        Assert.Contains("started after the file was written", engine.Next<ChannelLost>().Why, StringComparison.Ordinal);
    }

    [Fact]
    public void The_only_instance_is_trusted_though_the_clock_was_stepped_after_it_wrote_its_file()
    {
        using var server = StartServer();
        WritePidfile(server.Pid);
        File.SetLastWriteTimeUtc(Pidfile, DateTime.UtcNow.AddYears(-10));
        Watch(Pidfile);
        Assert.Equal(server.Pid, engine.Next<ProcessStarted>().Pid);
    }

    [Fact]
    public void Another_executable_than_the_expected_one_is_no_coverage_and_says_so()
    {
        using var server = StartServer();
        WritePidfile(server.Pid);
        Watch(Pidfile, executable: "knotd-of-no-machine");
        Assert.EndsWith("not knotd-of-no-machine: is `executable` right?", engine.Next<ChannelLost>().Why, StringComparison.Ordinal);
        engine.None<ProcessGone>(100);
    }

    [Fact]
    public void A_missing_pidfile_while_the_server_runs_is_no_coverage_until_it_is_written()
    {
        using var server = StartServer();
        Watch(Pidfile);
        Assert.Equal($"{Pidfile} does not exist, while {Path.GetFileName(this.server)} runs as pid {server.Pid}", engine.Next<ChannelLost>().Why);
        WritePidfile(server.Pid);
        engine.Next<ChannelOpened>();
        Assert.Equal(server.Pid, engine.Next<ProcessStarted>().Pid);
    }

    [Theory]
    [InlineData("knot\n")]
    [InlineData("-1\n")]
    [InlineData("0")]
    [InlineData("99999999999999")]
    [InlineData("12x")]
    public void A_pidfile_that_holds_no_number_is_no_coverage(string content)
    {
        File.WriteAllText(Pidfile, content);
        Watch(Pidfile);
        Assert.Equal($"{Pidfile} holds no process number", engine.Next<ChannelLost>().Why);
    }

    [Fact]
    public void A_replaced_pidfile_names_a_new_incarnation()
    {
        using var first = StartServer();
        WritePidfile(first.Pid);
        Watch(Pidfile);
        Assert.Equal(first.Pid, engine.Next<ProcessStarted>().Pid);
        using var second = StartServer();
        WritePidfile(second.Pid, folder.File("new"));
        File.Move(folder.File("new"), Pidfile, overwrite: true);
        Assert.Equal(second.Pid, engine.Next<ProcessStarted>().Pid);
        first.Kill();
        first.Reap();
        engine.None<ProcessGone>(200);
        second.Kill();
        engine.Next<ProcessGone>();
    }

    [Fact]
    public void A_removed_pidfile_moves_nothing_while_the_process_lives()
    {
        using var server = StartServer();
        WritePidfile(server.Pid);
        Watch(Pidfile, recheckMs: 100);
        engine.Next<ChannelRead>();
        File.Delete(Pidfile);
        engine.None<Signal>(400, s => s.Channel == "process/ns1");
        server.Kill(15);
        Assert.Equal("signal 15", engine.Next<ProcessGone>().How);
    }

    [Fact]
    public void A_pidfile_in_folders_that_are_made_later_is_seen_at_once()
    {
        var path = folder.File("run/srv/server.pid");
        Watch(path);
        Assert.Equal("no process", engine.Next<ProcessGone>().How);
        using var server = StartServer();
        Directory.CreateDirectory(folder.File("run"));
        Thread.Sleep(50);
        Directory.CreateDirectory(folder.File("run/srv"));
        WritePidfile(server.Pid, path);
        Assert.Equal(server.Pid, engine.Next<ProcessStarted>().Pid);
    }

    [Fact]
    public void A_folder_that_is_removed_and_made_again_is_watched_again()
    {
        var path = folder.File("run/server.pid");
        Directory.CreateDirectory(folder.File("run"));
        Watch(path);
        engine.Next<ProcessGone>();
        Directory.Delete(folder.File("run"));
        using var server = StartServer();
        Directory.CreateDirectory(folder.File("run"));
        WritePidfile(server.Pid, path);
        Assert.Equal(server.Pid, engine.Next<ProcessStarted>().Pid);
    }

    [Fact]
    public void What_inotify_does_not_tell_the_recheck_finds()
    {
        // A link into a folder that is not watched.
        Directory.CreateDirectory(folder.File("elsewhere"));
        File.CreateSymbolicLink(Pidfile, folder.File("elsewhere/real.pid"));
        Watch(Pidfile, recheckMs: 100);
        engine.Next<ProcessGone>();
        using var server = StartServer();
        WritePidfile(server.Pid, folder.File("elsewhere/real.pid"));
        Assert.Equal(server.Pid, engine.Next<ProcessStarted>().Pid);
    }

    [Fact]
    public void A_known_death_stands_while_a_start_has_not_written_its_pidfile_yet()
    {
        using var server = StartServer();
        WritePidfile(server.Pid);
        Watch(Pidfile, recheckMs: 100);
        engine.Next<ProcessStarted>();
        server.Kill();
        engine.Next<ProcessGone>();
        server.Reap();
        using var next = StartServer();
        engine.None<ChannelLost>(400, l => l.Channel == "process/ns1");
        WritePidfile(next.Pid);
        Assert.Equal(next.Pid, engine.Next<ProcessStarted>().Pid);
    }

    [Fact]
    public void Without_a_pidfile_it_is_found_by_executable_and_arguments()
    {
        using var other = StartServer("77");
        using var server = StartServer("66");
        Watch(null, recheckMs: 100, arguments: ["66"]);
        Assert.Equal(server.Pid, engine.Next<ProcessStarted>().Pid);
        server.Kill();
        Assert.Equal("signal 9", engine.Next<ProcessGone>().How);
        server.Reap();
        using var again = StartServer("66");
        Assert.Equal(again.Pid, engine.Next<ProcessStarted>().Pid);
    }

    [Fact]
    public void Two_that_match_are_no_coverage()
    {
        using var one = StartServer();
        using var two = StartServer();
        Watch(null);
        Assert.StartsWith("2 ", engine.Next<ChannelLost>().Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kind_without_a_usual_executable_says_what_to_set()
    {
        running = new ProcessSource(new ProcessTarget { Server = "ns1", Pidfile = Pidfile, Executables = [] }).RunAsync(engine, stop.Token);
        Assert.Contains("set `executable`", engine.Next<ChannelLost>().Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_FIFO_as_pidfile_does_not_hang_it()
    {
        using (var make = new ChildProcess("mkfifo", Pidfile)) make.Reap();
        Watch(Pidfile);
        engine.Next<ProcessGone>();
    }
}
