using System.Collections.Concurrent;
using Oops.Core;
using Oops.Engine;
using Oops.Sources.Knot.Gate;
using Oops.Sources.Verify;
using Oops.Tests.Sources.Knot.Gate;
using Oops.Tests.Wire.Dns;
using Oops.Tests.Zones;
using Oops.Tests.Zones.Verification;
using Oops.Wire.Dns;
using Oops.Zones;
using Oops.Zones.Verification;
using Xunit;

namespace Oops.Tests.Sources.Verify;

/// <summary>Who waits at a gate does not wait for what is judged besides, nor for zones that are not judged; and what was let in is seen when it is served.</summary>
public sealed class VerifyGateTests : IAsyncDisposable
{
    const string One = "one.test", Two = "two.test";

    readonly FakePrimary primary = new();
    readonly FakePrimary waiting = new();
    readonly ScriptedKnot knot = new ScriptedKnot().Begin();
    readonly RecordingEngine engine = new() { View = new(ZoneSet.Of([One, Two]), true, 1, 1) };
    readonly CancellationTokenSource stop = new();
    readonly string folder = Directory.CreateTempSubdirectory("oops-verified-").FullName;
    VerifySource source = null!;
    Task running = Task.CompletedTask;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await knot.DisposeAsync();
        await primary.DisposeAsync();
        await waiting.DisposeAsync();
        stop.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    VerifyTarget Target => new()
    {
        Server = "ns1",
        From = [new Primary(primary.Address)],
        Options = new VerifyOptions { Now = 0, Keep = true },
        Folder = folder,
    };

    VerifyTarget AtKnot => Target with
    {
        Gate = new KnotGateOptions { Control = knot.Path, NewZone = DumpPath.Parse(Path.Combine(folder, "%s.zone"), out _), Deadline = TimeSpan.FromSeconds(20) },
    };

    [Fact]
    public async Task A_version_that_waits_does_not_wait_for_what_is_judged_of_another_zone()
    {
        using var slow = new Slow();
        primary.Serve = (query, wire) => wire.SendAsync(Version(query, 5, 1, ns: NameOf(query) != One));
        waiting.Serve = (query, wire) => wire.SendAsync(Version(query, 6, 1));
        Start(Target with { Options = new VerifyOptions { Now = 0, Keep = true, Policy = slow } });
        Assert.True(slow.Begun.Wait(TimeSpan.FromSeconds(30), Stop));
        // The other one has been transferred, and is to be judged next.
        await Task.Delay(1000, Stop);
        var report = await source.JudgeWaitingAsync(source.Find(Two)!, waiting.Address, Assert.Fail, engine, Stop).WaitAsync(TimeSpan.FromSeconds(10), Stop);
        Assert.Equal((true, 6u), (report!.Pass, report.Serial!.Value));
    }

    [Fact]
    public async Task A_version_that_waits_does_not_wait_for_another_that_does()
    {
        primary.Serve = (query, wire) => wire.SendAsync(Version(query, 5, 1));
        using var slow = new Slow();
        waiting.Serve = (query, wire) => wire.SendAsync(Version(query, 6, 1, ns: NameOf(query) != One));
        Start(Target with { Options = new VerifyOptions { Now = 0, Keep = true, Policy = slow } });
        engine.Next<ChannelRead>();
        var one = source.JudgeWaitingAsync(source.Find(One)!, waiting.Address, Assert.Fail, engine, Stop);
        Assert.True(slow.Begun.Wait(TimeSpan.FromSeconds(30), Stop));
        Assert.True((await source.JudgeWaitingAsync(source.Find(Two)!, waiting.Address, Assert.Fail, engine, Stop).WaitAsync(TimeSpan.FromSeconds(10), Stop))!.Pass);
        slow.Go.Set();
        Assert.False((await one)!.Pass);
    }

