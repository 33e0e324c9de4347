using Oops.Servers;
using Oops.Sources.Knot;
using Oops.Tests.Engine;
using Xunit;

namespace Oops.Tests.Sources.Knot;

/// <summary>After a complete read of five seconds the witness rests for twenty, and what may be another server ends that.</summary>
public sealed class KnotRestTests : IAsyncDisposable
{
    readonly FakeKnot knot = new();
    readonly FakeTime time = new();
    readonly SpokenEngine engine;
    readonly Look look = new();
    readonly CancellationTokenSource stop = new();
    readonly Task running;

    public KnotRestTests()
    {
        engine = new(time) { Pid = 41 };
        knot.Serve(("a.test.", 7));
        var zones = knot.Zones;
        knot.Zones = asked =>
        {
            time.Advance(TimeSpan.FromSeconds(5));
            return zones(asked);
        };
        var options = new KnotOptions("ns1", knot.Path, null, true, TimeSpan.FromSeconds(200), TimeSpan.FromSeconds(60));
        running = KnotSession.Witness(options, engine, look, new KnotWords(options, engine, look)).RunAsync(stop.Token);
    }

    [Fact]
    public async Task Another_process_is_met_at_once()
    {
        await engine.HearAsync("control read");
        var read = time.GetTimestamp();
        engine.Pid = 42;
        await engine.HearAsync("control opened", "control Answering 1", "control read");
        Assert.Equal(TimeSpan.FromSeconds(5), time.GetElapsedTime(read));
    }

    [Fact]
    public async Task A_word_about_the_server_as_a_whole_ends_the_rest()
    {
        await engine.HearAsync("control read");
        var read = time.GetTimestamp();
        await MoveAsync(TimeSpan.FromSeconds(1));
        look.AtOnce();
        await engine.HearAsync(() => time.Advance(TimeSpan.FromMilliseconds(5)), "control read");
        Assert.InRange(time.GetElapsedTime(read), TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(15));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_hint_of_a_zone_or_a_look_that_has_time_waits_for_its_end(bool all)
    {
        await engine.HearAsync("control read");
        if (all) look.AtAll();
        else look.At("a.test");
        for (var i = 0; i < 19; i++) await MoveAsync(TimeSpan.FromSeconds(1));
        // The machine's view is another one each time its zones change, and the process the same.
        engine.Zones = ["a.test"];
        await MoveAsync(TimeSpan.Zero);
        Assert.Single(knot.Asked);
        while (knot.Asked.Count < 2) await MoveAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(["*", all ? "*" : "a.test"], knot.Asked);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await knot.DisposeAsync();
        look.Dispose();
        stop.Dispose();
        Assert.True(running.IsCanceled, running.Exception?.ToString());
    }

    async Task MoveAsync(TimeSpan step)
    {
        time.Advance(step);
        await Task.Delay(5);
    }
}
