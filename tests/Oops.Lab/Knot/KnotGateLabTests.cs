using Oops.Lab.Harness;
using Oops.Lab.Zones;
using Oops.Sources.Knot.Gate;
using Oops.Tests.Sources.Knot.Gate;
using Xunit;

namespace Oops.Lab.Knot;

/// <summary>The gate on a real bus, at a control socket that speaks as knotd 3.5 does: this process is the server. The same with a real knotd, where there is one that can: <see cref="KnotGateServerLabTests"/>.</summary>
public sealed class KnotGateLabTests : IAsyncDisposable
{
    static readonly Signing Signing = new("P-256 NSEC3", "ECDSAP256SHA256", "-n");

    readonly DbusDaemon bus = new();
    readonly ScriptedKnot knot = new();
    readonly string folder = Harness.Lab.Root is null ? "" : Harness.Lab.FreshDirectory("new-zones");

    public async ValueTask DisposeAsync()
    {
        await knot.DisposeAsync();
        await bus.DisposeAsync();
    }

    [Fact]
    public async Task A_good_version_is_let_in_and_a_bad_one_kept_out()
    {
        await using var gate = await OpenAsync();
        await using var voice = await KnotVoice.OpenAsync(bus.Address);
        await gate.OpenAsync();
        var good = (await SignedFile.MakeAsync(Signing, 8)).ToList();
        await HoldAsync(voice, "example", 8, good);
        Assert.Equal("example serial 8: let in: 0 errors", await gate.NextAsync());

        var bad = (await SignedFile.MakeAsync(Signing, 9)).ToList();
        Mutation.All.Single(m => m.Name == "signature-touched-AAAA").Apply(bad);
        await HoldAsync(voice, "example", 9, bad);
        Assert.Equal("example serial 9: kept out: 1 errors", await gate.NextAsync());

        // knotd could not write the file, and asks.
        await HoldAsync(voice, "example", 10, good);
        Assert.Contains("kept out (not judged; fail is configured): " + folder + "/example.zone: it is of serial 8, and 10 waits", await gate.NextAsync(), StringComparison.Ordinal);
        Assert.Equal(["zone-commit example", "zone-abort example", "zone-abort example"], knot.Answers);
        Assert.Equal(8u, knot.Serial("example"));
    }

    [Theory]
    [InlineData(GateAnswer.Fail, "zone-abort example")]
    [InlineData(GateAnswer.Pass, "zone-commit example")]
    public async Task A_judge_that_is_too_slow_gives_way_to_what_is_configured(object otherwise, string answer)
    {
        await using var gate = await OpenAsync(o => o with { Deadline = TimeSpan.FromMilliseconds(500), Otherwise = (GateAnswer)otherwise }, async (_, _, stop) =>
        {
            await Task.Delay(-1, stop);
            return default;
        });
        await using var voice = await KnotVoice.OpenAsync(bus.Address);
        await gate.OpenAsync();
        await HoldAsync(voice, "example", 8, []);
        Assert.Contains("no verdict within 500ms", await gate.NextAsync(), StringComparison.Ordinal);
        Assert.Equal([answer], knot.Answers);
    }

    [Fact]
    public async Task A_knotd_that_restarts_in_the_middle_has_nothing_left_to_answer_and_its_next_version_is_judged()
    {
        var first = new TaskCompletionSource<GateVerdict>();
        await using var gate = await OpenAsync(null, (_, serial, _) => serial == 8 ? first.Task : Task.FromResult(GateVerdict.Pass("good")));
        await using (var voice = await KnotVoice.OpenAsync(bus.Address))
        {
            await gate.OpenAsync();
            await HoldAsync(voice, "example", 8, []);
            await Wait.UntilAsync("it is being judged", () => gate.Gate.Waiting == 1);
            await knot.VanishAsync();
        }

        first.SetResult(GateVerdict.Pass("good"));
        await Wait.UntilAsync("the gate sees that nobody is there", () => gate.Gate.Counts[GateCount.Retried] > 0);
        knot.Begin();
        Assert.Equal("example serial 8: no longer waits, answered by somebody else or given up by knotd: good", await gate.NextAsync());
        await using var again = await KnotVoice.OpenAsync(bus.Address);
        await HoldAsync(again, "example", 9, []);
        Assert.Equal("example serial 9: let in: good", await gate.NextAsync());
        Assert.Equal(["zone-commit example"], knot.Answers);
    }