    [Fact]
    public void Zones_that_are_not_judged_hold_no_place_of_the_gate()
    {
        primary.Serve = (query, wire) => wire.SendAsync(Version(query, 5, 1));
        foreach (var strange in (string[])["a.test", "b.test", "c.test", "d.test", "e.test"])
            knot.Hold(strange, 1);
        knot.Hold(One, 6);
        File.WriteAllText(Path.Combine(folder, $"{One}.zone"), $"{One}. 60 SOA ns host 6 2 3 4 5\n{One}. 60 NS ns.other.\n");
        Start(AtKnot);
        var told = new ConcurrentDictionary<string, ZoneTold>();
        while (told.Count < 6)
        {
            var next = engine.Next<ZoneTold>();
            told[next.Zone] = next;
        }

        Assert.Equal("let in", told[One].What);
        Assert.Equal("kept out", told["a.test"].What);
        Assert.Contains("a.test is not among the zones that are judged", told["a.test"].Says, StringComparison.Ordinal);
    }

    [Fact]
    public void The_gate_needs_no_key()
    {
        primary.Serve = (query, wire) => wire.SendAsync(Version(query, 5, 1));
        knot.Hold(One, 6);
        File.WriteAllText(Path.Combine(folder, $"{One}.zone"), $"{One}. 60 SOA ns host 6 2 3 4 5\n{One}. 60 NS ns.other.\n");
        var keys = Path.Combine(folder, "no-such-file");
        Start(AtKnot with { Keys = keys, From = [new Primary(primary.Address) { Key = DnsNameTests.Name("key") }] });
        Assert.Equal("let in", engine.Next<ZoneTold>().What);
        Assert.Contains(keys, engine.All.Select(static a => a.Input).OfType<ChannelLost>().First(static l => l.Channel == "verify/ns1").Why, StringComparison.Ordinal);
        Assert.Empty(primary.Asked);
    }

    [Fact]
    public async Task What_was_let_in_is_looked_at_until_it_is_served()
    {
        primary.Serve = (query, wire) => wire.SendAsync(Version(query, 5, 1));
        waiting.Serve = (query, wire) => wire.SendAsync(Version(query, 6, 2));
        Start(Target with { Zones = [One] });
        engine.Next<ChannelRead>();
        Assert.True((await source.JudgeWaitingAsync(source.Find(One)!, waiting.Address, Assert.Fail, engine, Stop))!.Pass);
        // The server takes a while for it, and nobody tells of its serial; the interval is an hour.
        engine.None<ZoneSignal>(1000, static s => s.Detail == "serial 6");
        // Of another process of the server nothing was said yet.
        engine.View = engine.View with { Pid = 2 };
        Assert.Equal("serial 5", engine.Next<ZoneSignal>(static s => s.Measure == Measure.Invalid).Detail);
        primary.Serve = waiting.Serve;
        Assert.Equal(0, engine.Next<ZoneSignal>(static s => s.Measure == Measure.Invalid && s.Detail == "serial 6").Value);
        var asked = primary.Asked.Count;
        await Task.Delay(3000, Stop);
        Assert.Equal(asked, primary.Asked.Count);
    }

    [Fact]
    public async Task What_is_kept_out_is_counted_once_for_each_version()
    {
        primary.Serve = (query, wire) => wire.SendAsync(Version(query, 5, 1));
        Start(Target with { Zones = [One] });
        engine.Next<ChannelRead>();
        foreach (var serial in (uint[])[6, 6, 7])
        {
            waiting.Serve = (query, wire) => wire.SendAsync(Version(query, serial, 1, ns: false));
            Assert.False((await source.JudgeWaitingAsync(source.Find(One)!, waiting.Address, Assert.Fail, engine, Stop))!.Pass);
        }

        Assert.Equal(2, Count("refused"));
    }

