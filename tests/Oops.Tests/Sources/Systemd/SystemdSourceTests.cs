using Oops.Sources.Systemd;
using Oops.Tests.Engine;
using Oops.Wire.DBus;
using Xunit;

namespace Oops.Tests.Sources.Systemd;

/// <summary>The source between a systemd, good and bad, and an engine that knows the server's process, or does not.</summary>
public sealed class SystemdSourceTests : IAsyncDisposable
{
    readonly FakeSystemd systemd = new();
    readonly FakeTime time = new();
    readonly SpokenEngine engine;
    readonly CancellationTokenSource stop = new();
    Task running = Task.CompletedTask;

    public SystemdSourceTests() => engine = new(time);

    [Fact]
    public async Task It_subscribes_before_it_reads_and_asks_for_nothing_that_changes_anything()
    {
        await OpenAsync("ns1 opened", "ns1 Stopping 0", "ns1 read");
        var asked = systemd.Asked;
        Assert.True(asked.LastIndexOf("AddMatch") < asked.IndexOf("GetUnit") && asked.IndexOf("Subscribe") < asked.IndexOf("GetUnit"), string.Join(' ', asked));
        Assert.Empty(asked.Except(["AddMatch", "GetNameOwner", "Subscribe", "GetUnit", "GetAll", "Get"]));
    }

