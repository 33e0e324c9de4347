using Oops.Core;
using Oops.Engine;
using Oops.Sources.Systemd;
using Xunit;

namespace Oops.Tests.Sources.Systemd;

/// <summary>What each state of a unit is worth.</summary>
public sealed class UnitWordsTests
{
    static readonly UnitState Running = new() { Id = "knot.service", LoadState = "loaded", ActiveState = "active", SubState = "running", Result = "success", MainPid = 42 };

    readonly RecordingEngine engine = new();
    readonly UnitWords words;

    public UnitWordsTests() => words = new(new SystemdOptions("ns1", "knot.service", "unix:path=/bus", TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(5)), engine);

    [Fact]
    public void One_that_runs_is_not_stopping() => Is(0, "knot.service is active, pid 42", Running);

    [Fact]
    public void A_stop_job_is_a_proof() => Is(1, "systemd has a stop job for knot.service", Running, "stop");

    [Fact]
    public void Deactivating_while_the_process_lives_is_stopping() =>
        Is(1, "knot.service is deactivating (stop-sigterm)", Running with { ActiveState = "deactivating", SubState = "stop-sigterm" });

    [Fact]
    public void Deactivating_after_a_crash_is_not() =>
        Is(0, "knot.service failed: signal, signal 9", Running with { ActiveState = "deactivating", SubState = "stop", MainPid = 0, Result = "signal", ExitCode = 2, ExitStatus = 9 });

    [Theory]
    [InlineData("watchdog")]
    [InlineData("timeout")]
    [InlineData("oom-kill")]
    public void What_systemd_ends_because_it_failed_was_not_asked_to_stop(string result) =>
        Is(0, $"systemd ends knot.service: {result}", Running with { ActiveState = "deactivating", SubState = "stop-watchdog", Result = result });

    [Fact]
    public void A_stop_that_takes_too_long_goes_on_being_one()
    {
        Is(1, "knot.service is deactivating (stop-sigterm)", Running with { ActiveState = "deactivating", SubState = "stop-sigterm" });
        words.Weigh(Running with { ActiveState = "deactivating", SubState = "stop-sigkill", Result = "timeout" }, "", complete: true);
        Assert.Equal(1, Last().Value);
        words.Weigh(Running with { ActiveState = "failed", SubState = "failed", Result = "timeout", MainPid = 0, ExitCode = 2, ExitStatus = 9 }, "", complete: true);
        Assert.Equal(1, Last().Value);
    }

    [Theory]
    [InlineData(1, 0, "exit 0")]
    [InlineData(2, 15, "signal 15")]
    public void An_orderly_end_that_somebody_else_asked_for_is_no_crash(int code, int status, string how)
    {
        words.Weigh(Running, "", complete: true);
        Is(1, $"pid 42 of knot.service has ended orderly: {how}", Running with { ActiveState = "inactive", SubState = "dead", MainPid = 0, ExitCode = code, ExitStatus = status });
    }

    [Theory]
    [InlineData("exit-code", 1, 1, "knot.service failed: exit-code, exit 1")]
    [InlineData("signal", 2, 9, "knot.service failed: signal, signal 9")]
    [InlineData("core-dump", 3, 11, "knot.service failed: core-dump, signal 11")]
    [InlineData("success", 2, 13, "knot.service is inactive, without a main process")]
    public void Any_other_end_is_none(string result, int code, int status, string detail)
    {
        words.Weigh(Running, "", complete: true);
        Is(0, detail, Running with { ActiveState = "inactive", SubState = "dead", MainPid = 0, Result = result, ExitCode = code, ExitStatus = status });
    }

    [Fact]
    public void A_unit_that_was_never_seen_to_run_has_not_ended() =>
        Is(0, "knot.service is inactive, without a main process", Running with { ActiveState = "inactive", MainPid = 0, ExitCode = 1 });

    [Fact]
    public void A_job_for_a_unit_without_a_process_stops_nothing() =>
        Is(0, "knot.service failed: signal, signal 9", Running with { ActiveState = "activating", SubState = "auto-restart", MainPid = 0, Result = "signal", ExitCode = 2, ExitStatus = 9 }, "restart");

    [Fact]
    public void A_process_outside_of_the_unit_is_not_its()
    {
        engine.View = new([], false, 77, 1);
        words.Weigh(Running with { ActiveState = "inactive", MainPid = 0 }, "", complete: true);
        Assert.Equal("systemd: knot.service has no main process (inactive), but the server is pid 77", engine.Next<ChannelLost>().Why);
    }

    [Fact]
    public void A_process_whose_end_the_other_source_has_not_seen_yet_is_no_contradiction()
    {
        engine.View = new([], false, 42, 1);
        words.Weigh(Running, "stop", complete: true);
        words.Weigh(Running with { ActiveState = "inactive", MainPid = 0, ExitCode = 1 }, "", complete: true);
        engine.None<ChannelLost>(0);
    }

    [Fact]
    public void An_absent_unit_ends_no_stop_unless_the_server_runs_elsewhere()
    {
        words.Weigh(Running, "stop", complete: true);
        words.Absent(complete: true);
        engine.None<ChannelLost>(0);
        engine.View = new([], false, 77, 1);
        words.Absent(complete: false);
        engine.Next<ChannelLost>();
    }

    [Theory]
    [InlineData("not-found")]
    [InlineData("masked")]
    public void A_unit_without_a_file_is_told(string load)
    {
        words.Weigh(Running with { LoadState = load, ActiveState = "inactive", MainPid = 0 }, "", complete: true);
        Assert.Equal($"systemd: knot.service is {load}", engine.Next<ChannelLost>().Why);
    }

    void Is(long value, string detail, UnitState unit, string job = "")
    {
        words.Weigh(unit, job, complete: false);
        Assert.Equal((value, detail, Evidence.Proof), (Last().Value, Last().Detail, Last().Evidence));
    }

    ServerSignal Last() => engine.All.Select(a => a.Input).OfType<ServerSignal>().Last();
}
