using System.Net;
using Oops.Core;
using Oops.Engine;
using Oops.Sources.Verify;
using Oops.Tests.Wire.Dns;
using Oops.Tests.Zones;
using Oops.Tests.Zones.Verification;
using Oops.Wire.Dns;
using Oops.Zones;
using Oops.Zones.Verification;
using Xunit;

namespace Oops.Tests.Sources.Verify;

public sealed class VerifySourceTests : IAsyncDisposable
{
    const string Zone = "cat.test", Channel = "verify/ns1";

    readonly FakePrimary primary = new();
    readonly RecordingEngine engine = new() { View = new(ZoneSet.Of([Zone]), true, 1, 1) };
    readonly CancellationTokenSource stop = new();
    readonly string folder = Directory.CreateTempSubdirectory("oops-verified-").FullName;
    VerifySource source = null!;
    Task running = Task.CompletedTask;

    public VerifySourceTests() => Serve(5, 3);

    VerifyTarget Target => new()
    {
        Server = "ns1",
        From = [new Primary(primary.Address)],
        Options = new VerifyOptions { Now = 0, Keep = true },
        Folder = folder,
    };

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await primary.DisposeAsync();
        stop.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Each_zone_is_judged_at_once_and_the_round_is_complete()
    {
        Start(Target);
        engine.Next<ChannelOpened>(c => c.Channel == Channel);
        Assert.Equal((Zone, 0L, "serial 5"), Said(Invalid()));
        Assert.Equal(Signal.Absent, engine.Next<ZoneSignal>(s => s.Measure == Measure.SignatureExpiry).Value);
        engine.Next<ChannelRead>();
        Assert.Equal(IPAddress.Loopback, engine.All.Select(a => a.Input).OfType<ZoneSignal>().First().From);
    }

    [Fact]
    public void A_new_serial_that_anybody_hears_of_is_looked_at_and_another_zones_is_not()
    {
        Start(Target);
        engine.Next<ChannelRead>();
        Serve(6, 0, ns: false);
        engine.Known[Zone] = 6;
        Assert.True(engine.Ring("ns1"));
        Assert.Equal((Zone, 1L, $"serial 6: ns-missing at {Zone} NS (none)"), Said(Invalid()));
        Assert.Equal([DnsType.Axfr, DnsType.Ixfr], primary.Asked);

        Assert.True(engine.Ring("ns1"));
        engine.None<ZoneSignal>(500, s => s.Measure == Measure.Invalid);
        Assert.Equal(2, primary.Asked.Count);
    }

    [Fact]
    public void What_was_found_is_said_again_for_another_process_of_the_server()
    {
        Start(Target);
        Invalid();
        engine.View = engine.View with { Pid = 2 };
        Assert.Equal((Zone, 0L, "serial 5"), Said(Invalid()));
    }

    [Fact]
    public void A_zone_that_is_not_the_servers_any_more_is_not_spoken_of()
    {
        Start(Target);
        Invalid();
        engine.View = engine.View with { Zones = ZoneSet.Of(["other.test"]) };
        Assert.Equal(Signal.Unsaid, engine.Next<ZoneSignal>(s => s.Zone == Zone && s.Measure == Measure.Invalid).Value);
        Assert.Null(source.Find(Zone));
        Assert.NotNull(source.Find("other.test"));
    }

    [Fact]
    public void Zones_come_and_go_while_one_of_them_never_ends_its_transfer()
    {
        var names = new ZoneNames();
        int one = names.Intern("one.test"), two = names.Intern("two.test"), three = names.Intern("three.test");
        primary.Serve = (query, wire) => NameOf(query) == "two.test" ? wire.HangAsync() : wire.SendAsync(Small(query, 5));
        engine.View = engine.View with { Zones = new ZoneSet(names, names.Count, z => z == one || z == two) };
        Start(Target with { Limits = new TransferLimits { Idle = TimeSpan.FromMinutes(1) } });
        Assert.Equal("one.test", Invalid().Zone);

        engine.View = engine.View with { Zones = new ZoneSet(names, names.Count, z => z == two || z == three) };
        Assert.Equal(("one.test", Signal.Unsaid), (Invalid() is var ended ? ended.Zone : "", ended.Value));
        Assert.Equal("three.test", Invalid().Zone);
        Assert.Null(source.Find("one.test"));

        // News of one does not wait for the other.
        engine.Known["three.test"] = 6;
        primary.Serve = (query, wire) => wire.SendAsync(Small(query, 6));
        Assert.True(engine.Ring("ns1"));
        Assert.Equal(("three.test", 0L, "serial 6"), Said(Invalid()));
    }

