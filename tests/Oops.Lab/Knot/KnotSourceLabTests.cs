using Oops.DBus;
using Oops.Lab.Harness;
using Oops.Sources.Knot;
using Oops.Wire.DBus;
using Xunit;

namespace Oops.Lab.Knot;

/// <summary>The source against a real knotd and dbus-daemon: what was measured of them is a test each.</summary>
public sealed class KnotSourceLabTests
{
    [Fact]
    public async Task At_the_start_all_is_read_and_listed()
    {
        LabRequires.Programs("knotd", "knotc");
        await using var knot = new Knotd { Files = ["one.test", "two.test"] };
        await knot.StartAsync();
        await using var source = new RunningSource(knot.Control, null);
        var said = await source.HearAsync("control opened", "control Answering 1", "control read");
        Assert.Contains("control one.test Serial 100", said);
        Assert.Contains("control one.test Expiry absent", said);
        Assert.Contains("control two.test RefreshFailures 0", said);
        Assert.Equal("control list one.test two.test .", said.Single(s => s.StartsWith("control list", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Started_does_not_mean_that_zones_are_ready()
    {
        LabRequires.Programs("knotd", "knotc", "dbus-daemon");
        await using var bus = new DbusDaemon();
        await bus.StartAsync();
        // Its primary is not there: the zone never comes.
        await using var knot = new Knotd { Secondary = ["one.test"], BusAddress = bus.Address };
        await using var source = new RunningSource(knot.Control, bus.Address);
        await source.HearAsync("bus lost: d-bus: nobody owns cz.nic.knotd");
        await knot.LaunchAsync();
        source.Engine.Pid = knot.Process.Pid;
        // Which channel speaks first is not said: the bus does with 3.2, the control socket with 3.5.
        var said = await source.HearAsync("control opened", "control one.test Serial absent (not loaded)", "control read");
        if (!said.Contains("bus Stopping 0"))
            said.AddRange(await source.HearAsync("bus Stopping 0"));
        Assert.Contains("bus opened", said);
        Assert.DoesNotContain(said, s => s.Contains("one.test Serial 1", StringComparison.Ordinal));
        Assert.DoesNotContain(said, s => s.Contains("one.test Expiry", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_update_is_told_by_the_bus_and_witnessed_by_the_control_socket()
    {
        LabRequires.Programs("knotd", "knotc", "dbus-daemon");
        await using var bus = new DbusDaemon();
        await bus.StartAsync();
        await using var primary = new PrimaryKnotd(["one.test"]);
        await primary.StartAsync();
        await using var knot = new Knotd { Secondary = ["one.test"], BusAddress = bus.Address };
        await using var source = new RunningSource(knot.Control, bus.Address);
        await knot.StartAsync();
        await source.HearAsync("control one.test Serial 100");
        await primary.UpdateAsync("one.test");
        await source.HearAsync("bus one.test Serial 101", "control one.test Serial 101");
    }

    [Fact]
    public async Task An_expiry_is_seen_failed_refreshes_are_counted_and_a_restart_with_the_old_file_changes_neither()
    {
        LabRequires.Programs("knotd", "knotc", "dbus-daemon");
        await using var bus = new DbusDaemon();
        await bus.StartAsync();
        await using var primary = new PrimaryKnotd(["one.test", "two.test"]);
        await primary.StartAsync();
        await using var knot = new Knotd { Secondary = ["one.test", "two.test"], BusAddress = bus.Address };
        await using var source = new RunningSource(knot.Control, bus.Address);
        await knot.StartAsync();
        await Wait.UntilAsync("both zones are loaded", async () => !(await knot.KnotcAsync("zone-status")).Contains("serial: -", StringComparison.Ordinal));

        await primary.DropKeyAsync("one.test");
        await Task.Delay(TimeSpan.FromSeconds(3));
        var before = source.Engine.Take();
        Assert.DoesNotContain("control two.test RefreshFailures 1", before);
        var said = await ExpiredAsync(source);
        Assert.NotEqual("control one.test RefreshFailures 0", before.Concat(said).Last(s => s.StartsWith("control one.test RefreshFailures ", StringComparison.Ordinal)));
        Assert.DoesNotContain(said, s => s.StartsWith("control two.test Serial absent", StringComparison.Ordinal));

        await knot.EndAsync(LabProcess.KillNow);
        said = await source.HearAsync("control lost: knot: Connection refused at " + knot.Control);
        Assert.DoesNotContain(said, s => s.StartsWith("bus Stopping 1", StringComparison.Ordinal));
        await knot.StartAsync();
        // As the process source tells it: so the bus's word counts before the control socket is there.
        source.Engine.Pid = knot.Process.Pid;
        // 3.2.6 has loaded the old file, serves it, announces it as updated, and plans no expiry.
        said = await source.HearAsync("control opened", "control one.test Expiry 0 (expired, and served again from its old file)", "control read");
        Assert.Contains("control one.test Serial 100", said);
        Assert.DoesNotContain("control one.test RefreshFailures 0", said);

        await primary.RestoreKeyAsync("one.test");
        await primary.NotifyAsync("one.test");
        await source.HearAsync("control one.test RefreshFailures 0");
    }

    [Fact]
    public async Task A_polite_stop_is_told_before_knotd_leaves_and_ends_with_the_next_start()
    {
        LabRequires.Programs("knotd", "knotc", "dbus-daemon");
        await using var bus = new DbusDaemon();
        await bus.StartAsync();
        await using var knot = new Knotd { Files = ["one.test"], BusAddress = bus.Address };
        await using var source = new RunningSource(knot.Control, bus.Address);
        await knot.StartAsync();
        await source.HearAsync("bus opened", "bus Stopping 0");
        await knot.EndAsync();
        var said = await source.HearAsync("bus Stopping 1", "control lost: knot: no such socket at " + knot.Control);
        Assert.DoesNotContain(said, s => s.StartsWith("bus lost", StringComparison.Ordinal));
        await knot.StartAsync();
        said = await source.HearAsync("control opened", "control read");
        if (!said.Contains("bus Stopping 0")) await source.HearAsync("bus Stopping 0");
    }

    [Fact]
    public async Task A_dbus_daemon_that_stops_looks_like_a_crash_to_a_watcher_that_came_after_knotd_and_proves_nothing()
    {
        LabRequires.Programs("knotd", "knotc", "dbus-daemon");
        await using var bus = new DbusDaemon();
        await bus.StartAsync();
        await using var knot = new Knotd { Files = ["one.test"], BusAddress = bus.Address };
        await knot.StartAsync();
        await using var source = new RunningSource(knot.Control, bus.Address);
        await source.HearAsync("bus opened", "bus Stopping 0");
        await source.HearAsync();
        await bus.Process.EndAsync();
        var nobody = $"bus lost: d-bus: nobody owns cz.nic.knotd though knotd (pid {knot.Process.Pid}) answers: it has lost its bus, was refused by it, or has no dbus-event (its log says which); only its restart brings it back";
        // First the signature of a crash, then the end of the bus.
        var said = await source.HearAsync(nobody, "bus lost: d-bus: the bus closed the connection");
        await Task.Delay(TimeSpan.FromSeconds(1));
        said.AddRange(source.Engine.Take());
        Assert.DoesNotContain(said, s => s.StartsWith("control lost", StringComparison.Ordinal) || s.EndsWith("Stopping 1", StringComparison.Ordinal) || s.Contains("absent (", StringComparison.Ordinal));
        // The witness looked at once, and knotd answered.
        Assert.Contains("control read", said);

        // Another bus comes, knotd does not: that is told as why the channel is lost.
        await bus.StartAsync();
        await source.HearAsync(nobody);
    }

    [Fact]
    public async Task Signals_of_a_process_that_is_not_the_server_are_no_claims()
    {
        LabRequires.Programs("knotd", "knotc", "dbus-daemon");
        await using var bus = new DbusDaemon();
        await bus.StartAsync();
        await using var knot = new Knotd { Files = ["one.test"] };
        await knot.StartAsync();
        await using var source = new RunningSource(knot.Control, bus.Address);
        await source.HearAsync("control read");
        var opened = await DBusConnection.OpenAsync(new DBusOptions { Address = bus.Address, Timeout = TimeSpan.FromMilliseconds(300) }, TimeProvider.System, default);
        await using var liar = opened.Connection!;
        await liar.CallAsync(new DBusMessage { Type = DBusMessageType.MethodCall, Destination = DBusConnection.Bus, Path = "/org/freedesktop/DBus", Interface = DBusConnection.Bus, Member = "RequestName", Signature = "su", Body = new DBusWriter().String(KnotSignal.BusName).UInt32(4).Written.ToArray() }, default);
        await source.HearAsync($"bus lost: d-bus: cz.nic.knotd belongs to pid {Environment.ProcessId}, but the server is pid {knot.Process.Pid}");
        await liar.CallAsync(new DBusMessage { Type = DBusMessageType.Signal, Path = KnotSignal.Path, Interface = KnotSignal.Interface, Member = "stopped" }, default);
        var said = await source.HearAsync("control read");
        Assert.DoesNotContain(said, s => s.StartsWith("bus", StringComparison.Ordinal));
    }

    static async Task<List<string>> ExpiredAsync(RunningSource source)
    {
        List<string> said = [];
        await Wait.UntilAsync("one.test expires", () =>
        {
            said.AddRange(source.Engine.Take());
            return said.Contains("control one.test Serial absent (not loaded)") && said.Exists(s => s.StartsWith("control one.test Expiry 0", StringComparison.Ordinal));
        }, TimeSpan.FromSeconds(25), state: () => string.Join('\n', said));
        return said;
    }
}
