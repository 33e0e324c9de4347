using System.Net;
using Oops.Core;
using Oops.Lab.Harness;
using Oops.Sources.Probe;
using Xunit;

namespace Oops.Lab.Probe;

public sealed class ProbeLabTests : IAsyncDisposable
{
    const string Zones = "p/zones";
    readonly Recorder engine = new();
    readonly CancellationTokenSource stop = new();
    Task running = Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    [Fact]
    public async Task A_zone_at_a_real_secondary_is_loaded_overdue_expired_and_back()
    {
        LabRequires.Programs("knotd", "knotc");
        await using var primary = new PrimaryKnotd(["one.test", "two.test"]);
        await primary.StartAsync();
        await using var knot = new Knotd { Secondary = ["one.test", "two.test"] };
        await knot.StartAsync();
        Start(Lab4("one.test", "two.test"), Reference("one.test"));
        await SaysAsync(Zones, "one.test", Measure.Serial, v => v == 100);
        await SaysAsync("p/ref", "one.test", Measure.Serial, v => v == 100);
        await SaysAsync("p/ref", "one.test", Measure.Expiry, v => v == Signal.Absent);
        await SaysAsync(Zones, "one.test", Measure.Expiry, v => v is > 0 and <= 8);
        await SaysAsync(Zones, "one.test", Measure.RefreshFailures, v => v == 0);

        await primary.DropKeyAsync("one.test");
        // refresh 3, retry 1, expire 8
        await SaysAsync(Zones, "one.test", Measure.RefreshFailures, v => v >= 2);
        await SaysAsync(Zones, "one.test", Measure.Serial, v => v == Signal.Absent);
        await SaysAsync(Zones, "one.test", Measure.Expiry, v => v == 0);
        Assert.Equal("SERVFAIL, EDE 24", engine.Last<ZoneSignal>(z => z is { Channel: Zones, Zone: "one.test", Measure: Measure.Serial })!.Detail);
        Assert.Equal(100, engine.Last<ZoneSignal>(z => z is { Channel: Zones, Zone: "two.test", Measure: Measure.Serial })!.Value);
        Assert.Equal(100, engine.Last<ZoneSignal>(z => z is { Channel: "p/ref", Measure: Measure.Serial })!.Value);
        Assert.DoesNotContain(engine.All.OfType<ZoneSignal>(), z => z is { Zone: "two.test", Measure: Measure.RefreshFailures, Value: > 0 });

        await primary.RestoreKeyAsync("one.test");
        await primary.NotifyAsync("one.test");
        await SaysAsync(Zones, "one.test", Measure.Serial, v => v == 100);
        await SaysAsync(Zones, "one.test", Measure.RefreshFailures, v => v == 0);
        await SaysAsync(Zones, "one.test", Measure.Expiry, v => v is > 0 and <= 8);
    }

    [Fact]
    public async Task A_killed_knotd_refuses_with_proof_and_a_stopped_one_is_only_silent()
    {
        LabRequires.Programs("knotd", "knotc");
        await using var knot = new Knotd { Files = ["one.test"] };
        await knot.StartAsync();
        Start(Lab4("one.test") with { TcpInterval = TimeSpan.FromSeconds(10) }, Lab4("one.test") with { Channel = "q", Address = new(IPAddress.Parse(Harness.Lab.Anycast6), 53) });
        await AnswersAsync("p", 1);
        await AnswersAsync("q", 1);
        await AnswersAsync("p/tcp", 1);

        knot.Process.Signal(LabProcess.Stop);
        await AnswersAsync("p", Signal.Absent);
        await AnswersAsync("p/tcp", Signal.Absent); // the kernel still accepts the connection
        Assert.Equal(Evidence.Suspicion, Said("p").Evidence);
        knot.Process.Signal(LabProcess.Cont);
        await AnswersAsync("p", 1);

        await knot.EndAsync(LabProcess.KillNow);
        await AnswersAsync("p", 0);
        await AnswersAsync("q", 0);
        await AnswersAsync("p/tcp", 0);
        Assert.Equal((Evidence.Proof, Evidence.Proof, Evidence.Suspicion), (Said("p").Evidence, Said("q").Evidence, Said("p/tcp").Evidence));
        await knot.StartAsync();
        await AnswersAsync("p", 1);
        await AnswersAsync("q", 1);
    }

    static ProbePlan Lab4(params string[] zones) => new()
    {
        Server = "ns1",
        Channel = "p",
        Address = new(IPAddress.Parse(Harness.Lab.Anycast4), 53),
        Zones = zones,
        Interval = TimeSpan.FromMilliseconds(500),
        ZoneInterval = TimeSpan.FromMilliseconds(500),
        Timeout = TimeSpan.FromMilliseconds(400),
        Tries = 3,
        Rate = 500,
        Expire = true,
    };

    static ProbePlan Reference(params string[] zones) =>
        Lab4(zones) with { Channel = "p/ref", Address = new(IPAddress.Parse(Harness.Lab.Upstream4), 53), Standing = Standing.Reference };

    void Start(params ProbePlan[] plans) => running = new ProbeSource([.. plans]).RunAsync(engine, stop.Token);

    Task<TimeSpan> SaysAsync(string channel, string zone, Measure measure, Predicate<long> value) =>
        Wait.UntilAsync($"{channel} says {measure} of {zone}", () => engine.Last<ZoneSignal>(z => z.Channel == channel && z.Zone == zone && z.Measure == measure) is { } said && value(said.Value),
            TimeSpan.FromSeconds(20), state: () => string.Join('\n', engine.All.TakeLast(10)));

    Task<TimeSpan> AnswersAsync(string channel, long value) =>
        Wait.UntilAsync($"{channel} says answering {value}", () => engine.Last<ServerSignal>(s => s.Channel == channel) is { } said && said.Value == value,
            state: () => string.Join('\n', engine.All.TakeLast(10)));

    ServerSignal Said(string channel) => engine.Last<ServerSignal>(s => s.Channel == channel)!;
}