    [Fact]
    public async Task A_serial_that_is_heard_of_while_the_zone_is_transferred_is_looked_at_afterwards()
    {
        var (asked, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        primary.Serve = async (query, wire) =>
        {
            asked.TrySetResult();
            await go.Task;
            await wire.SendAsync(Whole(query, primary.Asked.Count == 1 ? 5u : 6u, 3));
        };
        Start(Target);
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30), Stop);
        engine.Known[Zone] = 6;
        Assert.True(engine.Ring("ns1"));
        await Task.Delay(300, Stop);
        go.SetResult();
        Assert.Equal((Zone, 0L, "serial 5"), Said(Invalid()));
        Assert.Equal((Zone, 0L, "serial 6"), Said(Invalid()));
    }

    [Fact]
    public void A_zone_that_cannot_be_had_keeps_its_verdict_until_that_is_old()
    {
        Start(Target with { Interval = TimeSpan.FromMilliseconds(200), Limits = new TransferLimits { Total = TimeSpan.FromSeconds(1), Idle = TimeSpan.FromSeconds(1) } });
        Assert.Equal(0, Invalid().Value);
        primary.Serve = (query, wire) => wire.SendAsync(new TransferMessage(FakePrimary.IdOf(query), Zone, FakePrimary.TypeOf(query), DnsHeader.Qr | (ushort)DnsRcode.Refused).Bytes());
        var ended = engine.Next<ZoneSignal>(s => s.Measure == Measure.Invalid && s.Value != 0);
        Assert.Equal((Signal.Unsaid, $"from {new Primary(primary.Address)}: REFUSED"), (ended.Value, ended.Detail));
        Assert.Contains(source.Counted, c => c is { Name: "looks_failed", Value: > 1 });
    }

    [Fact]
    public async Task A_version_that_lost_its_names_is_braked_until_a_person_accepts_it()
    {
        var target = Target with { Brake = new SizeLimit(10, 5), Interval = TimeSpan.FromMilliseconds(300) };
        Serve(5, 100);
        Start(target);
        Assert.Equal(0, Invalid().Value);
        Serve(6, 50);
        var braked = engine.Next<ZoneSignal>(s => s is { Measure: Measure.Invalid, Value: 1 });
        Assert.Equal($"serial 6: size-records at {Zone} (52, and 102 in serial 5, the last that passed or was accepted: -49 %), size-rrsets at {Zone} (52, and 102 in serial 5, the last that passed or was accepted: -49 %)", braked.Detail);
        // The next one is compared with the last that passed, not with the one that was refused.
        Serve(7, 51);
        Assert.StartsWith("serial 7: size-records", engine.Next<ZoneSignal>(s => s is { Measure: Measure.Invalid, Value: 1 } && s.Detail!.StartsWith("serial 7", StringComparison.Ordinal)).Detail, StringComparison.Ordinal);
        Assert.Equal(new Acceptance { Serial = 7, Words = "serial 7: size-records at cat.test (53, and 102 in serial 5, the last that passed or was accepted: -48 %), size-rrsets at cat.test (53, and 102 in serial 5, the last that passed or was accepted: -48 %), is served", Taken = true }, await source.AcceptAsync(source.Find(Zone)!, 7, Stop));
        Assert.Equal("serial 7", engine.Next<ZoneSignal>(s => s is { Measure: Measure.Invalid, Value: 0 } && s.Detail == "serial 7").Detail);
        Assert.Equal(7u, new LastPassed(folder).Read(DnsNameTests.Name(Zone), out _)!.Serial);
    }

    [Fact]
    public void A_size_that_cannot_be_compared_is_told_with_the_verdict()
    {
        File.WriteAllText(new LastPassed(folder).PathOf(DnsNameTests.Name(Zone)), "?");
        Start(Target with { Brake = SizeLimit.Usual });
        Assert.Contains("the size is not compared as it should be: ", Invalid().Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Versions_beyond_the_memory_that_is_allowed_are_transferred_whole_each_time()
    {
        Start(Target with { MostHeld = 0, Interval = TimeSpan.FromMilliseconds(100) });
        engine.Next<ChannelRead>();
        engine.Next<ChannelRead>();
        engine.Next<ChannelRead>();
        Assert.All(primary.Asked, t => Assert.Equal(DnsType.Axfr, t));
        Assert.Contains(source.Counted, c => c is { Name: "held_bytes", Value: 0 });
    }

    [Fact]
    public async Task What_waits_at_a_gate_counts_and_what_is_held_gives_way_to_it()
    {
        Start(Target with { MostHeld = 20_000 });
        engine.Next<ChannelRead>();
        Assert.InRange(Held, 1, 20_000);
        // More than all that is allowed: it is judged, and not kept.
        await using var waiting = new FakePrimary { Serve = (query, wire) => wire.SendAsync(Whole(query, 6, 800)) };
        Assert.True((await Coming(source.Find(Zone)!, waiting, Assert.Fail))!.Pass);
        Assert.Equal(0, Held);
        Serve(6, 2);
        engine.Known[Zone] = 6;
        Assert.True(engine.Ring("ns1"));
        Assert.Equal((Zone, 0L, "serial 6"), Said(Invalid()));
        Assert.Equal([DnsType.Axfr, DnsType.Axfr], primary.Asked);
    }

    [Fact]
    public async Task What_is_held_does_not_give_way_to_differences_from_it()
    {
        Serve(5, 1000);
        Start(Target with { MostHeld = 60_000 });
        engine.Next<ChannelRead>();
        Assert.InRange(Held, 30_001, 60_000);
        await using var waiting = new FakePrimary
        {
            Serve = (query, wire) => wire.SendAsync(FakePrimary.TypeOf(query) == DnsType.Axfr
                ? Whole(query, 6, 1001)
                : new TransferMessage(FakePrimary.IdOf(query), Zone, DnsType.Ixfr).Soa(6).Soa(5).Soa(6).Txt($"n1000.{Zone}", "x").Soa(6).Bytes()),
        };
        var report = await Coming(source.Find(Zone)!, waiting, Assert.Fail);
        Assert.Equal((true, 6u, 1003L), (report!.Pass, report.Serial!.Value, report.Numbers.Records));
        Assert.Equal([DnsType.Ixfr], waiting.Asked);
        Assert.InRange(Held, 30_001, 60_000);
    }

    [Fact]
    public async Task A_version_that_waits_elsewhere_is_judged_before_it_is_served()
    {
        Start(Target);
        engine.Next<ChannelRead>();
        await using var waiting = new FakePrimary { Serve = (query, wire) => wire.SendAsync(Whole(query, 6, 3)) };
        var zone = source.Find(Zone)!;
        var report = await Coming(zone, waiting, Assert.Fail);
        Assert.Equal((true, 6u), (report!.Pass, report.Serial!.Value));
        Assert.Equal(5u, zone.Report!.Serial);

        waiting.Serve = (query, wire) => wire.SendAsync(Whole(query, 7, 3, ns: false));
        report = await Coming(zone, waiting, Assert.Fail);
        Assert.Equal((false, 7u), (report!.Pass, report.Serial!.Value));
        Assert.Equal((Zone, 0L, $"serial 5; serial 7: ns-missing at {Zone} NS (none), was kept out"), Said(engine.Next<ZoneSignal>(s => s.Measure == Measure.Invalid && s.Detail!.Contains("kept out", StringComparison.Ordinal))));

        // The server still has the version before both.
        engine.View = engine.View with { Pid = 2 };
        Assert.Equal((Zone, 0L, $"serial 5; serial 7: ns-missing at {Zone} NS (none), was kept out"), Said(Invalid()));
        var why = "";
        await waiting.DisposeAsync();
        Assert.Null(await Coming(zone, waiting, w => why = w));
        Assert.Contains("connection refused", why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_kept_out_does_not_make_signatures_last_longer()
    {
        using var zone = new SignedZone(Text, Zone) { Begins = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60, Expires = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 6 };
        zone.Sign();
        primary.Serve = (query, wire) => wire.SendAsync(Signed(query, zone));
        Start(Target);
        engine.Next<ZoneSignal>(s => s is { Measure: Measure.SignatureExpiry, Value: > 0 and <= 6 });
        await using var waiting = new FakePrimary { Serve = (query, wire) => wire.SendAsync(Whole(query, 2, 3, ns: false)) };
        await Task.Delay(1100, Stop);
        Assert.False((await Coming(source.Find(Zone)!, waiting, Assert.Fail))!.Pass);
        engine.Next<ZoneSignal>(s => s is { Measure: Measure.SignatureExpiry, Value: >= 0 and < 6 } && s.Detail!.Contains("kept out", StringComparison.Ordinal));
        // At the second at which the first one ends it is judged again, though nothing changed and the interval is an hour.
        Assert.Contains("signature-expired", engine.Next<ZoneSignal>(s => s is { Measure: Measure.Invalid, Value: 1 }).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_that_went_back_is_judged_by_what_it_serves()
    {
        Serve(6, 3, ns: false);
        Start(Target);
        Assert.Equal(1, Invalid().Value);
        primary.Serve = (query, wire) => wire.SendAsync(FakePrimary.TypeOf(query) == DnsType.Ixfr ? new TransferMessage(FakePrimary.IdOf(query), Zone, DnsType.Ixfr).Soa(5).Bytes() : Whole(query, 5, 3));
        engine.Known[Zone] = 5;
        Assert.True(engine.Ring("ns1"));
        Assert.Equal((Zone, 0L, "serial 5"), Said(Invalid()));
    }

    [Fact]
    public async Task A_size_that_is_not_what_is_wrong_cannot_be_accepted()
    {
        Serve(5, 100);
        Start(Target with { Brake = new SizeLimit(10, 5) });
        engine.Next<ChannelRead>();
        await using var waiting = new FakePrimary { Serve = (query, wire) => wire.SendAsync(Whole(query, 6, 50)) };
        var zone = source.Find(Zone)!;
        var good = await source.AcceptAsync(zone, 5, Stop);
        Assert.Equal((false, $"{Zone}: serial 5, is served: its size is not what is wrong"), (good.Taken, good.Why));
        Assert.False((await Coming(zone, waiting, Assert.Fail))!.Pass);
        Assert.True((await source.AcceptAsync(zone, 6, Stop)).Taken);
    }

    [Fact]
    public async Task A_person_accepts_the_version_that_was_kept_out()
    {
        Serve(5, 100);
        Start(Target with { Brake = new SizeLimit(10, 5) });
        engine.Next<ChannelRead>();
        await using var waiting = new FakePrimary { Serve = (query, wire) => wire.SendAsync(Whole(query, 6, 50)) };
        var zone = source.Find(Zone)!;
        Assert.False((await Coming(zone, waiting, Assert.Fail))!.Pass);
        Invalid(static s => s.Detail!.Contains("kept out", StringComparison.Ordinal));
        // What came after it was looked at, or is not named, is not what a person has seen.
        Assert.Equal((6u, false), await source.AcceptAsync(zone, null, Stop) is var unsaid ? (unsaid.Serial!.Value, unsaid.Taken) : default);
        Assert.False((await source.AcceptAsync(zone, 5, Stop)).Taken);
        Assert.False((await Coming(zone, waiting, Assert.Fail))!.Pass);
        Assert.True((await source.AcceptAsync(zone, 6, Stop)).Taken);
        // What is served has passed, and is still what it was.
        Assert.Equal(0, Invalid().Value);
        Assert.True((await Coming(zone, waiting, Assert.Fail))!.Pass);
        engine.None<ZoneSignal>(1000, static s => s is { Measure: Measure.Invalid, Value: 1 });
    }

    [Fact]
    public async Task Only_times_by_a_clock_that_nobody_trusts_are_no_verdict_of_a_gate()
    {
        using var zone = new SignedZone(Text, Zone) { Begins = 1_000_000_000, Expires = 1_000_086_400 };
        zone.Sign();
        Start(Target with { IsClockTrusted = static () => false });
        engine.Next<ChannelRead>();
        await using var waiting = new FakePrimary { Serve = (query, wire) => wire.SendAsync(Signed(query, zone)) };
        var why = "";
        Assert.Null(await Coming(source.Find(Zone)!, waiting, w => why = w));
        Assert.Contains("the clock is not to be trusted", why, StringComparison.Ordinal);
        waiting.Serve = (query, wire) => wire.SendAsync(Whole(query, 9, 3, ns: false));
        Assert.False((await Coming(source.Find(Zone)!, waiting, Assert.Fail))!.Pass);
    }

    const string Text = "$TTL 60\n@ SOA ns1 host 1 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.1\n";

    Task<VerifyReport?> Coming(ZoneCase zone, FakePrimary waiting, Action<string> why) => source.JudgeWaitingAsync(zone, waiting.Address, why, engine, Stop);

    static byte[] Signed(byte[] query, SignedZone zone)
    {
        var message = new TransferMessage(FakePrimary.IdOf(query), Zone, FakePrimary.TypeOf(query), ttl: 60);
        var soa = zone.One(Zone, DnsType.Soa);
        message.Record(Zone, DnsType.Soa, soa.Data);
        if (FakePrimary.TypeOf(query) == DnsType.Ixfr)
            return message.Bytes();
        foreach (var record in zone.Records.Where(r => r.Type != DnsType.Soa))
            message.Record(record.Owner.ToString(), record.Type, record.Data);
        return message.Record(Zone, DnsType.Soa, soa.Data).Bytes();
    }

    void Start(VerifyTarget target)
    {
        source = new VerifySource(target);
        running = Task.Run(() => source.RunAsync(engine, stop.Token), Stop);
    }

    void Serve(uint serial, int names, bool ns = true) => primary.Serve = (query, wire) => wire.SendAsync(Whole(query, serial, names, ns));

    static string NameOf(byte[] query)
    {
        new DnsReader(query).TryReadQuestion(out var name, out _, out _);
        return name.ToString();
    }

    static byte[] Small(byte[] query, uint serial) =>
        new TransferMessage(FakePrimary.IdOf(query), NameOf(query), FakePrimary.TypeOf(query)).Soa(serial).Record(NameOf(query), DnsType.Ns, DnsNameTests.Name("ns.other").Wire.ToArray()).Soa(serial).Bytes();

    /// <summary>All of it to whoever asks for all, or has something else; else that it is the newest.</summary>
    static byte[] Whole(byte[] query, uint serial, int names, bool ns = true)
    {
        var message = new TransferMessage(FakePrimary.IdOf(query), Zone, FakePrimary.TypeOf(query)).Soa(serial);
        if (FakePrimary.TypeOf(query) == DnsType.Ixfr && FakePrimary.SerialOf(query) >= serial)
            return message.Bytes();
        if (ns)
            message.Record(Zone, DnsType.Ns, DnsNameTests.Name("ns.other").Wire.ToArray());
        for (var i = 0; i < names; i++)
            message.Txt($"n{i}.{Zone}", "x");
        return message.Soa(serial).Bytes();
    }

    long Held => source.Counted.Single(static c => c.Name == "held_bytes").Value;

    ZoneSignal Invalid(Predicate<ZoneSignal>? which = null) => engine.Next<ZoneSignal>(s => s.Channel == Channel && s.Measure == Measure.Invalid && which?.Invoke(s) != false);

    static (string, long, string?) Said(ZoneSignal signal) => (signal.Zone, signal.Value, signal.Detail);
}
