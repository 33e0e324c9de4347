using Oops.Servers;
using Oops.Sources.Knot;
using Oops.Tests.Engine;
using Xunit;

namespace Oops.Tests.Sources.Knot;

/// <summary>
/// knotd opens its control socket last of all when it starts, and speaks of its zones just before: whoever looked too early looks again within a millisecond or two,
/// because an announcement waits for it.
/// </summary>
public sealed class KnotStartTests : IAsyncDisposable
{
    readonly FakeKnot knot = new();
    readonly FakeTime time = new();
    readonly SpokenEngine engine;
    readonly Look look = new();
    readonly CancellationTokenSource stop = new();
    Task running = Task.CompletedTask;

    public KnotStartTests()
    {
        engine = new(time);
        knot.Serve(("a.test.", 7));
    }

    [Fact]
    public async Task A_look_that_came_too_early_is_repeated_at_once_however_long_nobody_was_there()
    {
        await knot.VanishAsync();
        using (var early = new ClosingSocket(knot.Path))
        {
            Run();
            await engine.HearAsync("control lost: *");
            for (var i = 0; i < 40; i++) await MoveAsync(TimeSpan.FromMilliseconds(250));
            var before = early.Met;
            engine.Pid = 42;
            await early.MeetAsync(before + 1);
        }

        knot.Begin();
        look.At("a.test");
        await engine.HearAsync(Milliseconds(2), "control opened", "control read");
    }

    [Fact]
    public async Task A_new_process_of_which_nothing_is_said_is_asked_again_soon_however_long_nobody_was_there()
    {
        await knot.VanishAsync();
        using (var early = new ClosingSocket(knot.Path))
        {
            Run();
            await engine.HearAsync("control lost: *");
            for (var i = 0; i < 40; i++) await MoveAsync(TimeSpan.FromMilliseconds(250));
            var before = early.Met;
            engine.Pid = 42;
            await early.MeetAsync(before + 1);
            // Its second look, well before the second that lies between two where there is no process.
            for (var i = 0; i < 50 && early.Met < before + 2; i++) await MoveAsync(TimeSpan.FromMilliseconds(1));
            Assert.InRange(early.Met - before, 2, 5);
        }

        knot.Begin();
        await engine.HearAsync(() => time.Advance(TimeSpan.FromMilliseconds(10)), "control opened", "control read");
    }

    [Fact]
    public async Task What_is_said_of_a_zone_right_after_the_first_look_is_looked_at_at_once()
    {
        engine.Pid = 42;
        Run();
        await engine.HearAsync("control read");
        look.At("a.test");
        await HearAskedAsync("*", "a.test");
    }

    [Fact]
    public async Task Zones_spoken_of_while_nobody_answers_are_some_looks_and_not_one_each()
    {
        await knot.VanishAsync();
        using var closing = new ClosingSocket(knot.Path);
        Run();
        await engine.HearAsync("control lost: *");
        var before = closing.Met;
        for (var i = 0; i < 100; i++)
        {
            look.At($"z{i}.test");
            await MoveAsync(TimeSpan.FromMilliseconds(1));
        }

        Assert.InRange(closing.Met - before, 1, 10);
    }

    [Fact]
    public async Task A_server_that_is_met_and_lost_again_and_again_is_not_asked_at_each_word()
    {
        knot.After = After.Close;
        knot.Zones = _ => [];
        engine.Pid = 42;
        Run();
        await engine.HearAsync(() => time.Advance(TimeSpan.FromMilliseconds(250)), "control lost: *");
        for (var i = 0; i < 20; i++) await MoveAsync(TimeSpan.FromMilliseconds(250));
        var before = knot.Asked.Count;
        for (var i = 0; i < 100; i++)
        {
            look.At($"z{i}.test");
            await MoveAsync(TimeSpan.FromMilliseconds(1));
        }

        Assert.InRange(knot.Asked.Count - before, 0, 10);
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

    void Run()
    {
        var options = new KnotOptions("ns1", knot.Path, null, true, TimeSpan.FromSeconds(200), TimeSpan.FromSeconds(60));
        running = KnotSession.Witness(options, engine, look, new KnotWords(options, engine, look)).RunAsync(stop.Token);
    }

    async Task HearAskedAsync(params string[] expected)
    {
        var move = Milliseconds(2);
        for (var i = 0; i < 2000 && knot.Asked.Count < expected.Length; i++)
        {
            move();
            await Task.Delay(5);
        }

        Assert.Equal(expected, knot.Asked);
    }

    async Task MoveAsync(TimeSpan step)
    {
        time.Advance(step);
        await Task.Delay(5);
    }

    // So many milliseconds of the test's clock and no more, each long after the one before, so that who waits for it has begun to wait.
    Action Milliseconds(int count)
    {
        var calls = 0;
        return () =>
        {
            if (++calls % 40 == 0 && calls / 40 <= count) time.Advance(TimeSpan.FromMilliseconds(1));
        };
    }
}