    [Fact]
    public async Task A_stop_job_is_heard_while_the_process_lives_and_stands_until_another_one_runs()
    {
        await OpenAsync("ns1 Stopping 0");
        (systemd.Job, systemd.JobType) = (7, "stop");
        await systemd.JobNewAsync();
        await engine.HearAsync("ns1 Stopping 1");
        (systemd.Active, systemd.Sub) = ("deactivating", "stop-sigterm");
        await systemd.ChangeAsync();
        (systemd.Active, systemd.Sub, systemd.MainPid, systemd.Job, systemd.ExitCode) = ("inactive", "dead", 0, 0, 1);
        await systemd.ChangeAsync();
        await systemd.JobRemovedAsync(7);
        systemd.Loaded = false;
        await systemd.UnitAsync("UnitRemoved");
        systemd.Loaded = true;
        (systemd.Active, systemd.Sub, systemd.MainPid) = ("activating", "start", 43);
        await systemd.UnitAsync("UnitNew");
        Assert.DoesNotContain(await engine.HearAsync("ns1 Stopping 0"), s => s.Contains("lost", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_restart_is_a_stop_until_its_job_has_become_a_start()
    {
        await OpenAsync("ns1 Stopping 0");
        (systemd.Job, systemd.JobType) = (8, "restart");
        await systemd.JobNewAsync();
        await engine.HearAsync("ns1 Stopping 1");
        (systemd.JobType, systemd.Active, systemd.MainPid) = ("start", "activating", 43);
        await systemd.ChangeAsync();
        await engine.HearAsync("ns1 Stopping 0");
    }

    [Theory]
    [InlineData("start")]
    [InlineData("reload")]
    [InlineData("verify-active")]
    [InlineData("nop")]
    public async Task Other_jobs_stop_nothing(string type)
    {
        await OpenAsync("ns1 Stopping 0");
        (systemd.Job, systemd.JobType) = (9, type);
        await systemd.JobNewAsync();
        await systemd.JobRemovedAsync(9);
        await NothingStopsAsync();
    }

    [Fact]
    public async Task A_stop_that_is_called_off_is_over()
    {
        await OpenAsync("ns1 Stopping 0");
        (systemd.Job, systemd.JobType) = (7, "stop");
        await systemd.JobNewAsync();
        await engine.HearAsync("ns1 Stopping 1");
        systemd.Job = 0;
        await systemd.JobRemovedAsync(7);
        await engine.HearAsync("ns1 Stopping 0");
    }

    [Fact]
    public async Task The_two_signals_of_a_change_are_one_state()
    {
        await OpenAsync("ns1 Stopping 0");
        (systemd.Active, systemd.Sub, systemd.MainPid, systemd.Result, systemd.ExitCode, systemd.ExitStatus) = ("deactivating", "stop-post", 0, "signal", 2, 11);
        await systemd.ChangeAsync();
        // The next process, in a signal whose other half still says deactivating, until that comes.
        (systemd.Active, systemd.Sub, systemd.MainPid, systemd.Result, systemd.ExitCode) = ("active", "running", 43, "success", 0);
        await systemd.SendServiceAsync();
        await Task.Delay(50);
        await systemd.SendUnitAsync();
        await NothingStopsAsync();
    }

    [Fact]
    public async Task An_end_is_heard_though_the_unit_is_forgotten_in_the_same_moment()
    {
        await OpenAsync("ns1 Stopping 0");
        (systemd.Active, systemd.Sub, systemd.MainPid, systemd.ExitCode, systemd.ExitStatus, systemd.Loaded) = ("inactive", "dead", 0, 2, 15, false);
        await systemd.ChangeAsync();
        await systemd.UnitAsync("UnitRemoved");
        await engine.HearAsync("ns1 Stopping 1");
    }

    [Fact]
    public async Task Only_systemd_is_heard()
    {
        await OpenAsync("ns1 Stopping 0");
        (systemd.Job, systemd.JobType) = (7, "stop");
        await systemd.JobNewAsync(sender: ":1.66");
        systemd.Job = 0;
        await NothingStopsAsync();
    }

    [Fact]
    public async Task A_unit_that_runs_another_process_than_the_server_says_nothing_of_it()
    {
        engine.Pid = 41;
        await OpenAsync("ns1 lost: systemd: the main process of knot.service is pid 42, but the server is pid 41");
        (systemd.Job, systemd.JobType) = (7, "stop");
        await systemd.JobNewAsync();
        systemd.Job = 0;
        await systemd.JobRemovedAsync(7);
        systemd.MainPid = 43;
        await systemd.ChangeAsync();
        await engine.HearAsync("ns1 lost: systemd: the main process of knot.service is pid 43, but the server is pid 41");
        engine.Pid = 43;
        Assert.DoesNotContain("ns1 Stopping 1", await engine.HearAsync("ns1 opened", "ns1 Stopping 0", "ns1 read"));
    }

    [Fact]
    public async Task A_process_that_the_machine_learns_of_later_is_spoken_of_again()
    {
        await OpenAsync("ns1 read");
        engine.Pid = 42;
        await engine.HearAsync("ns1 Stopping 0", "ns1 read");
    }

    [Fact]
    public async Task A_unit_that_is_not_there_is_read_when_it_comes()
    {
        systemd.Loaded = false;
        await OpenAsync("ns1 lost: systemd: it has no knot.service loaded: stopped, or not installed");
        systemd.Loaded = true;
        await systemd.UnitAsync("UnitNew");
        await engine.HearAsync("ns1 opened", "ns1 Stopping 0", "ns1 read");
    }

    [Fact]
    public async Task Another_name_of_a_unit_is_told_and_not_followed()
    {
        systemd.Id = "named.service";
        await OpenAsync("ns1 lost: systemd: knot.service is another name of named.service: write `unit: named.service`");
    }

    [Fact]
    public async Task A_systemd_that_executes_itself_again_is_met_again()
    {
        await OpenAsync("ns1 Stopping 0");
        systemd.OwnerNow = "";
        await systemd.OwnerChangeAsync(FakeSystemd.Owner, "");
        await engine.HearAsync("ns1 lost: systemd: nobody owns org.freedesktop.systemd1 on this bus");
        systemd.OwnerNow = ":1.9";
        await systemd.OwnerChangeAsync("", ":1.9");
        await engine.HearAsync("ns1 opened", "ns1 Stopping 0", "ns1 read");
        Assert.Equal(2, systemd.Asked.Count(a => a == "Subscribe"));
    }

    [Fact]
    public async Task A_bus_that_is_lost_takes_the_claim_along_and_another_session_reads_it_again()
    {
        await OpenAsync("ns1 Stopping 0");
        systemd.Bus.Client.Dispose();
        await engine.HearAsync(Tick, "ns1 lost: d-bus: the bus closed the connection");
        await ConnectAsync();
        await engine.HearAsync("ns1 opened", "ns1 Stopping 0", "ns1 read");
    }

    [Fact]
    public async Task It_is_read_again_on_the_interval()
    {
        await OpenAsync("ns1 read");
        await engine.HearAsync(Tick, "ns1 Stopping 0", "ns1 read");
    }

    [Theory]
    [InlineData("Subscribe")]
    [InlineData("GetUnit")]
    [InlineData("GetAll")]
    public async Task A_systemd_that_is_silent_is_lost_at_the_timeout(string member)
    {
        systemd.Silent.Add(member);
        running = RunAsync();
        await WhileTickingAsync(systemd.WelcomeAsync());
        await engine.HearAsync(Tick, $"ns1 lost: d-bus: no answer to {member} within 5 s");
    }

    [Theory]
    [InlineData("Subscribe")]
    [InlineData("GetUnit")]
    [InlineData("GetAll")]
    public async Task A_systemd_that_refuses_is_told_why(string member)
    {
        systemd.Refused.Add(member, "org.freedesktop.DBus.Error.AccessDenied");
        running = RunAsync();
        await WhileTickingAsync(systemd.WelcomeAsync());
        await engine.HearAsync(Tick, "ns1 lost: d-bus: org.freedesktop.DBus.Error.AccessDenied");
    }

    [Fact]
    public async Task Answers_of_other_types_are_no_state()
    {
        var body = new DBusWriter();
        var all = body.BeginArray('{');
        body.Struct().String("MainPID").Variant("s").String("42");
        systemd.Wrong.Add("GetAll", ("a{sv}", body.EndArray(all)));
        running = RunAsync();
        await WhileTickingAsync(systemd.WelcomeAsync());
        Assert.DoesNotContain(await engine.HearAsync(Tick, "ns1 lost: systemd: the properties of a service are not as any known version has them"), s => s.Contains("Stopping", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_flood_drowned_is_read()
    {
        await OpenAsync("ns1 Stopping 0");
        engine.Taking.Reset();
        systemd.Sub = "reload";
        await systemd.ChangeAsync();
        engine.Pid = 42;
        for (var i = 0; i < systemd.Bus.Options.MaxSignals + 100; i++) await systemd.JobRemovedAsync(1);
        (systemd.Job, systemd.JobType) = (7, "stop");
        // Drowned: nobody hears it.
        await systemd.JobNewAsync();
        engine.Taking.Set();
        await engine.HearAsync("ns1 Stopping 1");
    }

    public async ValueTask DisposeAsync()
    {
        engine.Taking.Set();
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await systemd.DisposeAsync();
        stop.Dispose();
        Assert.True(running.IsCanceled, running.Exception?.ToString());
    }

    void Tick() => time.Advance(TimeSpan.FromSeconds(1));

    Task RunAsync() => new SystemdSource(new SystemdOptions("ns1", "knot.service", systemd.Address, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(5))).RunAsync(engine, stop.Token);

    async Task OpenAsync(params string[] words)
    {
        running = RunAsync();
        await systemd.WelcomeAsync();
        await engine.HearAsync(words);
    }

    Task ConnectAsync() => WhileTickingAsync(systemd.WelcomeAsync());

    async Task WhileTickingAsync(Task connecting)
    {
        // The clock moves until it connects, and stands while it is answered.
        var before = systemd.Bus.Last;
        while (ReferenceEquals(systemd.Bus.Last, before) && !connecting.IsCompleted)
        {
            Tick();
            await Task.Delay(5);
        }

        await connecting;
    }

    // What comes last has been preceded by all that came before.
    async Task NothingStopsAsync()
    {
        systemd.Loaded = false;
        await systemd.UnitAsync("UnitRemoved");
        Assert.DoesNotContain("ns1 Stopping 1", await engine.HearAsync("ns1 lost: systemd: it has no knot.service loaded: stopped, or not installed"));
    }
}
