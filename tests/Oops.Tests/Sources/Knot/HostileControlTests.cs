using Oops.Sources.Knot;
using Oops.Tests.Engine;
using Xunit;

namespace Oops.Tests.Sources.Knot;

/// <summary>The source before a control socket that answers as no knotd should. Half an answer is no complete read: no list, nothing that is "not there", no validity renewed.</summary>
public sealed class HostileControlTests : IAsyncDisposable
{
    readonly FakeKnot knot = new();
    readonly FakeTime time = new();
    readonly SpokenEngine engine;
    readonly CancellationTokenSource stop = new();
    Task running = Task.CompletedTask;

    public HostileControlTests() => engine = new(time);

    public static TheoryData<string, string> Broken => new()
    {
        { "ff", "knot: a broken answer (UnitType)" },
        { "01ff0001", "knot: a broken answer (Item)" },
        { "0116000161160001", "knot: a broken answer (Item)" },
        { "00", "knot: the server ended the session within an answer" },
        // An error in place of data: of the whole request, and of one zone.
        { Convert.ToHexString([.. FakeKnot.Unit(1, (0x12, "not enough memory")), 3]), "knot: not enough memory" },
        { Convert.ToHexString([.. FakeKnot.Primary("a.test.", 7), .. FakeKnot.Error("b.test.", "not enough memory"), 3]), "knot: b.test.: not enough memory" },
        // Half a unit, then the end of the answer.
        { Convert.ToHexString([.. FakeKnot.Primary("a.test.", 7), .. FakeKnot.Unit(1, (0x16, "b.test."), (0x19, "role"), (0x1a, "master")), 3]), "knot: half an answer about b.test." },
        { Convert.ToHexString([.. FakeKnot.Zone("b.test.", "master", "seven"), 3]), "knot: half an answer about b.test." },
        { Convert.ToHexString([.. FakeKnot.Zone("b.test.", "king", "7"), 3]), "knot: half an answer about b.test." },
    };

