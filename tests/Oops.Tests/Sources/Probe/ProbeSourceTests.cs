using Oops.Core;
using Oops.Sources.Probe;
using Oops.Tests.Dns;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Sources.Probe;

/// <summary>Against a server of the test's own on loopback, at ten times the usual pace.</summary>
public sealed class ProbeSourceTests : IAsyncDisposable
{
    readonly FakeDnsServer server = new();
    readonly RecordingEngine engine = new();
    readonly CancellationTokenSource stop = new();
    Task running = Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await server.DisposeAsync();
        stop.Dispose();
    }

    [Fact]
    public void A_server_that_answers_runs_and_its_zones_are_told_with_serial_expiry_and_refreshes()
    {
        server.Udp = r => [FakeDnsServer.Soa(r, FakeDnsServer.ZoneOf(r) == "a" ? 1u : 4294967295u, left: 3590, nsid: "node-7")];
        Probe(zones: ["a", "b"]);
        engine.Next<ChannelOpened>(c => c.Channel == "p");
        engine.Next<ZoneSignal>(z => z is { Channel: "p/zones", Zone: "a", Measure: Measure.Serial, Value: 1 });
        engine.Next<ZoneSignal>(z => z is { Zone: "a", Measure: Measure.Expiry, Value: 3591 });
        engine.Next<ZoneSignal>(z => z is { Zone: "a", Measure: Measure.RefreshFailures, Value: 0 });
        engine.Next<ZoneSignal>(z => z is { Zone: "b", Measure: Measure.Serial, Value: 4294967295 });
        engine.Next<ChannelRead>(c => c.Channel == "p/zones");
        engine.Next<ServerSignal>(s => s is { Channel: "p", Measure: Measure.Answering, Value: 1, Evidence: Evidence.Proof, Detail: "NSID node-7" });
    }

    [Fact]
    public void A_zone_that_is_not_loaded_is_a_fact_and_the_server_answers()
    {
        server.Udp = r => [FakeDnsServer.Soa(r, 1, rcode: DnsRcode.ServFail, ede: 24)];
        Probe(zones: ["a"]);
        engine.Next<ZoneSignal>(z => z is { Zone: "a", Measure: Measure.Serial, Value: Signal.Absent, Detail: "SERVFAIL, EDE 24" });
        engine.Next<ServerSignal>(s => s is { Value: 1 });
    }

    [Fact]
    public void Of_each_algorithm_the_last_signature_counts_and_of_these_the_first()
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        server.Udp = r => [FakeDnsServer.Soa(r, 1, signatures: [(13, now + 50), (13, now + 5000), (8, now + 900), (8, now - 7)])];
        Start(Plan(["a"], 100, 500) with { Signatures = true });
        Assert.InRange(engine.Next<ZoneSignal>(z => z.Measure == Measure.SignatureExpiry).Value, 850, 900);
    }

    [Fact]
    public void A_zone_without_signatures_is_unsigned_and_one_whose_signatures_are_over_has_less_than_no_time_left()
    {
        server.Udp = r => [FakeDnsServer.ZoneOf(r) == "a" ? FakeDnsServer.Soa(r, 1) : FakeDnsServer.Soa(r, 1, signatures: (13, DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 100))];
        Start(Plan(["a", "b"], 100, 500) with { Signatures = true });
        Assert.Equal(Signal.Absent, engine.Next<ZoneSignal>(z => z is { Zone: "a", Measure: Measure.SignatureExpiry }).Value);
        Assert.InRange(engine.Next<ZoneSignal>(z => z is { Zone: "b", Measure: Measure.SignatureExpiry }).Value, -200, -100);
    }

    [Fact]
    public void What_another_node_answers_says_nothing_about_the_server()
    {
        var node = "ns1-ams";
        server.Udp = r => [FakeDnsServer.Soa(r, 1, nsid: node)];
        Start(Plan(["a"], 100, 500) with { Nsid = "ns1-ams" });
        engine.Next<ServerSignal>(s => s is { Channel: "p", Value: 1 });
        node = "ns1-fra";
        Assert.Contains("another node, NSID ns1-fra", engine.Next<ServerSignal>(s => s is { Channel: "p", Value: Signal.Unasked }).Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(engine.All, i => i.Input is ServerSignal { Value: Signal.Absent } or ServerSignal { Measure: Measure.Unanswered });
        node = "ns1-ams";
        engine.Next<ServerSignal>(s => s is { Channel: "p", Value: 1 });
    }

    [Fact]
    public void Silence_is_suspected_after_three_tries_says_nothing_of_zones_and_ends_with_an_answer()
    {
        var silent = true;
        server.Udp = r => silent ? [] : [FakeDnsServer.Soa(r, 1)];
        Probe(zones: ["a"]);
        var first = engine.Next<ServerSignal>();
        Assert.Equal((Measure.Unanswered, 1L), (first.Measure, first.Value));
        Assert.True(first.For > TimeSpan.Zero);
        var said = engine.Next<ServerSignal>(s => s.Measure == Measure.Answering);
        Assert.Equal((Signal.Absent, Evidence.Suspicion, TimeSpan.Zero), (said.Value, said.Evidence, said.For));
        Assert.True(server.Seen.Count >= 3);
        Assert.DoesNotContain(engine.All, i => i.Input is ZoneSignal || i.Input is ChannelRead { Channel: "p/zones" });
        silent = false;
        engine.Next<ServerSignal>(s => s.Value == 1);
    }

    [Fact]
    public async Task A_closed_port_is_proof_after_three_refusals_and_a_return_is_seen_soon()
    {
        await server.DisposeAsync();
        Probe(zones: ["a"]);
        var said = engine.Next<ServerSignal>();
        Assert.Equal((0, Evidence.Proof, "port unreachable, 3 in a row"), (said.Value, said.Evidence, said.Detail));
        await using var back = new FakeDnsServer(server.Address.Port);
        engine.Next<ServerSignal>(s => s.Value == 1);
    }

    [Fact]
    public void One_lost_zone_answer_spoils_the_complete_read_and_nothing_else()
    {
        var lost = 0;
        server.Udp = r => FakeDnsServer.ZoneOf(r) == "b" && lost++ < 3 ? [] : [FakeDnsServer.Soa(r, 1)];
        Probe(zones: ["a", "b"]);
        engine.Next<ServerSignal>(s => s.Value == 1);
        engine.Next<ChannelRead>(c => c.Channel == "p/zones");
        Assert.True(lost > 3);
        Assert.DoesNotContain(engine.All, i => i.Input is ServerSignal { Value: not 1 });
    }

    [Fact]
    public void Many_zones_are_spread_over_their_interval_and_all_are_read()
    {
        var zones = Enumerable.Range(0, 300).Select(i => $"z{i}").ToArray();
        Probe(zones, zoneInterval: 300, rate: 2000);
        engine.Next<ChannelRead>(c => c.Channel == "p/zones");
        Assert.Equal(300, engine.All.Select(i => i.Input).OfType<ZoneSignal>().Where(z => z.Measure == Measure.Serial).Select(z => z.Zone).Distinct().Count());
        // 100 in each interval of 100 ms, in two groups with a socket each
        Assert.InRange(server.Seen.Select(s => s.Port).Distinct().Count(), 6, 12);
    }

    [Fact]
    public async Task The_rate_is_kept_and_zones_that_are_too_many_for_it_are_refused_with_the_reason()
    {
        engine.View = engine.View with { Zones = [.. Enumerable.Range(0, 100).Select(i => $"z{i}")] };
        Probe(null, zoneInterval: 400, rate: 100);
        var lost = engine.Next<ChannelLost>();
        Assert.Equal("p/zones", lost.Channel);
        Assert.Contains("100 zones at 100 queries/s take longer than the zone-interval of 400ms", lost.Why, StringComparison.Ordinal);
        engine.Next<ServerSignal>(s => s.Value == 1); // for the root
        engine.View = engine.View with { Zones = ["z1", "z2"] };
        engine.Next<ChannelOpened>(c => c.Channel == "p/zones");
        engine.Next<ZoneSignal>(z => z.Zone == "z2");
        var before = server.Seen.Count;
        await Task.Delay(1000);
        Assert.InRange(server.Seen.Count - before, 1, 110);
    }

    [Fact]
    public void A_set_of_zones_that_changes_is_followed()
    {
        engine.View = engine.View with { Zones = ["a"] };
        Probe(null);
        engine.Next<ZoneSignal>(z => z.Zone == "a");
        engine.View = engine.View with { Zones = ["a", "b"], Version = 1 };
        engine.Next<ZoneSignal>(z => z.Zone == "b");
    }

    [Fact]
    public void Over_TCP_it_answers_on_a_channel_of_its_own_and_a_refusal_there_is_no_proof()
    {
        Probe(zones: [], tcp: 200);
        engine.Next<ServerSignal>(s => s is { Channel: "p/tcp", Value: 1 });
        Assert.NotEmpty(server.SeenTcp);
    }

    [Fact]
    public async Task While_UDP_fails_TCP_is_asked_at_the_same_pace()
    {
        server.Udp = _ => [];
        Probe(zones: [], tcp: 60_000);
        engine.Next<ServerSignal>(s => s is { Channel: "p", Value: Signal.Absent });
        await Task.Delay(1000);
        Assert.True(server.SeenTcp.Count >= 4, $"{server.SeenTcp.Count}");
        server.Udp = r => [FakeDnsServer.Soa(r, 1)];
        engine.Next<ServerSignal>(s => s is { Channel: "p", Value: 1 });
        await Task.Delay(300);
        var asked = server.SeenTcp.Count;
        await Task.Delay(600);
        Assert.InRange(server.SeenTcp.Count - asked, 0, 1);
    }

    [Fact]
    public void A_reference_speaks_of_zones_only()
    {
        server.Udp = r => [FakeDnsServer.Soa(r, 9, left: 3500)];
        Start(Plan(["a"], 100, 500) with { Standing = Standing.Reference });
        engine.Next<ZoneSignal>(z => z is { Channel: "p", Zone: "a", Measure: Measure.Serial, Value: 9 });
        engine.Next<ChannelRead>(c => c.Channel == "p");
        Assert.DoesNotContain(engine.All, i => i.Input is ServerSignal or ZoneSignal { Measure: Measure.RefreshFailures });
    }

    [Fact]
    public void A_name_that_is_none_does_no_harm()
    {
        Probe(zones: ["a..b", "ok"]);
        engine.Next<ZoneSignal>(z => z.Zone == "ok");
        Assert.DoesNotContain(engine.All, i => i.Input is ZoneSignal { Zone: "a..b" });
    }

    void Probe(string[]? zones, int tcp = 0, int zoneInterval = 100, int rate = 500) =>
        Start(Plan(zones, zoneInterval, rate) with { TcpInterval = TimeSpan.FromMilliseconds(tcp) });

    ProbePlan Plan(string[]? zones, int zoneInterval, int rate) => new()
    {
        Server = "ns1",
        Channel = "p",
        Address = server.Address,
        Zones = zones,
        Interval = TimeSpan.FromMilliseconds(100),
        ZoneInterval = TimeSpan.FromMilliseconds(zoneInterval),
        Timeout = TimeSpan.FromMilliseconds(80),
        Tries = 3,
        Rate = rate,
        Expire = true,
    };

    void Start(ProbePlan plan) => running = new ProbeSource([plan]).RunAsync(engine, stop.Token);
}
