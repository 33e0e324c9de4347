using System.Buffers.Binary;
using System.Collections.Concurrent;
using Oops.Core;
using Oops.Keys;
using Oops.Sources.Keys;
using Oops.Tests.Dns;
using Oops.Tests.Engine;
using Oops.Tests.Keys;
using Oops.Tests.Native;
using Oops.Wire.Dns;
using Xunit;
using Rr = Oops.Tests.Keys.KeyAnswersTests.Rr;

namespace Oops.Tests.Sources.Keys;

/// <summary>When the watch looks at what, by a clock that the test moves: while it stands still nobody's patience ends.</summary>
public sealed class KeysWatchTests : IAsyncDisposable
{
    const string Channel = "keys/ns1", Parent = "keys/ns1/parent", Zones = "keys/ns1/zones";

    static readonly KeyData Key = Made.Key("old");

    readonly FakeDnsServer server = new(), parent = new();
    readonly TemporaryFolder folder = new();
    readonly CancellationTokenSource stop = new();
    readonly FakeTime time = new();
    readonly RecordingEngine engine;
    readonly ConcurrentDictionary<string, int> looked = [];
    Task running = Task.CompletedTask;
    volatile bool parentSilent;
    volatile uint serial = 1;
    int serials;
    volatile Func<string, DnsType, bool> silent = (_, _) => false;
    volatile Func<string, bool> refused = _ => false;

    public KeysWatchTests()
    {
        engine = new(time);
        server.Udp = request => Served(request) is { } answer ? [answer] : [];
        parent.Udp = request => parentSilent ? [] : [Delegated(request)];
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await server.DisposeAsync();
        await parent.DisposeAsync();
        stop.Dispose();
        folder.Dispose();
    }

    void Start(IReadOnlyList<string>? zones, Func<KeysTarget, KeysTarget>? change = null)
    {
        var target = new KeysTarget
        {
            Server = "ns1",
            Addresses = [new("127.0.0.1", server.Address)],
            Zones = zones,
            Refresh = new(TimeSpan.FromHours(1), TimeSpan.FromHours(1)),
            Retry = new(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(20)),
            Spacing = TimeSpan.Zero,
            Timeout = TimeSpan.FromSeconds(3),
            Grace = TimeSpan.FromMinutes(10),
            Folder = folder.Path,
        };
        running = new KeysSource(change?.Invoke(target) ?? target).RunAsync(engine, stop.Token);
    }

    byte[]? Served(byte[] request)
    {
        var (id, zone, type) = Question(request);
        if (type == DnsType.Soa) Interlocked.Increment(ref serials);
        if (type == DnsType.Dnskey) looked.AddOrUpdate(zone.ToString(), 1, (_, n) => n + 1);
        if (silent(zone.ToString(), type)) return null;
        if (refused(zone.ToString())) return KeyAnswersTests.Message(id, zone, type, [], flags: 0, rcode: DnsRcode.Refused);
        if (type == DnsType.Soa) return FakeDnsServer.Soa(request, serial);
        return KeyAnswersTests.Message(id, zone, type, type == DnsType.Dnskey ? [new(zone, DnsType.Dnskey, Key.Data), new(zone, DnsType.Rrsig, KeyAnswersTests.Signature(Key, DateTimeOffset.UnixEpoch.AddYears(100)))] : []);
    }

    static byte[] Delegated(byte[] request)
    {
        var (id, zone, type) = Question(request);
        return KeyAnswersTests.Message(id, zone, type, [new Rr(zone, DnsType.Ds, Key.Ds(zone).Data, 3600)]);
    }

    static (ushort Id, DnsName Zone, DnsType Type) Question(byte[] request)
    {
        var reader = new DnsReader(request);
        reader.TryReadQuestion(out var zone, out var type, out _);
        return (BinaryPrimitives.ReadUInt16BigEndian(request), zone, type);
    }