    [Fact]
    public async Task A_version_that_waits_while_the_bus_is_away_is_found_when_it_is_back()
    {
        await using var gate = await OpenAsync(null, (_, _, _) => Task.FromResult(GateVerdict.Pass("good")));
        await using (var voice = await KnotVoice.OpenAsync(bus.Address)) await gate.OpenAsync();
        await bus.Process.EndAsync();
        await Wait.UntilAsync("the bus is lost", () => gate.Channels.Contains("bus d-bus: the bus closed the connection"), state: () => string.Join(", ", gate.Channels));
        await Task.Delay(TimeSpan.FromMilliseconds(300));
        knot.Hold("example", 8);
        await bus.StartAsync();
        Assert.Equal("example serial 8: let in: good", await gate.NextAsync());
    }

    [Fact]
    public async Task Both_signatures_several_zones_and_names_that_mean_harm()
    {
        await using var gate = await OpenAsync(null, (_, _, _) => Task.FromResult(GateVerdict.Pass("good")));
        await using var voice = await KnotVoice.OpenAsync(bus.Address);
        await gate.OpenAsync();
        // None of these is a zone of the server, or a name at all.
        foreach (var name in (string[])["nope.test.", "..", "", "-\u001b[2J.", "a b.", new string('a', 300) + ".", "\n.", "../../etc/passwd."])
            await voice.VerifyAsync(name, 8);
        foreach (var zone in (string[])["b/c.test", "\\.\\.", "a\\000\\027.test", "plain.test", "."]) knot.Hold(zone.Length == 1 ? "" : zone, 8);
        await voice.VerifyAsync("plain.test.", null);
        await voice.VerifyAsync("b/c.test.", 8);
        await voice.VerifyAsync("\\.\\..", 8);
        await voice.VerifyAsync("a\\000\\027.test.", 8);
        await voice.VerifyAsync(".", 8);
        var lines = new List<string>();
        for (var i = 0; i < 5; i++) lines.Add(await gate.NextAsync());
        Assert.All(lines, l => Assert.DoesNotContain(l, char.IsControl));
        Assert.Equal([". serial 8: let in: good", "\\.\\. serial 8: let in: good", "a\\000\\027.test serial 8: let in: good", "b/c.test serial 8: let in: good", "plain.test serial 8: let in: good"], lines.Order(StringComparer.Ordinal));
    }

    async Task<RunningGate> OpenAsync(Func<KnotGateOptions, KnotGateOptions>? with = null, GateJudge? judge = null)
    {
        LabRequires.Programs("dbus-daemon", "ldns-keygen", "ldns-signzone");
        await bus.StartAsync();
        knot.Begin();
        var options = new KnotGateOptions { Control = knot.Path, Bus = bus.Address, NewZone = DumpPath.Parse(folder + "/%s.zone", out _), Interval = TimeSpan.FromHours(1) };
        return new(with?.Invoke(options) ?? options, judge);
    }

    async Task HoldAsync(KnotVoice voice, string zone, uint serial, IReadOnlyList<string> lines)
    {
        var path = Path.Combine(folder, zone + ".zone");
        await File.WriteAllLinesAsync(path + ".tmp", lines);
        File.Move(path + ".tmp", path, overwrite: true);
        knot.Hold(zone, serial);
        await voice.VerifyAsync(zone + ".", serial);
    }
}
