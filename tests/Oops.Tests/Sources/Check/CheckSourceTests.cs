using Oops.Core;
using Oops.Native;
using Oops.Sources.Check;
using Oops.Tests.Engine;
using Oops.Tests.Native;
using Xunit;

namespace Oops.Tests.Sources.Check;

public sealed class CheckSourceTests : IAsyncDisposable
{
    readonly TemporaryFolder folder = new();
    RecordingEngine engine = new();
    readonly CancellationTokenSource stop = new();
    Task running = Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        stop.Dispose();
        folder.Dispose();
    }

    ExternalClaim Run(string script, Polarity polarity = Polarity.Bad, Evidence evidence = Evidence.Proof, int intervalMs = 60_000, int timeoutMs = 10_000, bool onUpdate = false, Action? begun = null) =>
        Run(["/bin/sh", "-c", script], polarity, evidence, intervalMs, timeoutMs, onUpdate, begun);

    ExternalClaim Run(string[] command, Polarity polarity = Polarity.Bad, Evidence evidence = Evidence.Proof, int intervalMs = 60_000, int timeoutMs = 10_000, bool onUpdate = false, Action? begun = null)
    {
        var config = new CheckConfig
        {
            Server = "ns1",
            Condition = "broken",
            Command = command,
            Interval = TimeSpan.FromMilliseconds(intervalMs),
            Timeout = TimeSpan.FromMilliseconds(timeoutMs),
            Folder = folder.Path,
            OnUpdate = onUpdate,
        };
        running = new CheckSource(config, polarity, evidence, new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" }, new Children(TimeProvider.System)).RunAsync(engine, stop.Token);
        begun?.Invoke();
        return engine.Next<ExternalClaim>();
    }

    [Fact]
    public void Exit_0_is_well_and_says_the_last_line()
    {
        var claim = Run("echo one; echo two");
        Assert.Equal(new ExternalClaim("check/ns1/broken", "broken", "ns1", State.NotMet, Evidence.Proof, TimeSpan.FromSeconds(190), "exit code 0: two"), claim);
        Assert.Equal("check/ns1/broken", engine.Next<ChannelOpened>().Channel);
        engine.Next<ChannelRead>();
    }

    [Fact]
    public void Another_exit_is_trouble()
    {
        var claim = Run("echo no route >&2; exit 2");
        Assert.Equal((State.Met, Evidence.Proof, "exit code 2: no route"), (claim.State, claim.Evidence, claim.Detail));
    }

    [Theory]
    [InlineData("exit 0", State.Met)]
    [InlineData("exit 1", State.NotMet)]
    public void Of_a_good_condition_well_is_met(string script, State state) => Assert.Equal(state, Run(script, Polarity.Good).State);

    [Fact]
    public void Without_proof_it_is_a_suspicion() => Assert.Equal((State.Met, Evidence.Suspicion), Run("exit 1", evidence: Evidence.Suspicion) is var c ? (c.State, c.Evidence) : default);

    [Fact]
    public void Silence_is_trouble_and_only_ever_a_suspicion()
    {
        var claim = Run("sleep 60", timeoutMs: 200);
        Assert.Equal((State.Met, Evidence.Suspicion, "timed out after 0.2 s (killed by SIGTERM)"), (claim.State, claim.Evidence, claim.Detail));
    }

    [Theory]
    [InlineData("kill -9 $$", "killed by SIGKILL")]
    [InlineData("no-such-command-anywhere", "exit code 127")]
    [InlineData("exit 126", "exit code 126")]
    public void A_command_that_broke_by_itself_says_nothing(string script, string why)
    {
        var claim = Run(script);
        Assert.Equal(State.Unknown, claim.State);
        Assert.StartsWith(why, engine.Next<ChannelLost>().Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_command_says_nothing()
    {
        Assert.Equal(State.Unknown, Run(["/none/such"]).State);
        Assert.Contains("No such file", engine.Next<ChannelLost>().Why, StringComparison.Ordinal);
    }

    [Fact]
    public void It_runs_again_and_again_and_its_claims_follow()
    {
        Assert.Equal(State.NotMet, Run("test ! -e trouble", intervalMs: 50).State);
        File.WriteAllText(folder.File("trouble"), "");
        engine.Next<ExternalClaim>(c => c.State == State.Met);
        File.Delete(folder.File("trouble"));
        engine.Next<ExternalClaim>(c => c.State == State.NotMet);
        Assert.Single(engine.All, a => a.Input is ChannelOpened);
    }

    [Fact]
    public void Two_runs_never_overlap()
    {
        Run("mkdir lock || exit 1; sleep 0.15; rmdir lock", intervalMs: 20);
        for (var i = 0; i < 3; i++) Assert.Equal(State.NotMet, engine.Next<ExternalClaim>().State);
    }

    [Fact]
    public void With_on_update_a_new_serial_makes_it_run_long_before_its_interval_is_over()
    {
        Assert.Equal(State.NotMet, Run("test ! -e trouble", onUpdate: true).State);
        File.WriteAllText(folder.File("trouble"), "");
        engine.Next<ChannelRead>();
        Assert.True(engine.Ring("ns1"));
        Assert.Equal(State.Met, engine.Next<ExternalClaim>().State);
    }

    [Fact]
    public void A_serial_that_changes_while_it_runs_makes_it_run_again()
    {
        Run("test ! -e trouble || exit 1; touch trouble; until test -e go; do sleep 0.02; done", onUpdate: true, begun: () =>
        {
            while (!File.Exists(folder.File("trouble"))) Thread.Yield();
            Assert.True(engine.Ring("ns1"));
            File.WriteAllText(folder.File("go"), "");
        });
        Assert.Equal(State.Met, engine.Next<ExternalClaim>().State);
    }

    [Fact]
    public void However_often_the_serial_changes_it_begins_once_a_second_at_most()
    {
        var time = new FakeTime();
        engine = new(time);
        Run("echo >> runs", onUpdate: true);
        Waits(time, TimeSpan.FromMinutes(1));
        Assert.True(engine.Ring("ns1"));
        // For the rest of the second, and no longer for the interval; what changes meanwhile is seen by the run that comes.
        Waits(time, TimeSpan.FromSeconds(1));
        Assert.False(engine.Ring("ns1"));
        time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Single(File.ReadAllLines(folder.File("runs")));
        time.Advance(TimeSpan.FromMilliseconds(1));
        engine.Next<ExternalClaim>();
        Assert.Equal(2, File.ReadAllLines(folder.File("runs")).Length);
    }

    static void Waits(FakeTime time, TimeSpan span) =>
        Assert.True(SpinWait.SpinUntil(() => time.Next == span, TimeSpan.FromSeconds(10)), $"waits {time.Next}, not {span}");

    [Fact]
    public void Without_on_update_nobody_waits_for_a_serial()
    {
        Run("exit 0");
        engine.Next<ChannelRead>();
        Assert.False(engine.Ring("ns1"));
    }

    [Fact]
    public async Task The_stop_ends_a_wait_for_a_serial()
    {
        Run("exit 0", onUpdate: true);
        engine.Next<ChannelRead>();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task The_stop_claims_nothing_more()
    {
        Run("exit 0");
        var before = engine.All.Count(a => a.Input is ExternalClaim);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(before, engine.All.Count(a => a.Input is ExternalClaim));
    }
}