    /// <summary>Moves the clock until it is so: fast while nobody waits for an answer, else second by second.</summary>
    async Task UntilAsync(TimeSpan most, Func<bool> so)
    {
        var end = time.GetUtcNow() + most;
        while (!so())
        {
            Assert.True(time.GetUtcNow() < end, $"it is not so after {most}: {string.Join("; ", engine.All.Select(a => a.Input))}");
            time.Advance(time.Next is { } next && next > TimeSpan.FromSeconds(10) ? next - TimeSpan.FromSeconds(5) : TimeSpan.FromSeconds(1));
            // What waited goes on, on other threads.
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    static async Task SoonAsync(Func<bool> so)
    {
        for (var i = 0; i < 3000 && !so(); i++) await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.True(so());
    }

    bool IsLost(string channel) => engine.All.Any(a => a.Input is ChannelLost lost && lost.Channel == channel);

    /// <summary>What is said last of the zones of which somebody is silent.</summary>
    string? Named => engine.All.Select(a => a.Input).OfType<Signal>().LastOrDefault(s => s.Channel == Zones) is ChannelLost lost ? lost.Why : null;

    ZoneSignal[] Fits => [.. engine.All.Select(a => a.Input).OfType<ZoneSignal>().Where(s => s.Measure == Measure.Delegation)];

    [Fact]
    public void A_zone_whose_server_does_not_answer_delays_no_other()
    {
        silent = (zone, type) => zone == "a.test" && type != DnsType.Soa;
        Start(["a.test", "b.test"]);
        engine.Next<ZoneSignal>(s => s.Zone == "b.test");
        Assert.DoesNotContain(engine.All, a => a.Input is ZoneSignal { Zone: "a.test" });
    }

    [Fact]
    public async Task Nor_does_one_whose_serial_it_does_not_tell()
    {
        engine.View = new(["a.test"], true, null, 1);
        Start(null);
        engine.Next<ZoneSignal>(s => s.Zone == "a.test");
        // The server is spared for a second after its serials were read.
        time.Advance(TimeSpan.FromSeconds(2));
        silent = (_, type) => type == DnsType.Soa;
        var before = serials;
        Assert.True(engine.Ring("ns1"));
        await SoonAsync(() => serials > before);
        engine.View = new(["a.test", "b.test"], true, null, 2);
        engine.Next<ZoneSignal>(s => s.Zone == "b.test");
    }

    [Fact]
    public async Task So_many_zones_are_looked_at_at_once_and_no_more()
    {
        silent = (_, type) => type != DnsType.Soa;
        Start([.. Enumerable.Range(0, 50).Select(i => $"z{i}.test")]);
        await SoonAsync(() => looked.Count >= 16);
        await Task.Delay(300, TestContext.Current.CancellationToken);
        Assert.Equal(16, looked.Count);
        // Two tries, three seconds each.
        await UntilAsync(TimeSpan.FromSeconds(60), () => looked.Count == 50);
    }

    [Fact]
    public async Task A_serial_that_is_new_during_a_look_is_looked_at_when_that_is_over()
    {
        Start(["a.test"]);
        engine.Next<ZoneSignal>(s => s.Zone == "a.test");
        time.Advance(TimeSpan.FromSeconds(2));
        silent = (_, type) => type == DnsType.Dnskey;
        engine.View = new([], false, 4711, 1);
        await SoonAsync(() => looked["a.test"] == 2);
        serial = 2;
        var before = serials;
        Assert.True(engine.Ring("ns1"));
        await SoonAsync(() => serials > before);
        // The second try, and then not the five minutes of a look that failed.
        await UntilAsync(TimeSpan.FromSeconds(30), () => looked["a.test"] == 4);
    }

    [Fact]
    public async Task A_zone_that_leaves_while_it_is_looked_at_is_not_told_of()
    {
        silent = (zone, type) => zone == "a.test" && type != DnsType.Soa;
        engine.View = new(["a.test", "b.test"], true, null, 1);
        Start(null);
        await SoonAsync(() => looked.ContainsKey("a.test"));
        engine.View = new(["b.test", "c.test"], true, null, 2);
        engine.Next<ZoneSignal>(s => s.Zone == "c.test");
        silent = (_, _) => false;
        await UntilAsync(TimeSpan.FromSeconds(30), () => looked["a.test"] == 2);
        await UntilAsync(TimeSpan.FromHours(2), () => looked["b.test"] == 2);
        Assert.DoesNotContain(engine.All, a => a.Input is ZoneSignal { Zone: "a.test" });
    }

    [Fact]
    public async Task What_was_claimed_of_a_zone_ends_when_it_leaves()
    {
        engine.View = new(["a.test", "b.test"], true, null, 1);
        Start(null, t => t with { Parents = [new("198.51.100.1", parent.Address)] });
        await SoonAsync(() => Fits.Length == 2);
        engine.View = new(["b.test"], true, null, 2);
        ZoneSignal[] Ended() => [.. engine.All.Select(a => a.Input).OfType<ZoneSignal>().Where(s => s.Value == Signal.Unsaid)];
        await SoonAsync(() => Ended().Length == 3);
        Assert.Equal([(Channel, "a.test", Measure.Keys), (Parent, "a.test", Measure.CdsWanted), (Parent, "a.test", Measure.Delegation)], Ended().Select(s => (s.Channel, s.Zone, s.Measure)));
    }

    [Fact]
    public async Task Zones_that_the_server_does_not_have_are_named_with_the_reason_and_of_many_the_first()
    {
        refused = zone => zone == "d1.exampl";
        Start(["a.test", "d1.exampl"]);
        await UntilAsync(TimeSpan.FromSeconds(10), () => Named is not null);
        Assert.Equal("1 of 2 zones: d1.exampl: 127.0.0.1: DNSKEY: REFUSED", Named);
        Assert.False(IsLost(Channel));
        refused = _ => false;
        await UntilAsync(TimeSpan.FromMinutes(10), () => Named is null);
    }

    [Fact]
    public async Task Of_many_zones_that_are_silent_it_is_said_how_many_and_not_with_each_look()
    {
        refused = zone => zone != "z9.test";
        Start([.. Enumerable.Range(0, 10).Select(i => $"z{i}.test")], t => t with { Spacing = TimeSpan.FromSeconds(1) });
        await UntilAsync(TimeSpan.FromMinutes(3), () => Named?.StartsWith("9 of 10", StringComparison.Ordinal) == true);
        Assert.Equal("9 of 10 zones: z0.test: 127.0.0.1: DNSKEY: REFUSED; z1.test: 127.0.0.1: DNSKEY: REFUSED; z2.test: 127.0.0.1: DNSKEY: REFUSED; and 6 more", Named);
        Assert.Equal(1, engine.All.Count(a => a.Input is ChannelLost { Channel: Zones }));
    }

    [Fact]
    public async Task A_server_of_the_parent_that_tells_of_no_zone_is_named_and_one_that_tells_no_more()
    {
        await using var dead = new FakeDnsServer { Udp = _ => [] };
        Start(["a.test"], t => t with { Parents = [new("198.51.100.1", parent.Address), new("198.51.100.2", dead.Address)] });
        await UntilAsync(TimeSpan.FromMinutes(1), () => Named is not null);
        Assert.Equal("198.51.100.2 told of no zone: DS: no answer over UDP", Named);
        dead.Udp = request => [Delegated(request)];
        parentSilent = true;
        await UntilAsync(TimeSpan.FromHours(2), () => Named?.Contains("198.51.100.1", StringComparison.Ordinal) == true);
        Assert.Equal("1 of 1 zones: a.test: 198.51.100.1: DS: no answer over UDP", Named);
    }

    [Fact]
    public async Task When_the_disk_is_back_what_it_has_counts_and_what_changed_is_told()
    {
        var state = folder.File("state");
        using (var store = new KeyStore(state, TimeProvider.System))
        {
            var known = new ZoneKeys().Take(Made.Look(Made.Start, Made.Set(Key, Made.Key("gone"))), out _);
            Assert.Null(await store.OpenAsync(TestContext.Current.CancellationToken));
            foreach (var zone in new[] { "a.test", "b.test" }) Assert.Null(await store.WriteAsync(new("ns1", zone, known), TestContext.Current.CancellationToken));
        }

        Directory.Move(state, folder.File("away"));
        await File.WriteAllTextAsync(state, "", TestContext.Current.CancellationToken);
        silent = (zone, type) => zone == "b.test" && type != DnsType.Soa;
        Start(["a.test", "b.test"], t => t with { Folder = state });
        await SoonAsync(() => looked.ContainsKey("a.test") && looked.ContainsKey("b.test"));
        Assert.Contains("not stored", engine.Next<ChannelLost>(c => c.Channel == "keys/ns1/keys.db").Why, StringComparison.Ordinal);
        File.Delete(state);
        Directory.Move(folder.File("away"), state);

        // One that was heard meanwhile, and one that is heard later.
        ZoneSignal? Told(string zone) => engine.All.Select(a => a.Input).OfType<ZoneSignal>().FirstOrDefault(s => s.Zone == zone && s.Measure == Measure.Keys);
        await UntilAsync(TimeSpan.FromSeconds(30), () => Told("a.test") is not null);
        silent = (_, _) => false;
        await UntilAsync(TimeSpan.FromMinutes(10), () => Told("b.test") is not null);
        foreach (var zone in new[] { "a.test", "b.test" }) Assert.Equal($"removed {Made.Key("gone")}", Told(zone)!.Detail);
        Assert.Contains(engine.All, a => a.Input is ChannelOpened { Channel: "keys/ns1/keys.db" });
    }

    [Fact]
    public async Task One_answer_of_the_parent_that_is_lost_ends_nothing_and_is_asked_for_again_soon()
    {
        Start(["d1.test"], t => t with { Parents = [new("198.51.100.1", parent.Address)] });
        await SoonAsync(() => Fits.Length == 1);
        Assert.Equal((0, null), (Fits[0].Value, Fits[0].Detail));
        parentSilent = true;
        await UntilAsync(TimeSpan.FromHours(2), () => Fits.Length == 2 || IsLost(Parent));
        Assert.False(IsLost(Parent) || IsLost(Channel));
        Assert.Equal(0, Fits[1].Value);
        Assert.Matches(@"^the parent was not heard since 2026-01-02 04:04:05Z: the DS of then is judged \(198\.51\.100\.1: DS: no answer over UDP\)$", Fits[1].Detail);

        // Not an hour later, but five minutes, then ten.
        var before = time.GetUtcNow();
        await UntilAsync(TimeSpan.FromMinutes(20), () => Fits.Length == 4);
        Assert.InRange(time.GetUtcNow() - before, TimeSpan.FromMinutes(12), TimeSpan.FromMinutes(16));

        parentSilent = false;
        await UntilAsync(TimeSpan.FromMinutes(25), () => Fits.Length == 5);
        Assert.Equal((0, null), (Fits[4].Value, Fits[4].Detail));
    }

    [Fact]
    public async Task A_parent_that_was_not_heard_for_three_intervals_is_lost()
    {
        Start(["d1.test"], t => t with { Parents = [new("198.51.100.1", parent.Address)] });
        await SoonAsync(() => Fits.Length == 1);
        parentSilent = true;
        await UntilAsync(TimeSpan.FromHours(4), () => IsLost(Parent));
        Assert.InRange(time.GetUtcNow() - new DateTimeOffset(2026, 1, 2, 4, 4, 5, TimeSpan.Zero), TimeSpan.FromHours(3), TimeSpan.FromHours(3.5));
        var lost = engine.Next<ChannelLost>(c => c.Channel != Zones);
        Assert.Equal((Parent, "d1.test: 198.51.100.1: DS: no answer over UDP"), (lost.Channel, lost.Why));
        parentSilent = false;
        var said = Fits.Length;
        await UntilAsync(TimeSpan.FromMinutes(30), () => Fits.Length > said);
        Assert.Equal(0, Fits[^1].Value);
    }
}