    [Fact]
    public async Task All_is_read_listed_and_then_complete()
    {
        knot.Zones = _ => [FakeKnot.Primary("A.test.", 7), FakeKnot.Zone("b.test.", "slave", "-", "+8s", "-", "se"), [3]];
        Run();
        var said = await engine.HearAsync("control opened", "control Answering 1", "control a.test Serial 7", "control b.test Serial absent (not loaded)", "control b.test RefreshFailures 1", "control list a.test b.test .", "control read");
        Assert.DoesNotContain(said, s => s.Contains("lost", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task A_broken_answer_is_no_complete_read(string hex, string why)
    {
        engine.Zones = ["a.test", "b.test"];
        knot.Zones = _ => [Convert.FromHexString(hex)];
        Run();
        NothingIsMissing(await engine.HearAsync(Retry, "control opened", $"control lost: {why}"));
    }

    [Fact]
    public async Task Half_a_unit_and_silence_is_no_complete_read()
    {
        engine.Zones = ["a.test", "b.test"];
        var units = FakeKnot.Primary("b.test.", 8);
        (knot.Zones, knot.After) = (_ => [FakeKnot.Primary("a.test.", 7), units[..^5]], After.Silence);
        Run();
        NothingIsMissing(await SilenceAsync());
    }

    [Fact]
    public async Task A_close_within_a_message_is_no_complete_read()
    {
        engine.Zones = ["a.test", "b.test"];
        (knot.Zones, knot.After) = (_ => [FakeKnot.Primary("a.test.", 7), FakeKnot.Primary("b.test.", 8)[..^5]], After.Close);
        Run();
        NothingIsMissing(await engine.HearAsync(Retry, "control opened", "control lost: knot: the server closed the session within an answer"));
    }

    [Fact]
    public async Task A_list_that_breaks_off_takes_nothing_from_the_one_before()
    {
        knot.Serve(("a.test.", 7), ("b.test.", 8));
        Run();
        await engine.HearAsync("control list a.test b.test .", "control read");
        (knot.Zones, knot.After) = (_ => [FakeKnot.Primary("a.test.", 9), FakeKnot.Primary("b.test.", 8)[..^5]], After.Close);
        NothingIsMissing(await engine.HearAsync(Minute, "control a.test Serial 9", "control lost: knot: the server closed the session within an answer"));
    }

    [Fact]
    public async Task An_empty_list_is_not_believed_while_zones_asked_by_name_are_there()
    {
        knot.Serve(("a.test.", 7), ("b.test.", 8));
        Run();
        await engine.HearAsync("control list a.test b.test .", "control read");
        var whole = knot.Zones;
        knot.Zones = asked => asked.Length == 0 ? [[3]] : whole(asked);
        NothingIsMissing(await engine.HearAsync(Minute, "control lost: knot: an empty list, though nobody said that there is no a.test"));
        Assert.Contains("a.test b.test", knot.Asked);
    }

    [Fact]
    public async Task Nor_when_the_zones_asked_by_name_are_not_answered_for()
    {
        engine.Zones = ["a.test"];
        Run();
        NothingIsMissing(await engine.HearAsync(Retry, "control lost: knot: an empty list, though nobody said that there is no a.test"));
    }

    [Fact]
    public async Task It_is_believed_when_the_server_denies_each_zone_by_name()
    {
        engine.Zones = ["a.test"];
        knot.Serve();
        Run();
        var said = await engine.HearAsync("control a.test Serial absent (no such zone found)", "control read");
        Assert.DoesNotContain(said, s => s.StartsWith("control list", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_without_any_zone_is_read_and_lists_nothing()
    {
        Run();
        var said = await engine.HearAsync("control opened", "control read");
        Assert.DoesNotContain(said, s => s.StartsWith("control list", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_endless_list_is_given_up_and_no_list()
    {
        engine.Zones = ["a.test"];
        knot.Zones = _ => Enumerable.Range(0, int.MaxValue).Select(i => FakeKnot.Primary($"z{i}.test.", 7));
        Run(mostZones: 5000);
        var said = await engine.HearAsync(Retry, "control opened", "control lost: knot: a list of more than 5000 zones");
        NothingIsMissing(said);
        // Three looks until it is lost, each with no more than this.
        Assert.Equal(5000, said.Where(s => s.Contains(" Serial ", StringComparison.Ordinal)).Distinct().Count());
    }

    [Fact]
    public async Task An_endless_answer_about_one_zone_ends_with_our_patience()
    {
        knot.Zones = _ => Endless();
        var opened = await KnotControl.OpenAsync(knot.Path, TimeSpan.FromSeconds(1), time, default);
        await using var control = opened.Control!;
        var zones = 0;
        Assert.Equal("knot: an answer that takes longer than 24 s", await control.ZoneStatusAsync([], _ => zones++, default));
        Assert.Equal(0, zones);

        IEnumerable<byte[]> Endless()
        {
            yield return FakeKnot.Primary("a.test.", 7);
            for (var sent = 1; ; sent++)
            {
                yield return FakeKnot.Unit(2, (0x19, "re-sign"), (0x1a, new string('x', 1000)));
                // More than the socket holds, so that the reader has read since the last time.
                if (sent % 2000 == 0) time.Advance(TimeSpan.FromSeconds(0.5));
            }
        }
    }

    [Fact]
    public async Task A_unit_without_end_is_given_up()
    {
        knot.Zones = _ => [FakeKnot.Unit(1, [.. Enumerable.Range(0x10, 12).Select(c => ((byte)c, new string('x', 65_535)))])];
        Run();
        NothingIsMissing(await engine.HearAsync(Retry, "control opened", "control lost: knot: a broken answer (TooLong)"));
    }

    [Fact]
    public async Task Units_that_no_version_sends_are_passed_over()
    {
        knot.Zones = _ =>
        [
            FakeKnot.Unit(2, (0x19, "serial"), (0x1a, "1")),
            FakeKnot.Unit(1, (0x13, "server"), (0x14, "zone-count")),
            FakeKnot.Unit(1, (0x16, "-\u001b[2J."), (0x19, "serial"), (0x1a, "1")),
            FakeKnot.Unit(1, (0x16, "a..b"), (0x19, "role"), (0x1a, "master")), FakeKnot.Unit(2, (0x19, "serial"), (0x1a, "1")),
            FakeKnot.Primary("a.test.", 7), FakeKnot.Unit(2, (0x19, "moon"), (0x1a, "full")),
            FakeKnot.Primary("a.test.", 7),
            [3],
        ];
        Run();
        var said = await engine.HearAsync("control list a.test .", "control read");
        Assert.Equal(["control a.test Serial 7"], said.Where(s => s.Contains(" Serial ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task One_silence_is_not_a_loss_and_three_in_a_row_are()
    {
        knot.Serve(("a.test.", 7));
        Run();
        await engine.HearAsync("control read");
        knot.After = After.Silence;
        knot.Zones = _ => [];
        while (knot.Asked.Count < 2) await MoveAsync(TimeSpan.FromSeconds(2));
        time.Advance(TimeSpan.FromSeconds(60));
        while (knot.Asked.Count < 3) await MoveAsync(TimeSpan.FromSeconds(0.25));
        Assert.Empty(engine.Take());
        NothingIsMissing(await SilenceAsync());
    }

    [Fact]
    public async Task A_server_that_goes_on_answering_in_halves_is_asked_ever_more_seldom()
    {
        knot.Zones = _ => [[0xff]];
        Run();
        await engine.HearAsync(Retry, "control opened", "control lost: *");
        var before = knot.Asked.Count;
        for (var i = 0; i < 600; i++) await MoveAsync(TimeSpan.FromSeconds(1));
        Assert.InRange(knot.Asked.Count - before, 5, 20);
        // It is not met and lost again each time.
        Assert.Empty(engine.Take());
        knot.Serve(("a.test.", 7));
        await engine.HearAsync(Minute, "control opened", "control read");
    }

    [Fact]
    public async Task A_server_that_vanishes_and_comes_back_is_read_again()
    {
        knot.Serve(("a.test.", 7));
        Run();
        await engine.HearAsync("control read");
        await knot.VanishAsync();
        NothingIsMissing(await engine.HearAsync(Minute, $"control lost: knot: no such socket at {knot.Path}"));
        knot.Begin();
        await engine.HearAsync(Retry, "control opened", "control Answering 1", "control a.test Serial 7", "control list a.test .", "control read");
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await knot.DisposeAsync();
        stop.Dispose();
        Assert.True(running.IsCanceled || running == Task.CompletedTask, running.Exception?.ToString());
    }

    static void NothingIsMissing(List<string> said) =>
        Assert.DoesNotContain(said, s => s.StartsWith("control list", StringComparison.Ordinal) || s == "control read" || s.Contains("absent (no", StringComparison.Ordinal));

    void Retry() => time.Advance(TimeSpan.FromSeconds(0.25));

    void Minute() => time.Advance(TimeSpan.FromSeconds(2));

    async Task MoveAsync(TimeSpan step)
    {
        time.Advance(step);
        await Task.Delay(5);
    }

    Task<List<string>> SilenceAsync() => engine.HearAsync(() => time.Advance(TimeSpan.FromSeconds(1)), "control lost: knot: silent for 60 s within an answer");

    void Run(int mostZones = KnotControl.MostZones) =>
        running = new KnotSource(new KnotOptions("ns1", knot.Path, null, true, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(60)) { MostZones = mostZones }).RunAsync(engine, stop.Token);
}