    [Fact]
    public async Task A_version_that_mends_what_was_wrong_with_records_on_their_way_is_let_in()
    {
        // Two TTLs in one set, of which the version that is held does not know which record had which.
        primary.Serve = (query, wire) => wire.SendAsync(Mended(query, 5, 7));
        waiting.Serve = (query, wire) => wire.SendAsync(Mended(query, 6, 5));
        Start(Target with { Zones = [One], Options = new VerifyOptions { Now = 0, Keep = true, Policy = new Dictionary<ZoneFault, Severity> { [ZoneFault.TtlMismatch] = Severity.Error } } });
        Assert.Equal(1, engine.Next<ZoneSignal>(static s => s.Measure == Measure.Invalid).Value);
        var report = (await source.JudgeWaitingAsync(source.Find(One)!, waiting.Address, Assert.Fail, engine, Stop))!;
        Assert.Equal((6u, ""), (report.Serial!.Value, string.Join(' ', report.Findings.Select(static f => f.Fault).Where(static f => f == "ttl-mismatch"))));
        Assert.True(report.Pass);
    }

    [Fact]
    public async Task A_standby_that_is_behind_is_not_what_is_served_while_the_first_cannot_be_asked()
    {
        await using var standby = new FakePrimary { Serve = (query, wire) => wire.SendAsync(Version(query, 4, 1)) };
        primary.Serve = (query, wire) => wire.SendAsync(Version(query, 5, 1));
        Start(Target with { Zones = [One], From = [new Primary(primary.Address), new Primary(standby.Address)] });
        engine.Next<ChannelRead>();
        primary.Serve = (query, wire) => wire.SendAsync(new TransferMessage(FakePrimary.IdOf(query), One, FakePrimary.TypeOf(query), DnsHeader.Qr | (ushort)DnsRcode.Refused).Bytes());
        engine.Known[One] = 6;
        Assert.True(engine.Ring("ns1"));
        engine.None<ZoneSignal>(2000, static s => s.Measure == Measure.Invalid && s.Detail!.StartsWith("serial 4", StringComparison.Ordinal));
        Assert.Equal(1, Count("looks_failed"));
        Assert.Equal(5u, source.Find(One)!.Report!.Serial);
        Assert.Equal([DnsType.Ixfr], standby.Asked);
        Assert.Contains("REFUSED", source.Find(One)!.Trouble!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Seconds_that_are_left_are_counted_from_now_and_the_verdict_says_when_it_was_made()
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        using var signed = new SignedZone("$TTL 60\n@ SOA ns1 host 1 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.1\n", One) { Begins = now - 60, Expires = now + 600 };
        signed.Sign();
        primary.Serve = (query, wire) =>
        {
            var message = new TransferMessage(FakePrimary.IdOf(query), One, FakePrimary.TypeOf(query), ttl: 60);
            var soa = signed.One(One, DnsType.Soa);
            message.Record(One, DnsType.Soa, soa.Data);
            foreach (var record in signed.Records.Where(static r => r.Type != DnsType.Soa))
                message.Record(record.Owner.ToString(), record.Type, record.Data);
            return wire.SendAsync(message.Record(One, DnsType.Soa, soa.Data).Bytes());
        };
        Start(Target with { Zones = [One] });
        engine.Next<ChannelRead>();
        await Task.Delay(2100, Stop);
        var (made, read) = (source.Find(One)!.Report!, source.Find(One)!.ReportNow!);
        Assert.InRange(read.Earliest!.SecondsLeft, made.Earliest!.SecondsLeft - 60, made.Earliest.SecondsLeft - 2);
        Assert.Equal(made.Earliest.Expires, read.Judged!.Value.AddSeconds(made.Earliest.SecondsLeft));
    }

    [Fact]
    public void Zones_that_cannot_be_had_are_told_of_with_the_reason_until_they_can()
    {
        string[] names = ["a.test", "b.test", "c.test", "d.test", "e.test"];
        primary.Serve = (query, wire) => wire.SendAsync(new TransferMessage(FakePrimary.IdOf(query), NameOf(query), FakePrimary.TypeOf(query), DnsHeader.Qr | (ushort)DnsRcode.Refused).Bytes());
        Start(Target with { Zones = names, Interval = TimeSpan.FromSeconds(1) });
        Assert.Contains(source.Covers, static c => c.Name == "verify/ns1/zones");
        var lost = engine.Next<ChannelLost>(static l => l.Channel == "verify/ns1/zones" && l.Why.Contains("5 zones", StringComparison.Ordinal));
        Assert.StartsWith("verify: 5 zones cannot be had: ", lost.Why, StringComparison.Ordinal);
        Assert.Equal(3, lost.Why.Split($"(from {new Primary(primary.Address)}: REFUSED)").Length - 1);
        Assert.EndsWith(", and 2 more", lost.Why, StringComparison.Ordinal);
        primary.Serve = (query, wire) => wire.SendAsync(Version(query, 5, 1));
        engine.Next<ChannelOpened>(static o => o.Channel == "verify/ns1/zones");
    }

    long Count(string name) => source.Counted.Single(c => c.Name == name).Value;

    void Start(VerifyTarget target)
    {
        source = new VerifySource(target);
        running = Task.Run(() => source.RunAsync(engine, stop.Token), Stop);
    }

    static string NameOf(byte[] query)
    {
        new DnsReader(query).TryReadQuestion(out var name, out _, out _);
        return name.ToString();
    }

    static byte[] Version(byte[] query, uint serial, int names, bool ns = true)
    {
        var zone = NameOf(query);
        var message = new TransferMessage(FakePrimary.IdOf(query), zone, FakePrimary.TypeOf(query)).Soa(serial);
        if (FakePrimary.TypeOf(query) == DnsType.Ixfr && FakePrimary.SerialOf(query) >= serial)
            return message.Bytes();
        if (ns)
            message.Record(zone, DnsType.Ns, DnsNameTests.Name("ns.other").Wire.ToArray());
        for (var i = 0; i < names; i++)
            message.Txt($"n{i}.{zone}", "x");
        return message.Soa(serial).Bytes();
    }

    /// <summary>Two records of a set, the second with a TTL of its own; differences replace both.</summary>
    static byte[] Mended(byte[] query, uint serial, uint ttl)
    {
        var message = new TransferMessage(FakePrimary.IdOf(query), One, FakePrimary.TypeOf(query)).Soa(serial);
        if (FakePrimary.TypeOf(query) == DnsType.Ixfr && FakePrimary.SerialOf(query) is var had && had == serial)
            return message.Bytes();
        if (FakePrimary.TypeOf(query) == DnsType.Ixfr)
            return message.Soa(5).Txt($"a.{One}", "y", 7).Soa(serial).Txt($"a.{One}", "y", ttl).Soa(serial).Bytes();
        return message.Record(One, DnsType.Ns, DnsNameTests.Name("ns.other").Wire.ToArray()).Txt($"a.{One}", "x").Txt($"a.{One}", "y", ttl).Soa(serial).Bytes();
    }

    /// <summary>A zone that has no NS is judged for as long as the test wants.</summary>
    sealed class Slow : Dictionary<ZoneFault, Severity>, IReadOnlyDictionary<ZoneFault, Severity>, IDisposable
    {
        public ManualResetEventSlim Begun { get; } = new();

        public ManualResetEventSlim Go { get; } = new();

        bool IReadOnlyDictionary<ZoneFault, Severity>.TryGetValue(ZoneFault key, out Severity value)
        {
            value = default;
            if (key != ZoneFault.NsMissing)
                return false;
            Begun.Set();
            Go.Wait(TimeSpan.FromSeconds(30), CancellationToken.None);
            return false;
        }

        public void Dispose()
        {
            // Whoever still judges goes on.
            Go.Set();
        }
    }
}
