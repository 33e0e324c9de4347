using System.Net;
using System.Net.Sockets;
using Oops.Core;
using Oops.Dns;
using Oops.Engine;
using Oops.Sources.Notify;
using Oops.Tests.Dns;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Sources.Notify;

public sealed class NotifySourceTests : IAsyncDisposable
{
    readonly NotifyRig rig = new();

    public ValueTask DisposeAsync() => rig.DisposeAsync();

    [Fact]
    public async Task The_serials_of_named_zones_are_read_at_the_start()
    {
        await rig.StartAsync();
        Assert.Equal(NotifyRig.Channel, rig.Engine.Next<ChannelOpened>().Channel);
        ZoneSignal[] told = [rig.NextSerial(), rig.NextSerial()];
        Assert.Equal(
            [new(NotifyRig.Channel, "example.net", Measure.Serial, 100, "127.0.0.1", IPAddress.Loopback), new(NotifyRig.Channel, "other.test", Measure.Serial, 7, "127.0.0.1", IPAddress.Loopback)],
            told.OrderBy(s => s.Zone));
        Assert.Contains(rig.Engine.All, a => a.Input is ZoneSignal { Measure: Measure.RefreshFailures, Value: 0, Zone: "example.net" });
    }

    [Fact]
    public async Task A_NOTIFY_on_either_transport_and_family_is_answered_and_its_serial_told()
    {
        var v6 = Socket.OSSupportsIPv6;
        List<IPEndPoint> listen = [new(IPAddress.Loopback, 0), new(IPAddress.Parse("127.0.0.2"), 0)];
        if (v6)
            listen.Add(new(IPAddress.IPv6Loopback, 0));
        await rig.SettleAsync(rig.Target with { Primary = rig.Server.Address, Listen = new DnsListenerOptions { Addresses = listen } });
        var serial = 100u;
        foreach (var address in rig.Source.Listening!)
        {
            foreach (var tcp in new[] { false, true })
            {
                rig.Serials["example.net"] = ++serial;
                var request = rig.Notify("example.net");
                var reply = tcp ? NotifyRig.AskTcp(address, request) : NotifyRig.Ask(address, request);
                Assert.NotNull(reply);
                Assert.Equal([request[0], request[1], 0xA4, 0x00], reply[..4]); // QR, NOTIFY, AA, NOERROR
                var source = address.Address.Equals(IPAddress.Parse("127.0.0.2")) ? "127.0.0.1" : address.Address.ToString();
                var told = rig.NextSerial();
                Assert.Equal(("example.net", serial), (told.Zone, (uint)told.Value));
                Assert.Contains(told.Detail, new[] { source, "127.0.0.2" });
            }
        }
    }

    [Fact]
    public async Task A_NOTIFY_with_the_known_serial_asks_nothing()
    {
        await rig.SettleAsync();
        rig.Tell("example.net", serial: 100);
        Assert.Equal(1, rig.Source.Counts[NotifyCount.Unchanged]);
        rig.Tell("example.net", serial: 99); // differs: the server decides
        await NotifyRig.UntilAsync("a query", () => rig.Server.Seen.Count == 1);
        rig.Engine.None<ZoneSignal>(150);
        Assert.Single(rig.Server.Seen);
    }

    [Fact]
    public async Task A_serial_that_is_not_newer_is_not_an_update()
    {
        rig.Serials["example.net"] = 0xFFFF_FFF0;
        await rig.SettleAsync();
        var older = 0;
        foreach (var (serial, news) in new[] { (0xFFFF_FFEFu, false), (0x7FFF_FFF0u, false), (5u, true), (0xFFFF_FFF0u, false), (0x8000_0004u, true) })
        {
            rig.Serials["example.net"] = serial;
            rig.Tell("example.net");
            if (news)
            {
                Assert.Equal(serial, (uint)rig.NextSerial().Value);
                continue;
            }

            older++;
            await NotifyRig.UntilAsync("the answer is judged to be older", () => rig.Source.Counts[Count.Older] == older);
            rig.Engine.None<ZoneSignal>(50, s => s.Measure == Measure.Serial);
        }

        Assert.Equal(3, older);
    }

    [Fact]
    public async Task NOTIFYs_that_come_while_a_zone_is_asked_for_are_one_more_question()
    {
        await rig.SettleAsync();
        using var held = new ManualResetEventSlim();
        var asked = 0;
        rig.Answer = _ =>
        {
            if (Interlocked.Increment(ref asked) == 1)
                held.Wait(TimeSpan.FromSeconds(5));
            return null;
        };
        rig.Tell("example.net");
        await NotifyRig.UntilAsync("the first question", () => Volatile.Read(ref asked) == 1);
        for (var i = 0; i < 50; i++)
            rig.Tell("example.net");
        Assert.Equal(49, rig.Source.Counts[NotifyCount.Merged]);
        held.Set();
        await NotifyRig.UntilAsync("the second question", () => Volatile.Read(ref asked) >= 2);
        await Task.Delay(300);
        Assert.InRange(Volatile.Read(ref asked), 2, 3); // the held one may have been sent twice
    }

    [Fact]
    public async Task A_zone_is_asked_for_at_most_once_in_the_spacing()
    {
        await rig.SettleAsync(rig.Target with { Spacing = TimeSpan.FromMilliseconds(400) });
        await Task.Delay(420);
        var begun = Environment.TickCount64;
        while (Environment.TickCount64 - begun < 1000)
        {
            rig.Tell("example.net");
            await Task.Delay(2);
        }

        Assert.InRange(rig.Server.Seen.Count, 2, 4);
    }

    [Fact]
    public async Task What_is_no_NOTIFY_gets_the_code_of_the_RFCs()
    {
        await rig.SettleAsync();
        var plain = rig.Notify("example.net");
        Assert.Equal(DnsRcode.Refused, Rcode(With(plain, 2, 0)));
        Assert.Equal(DnsRcode.NotImp, Rcode(With(plain, 2, 5 << 3)));
        Assert.Equal(DnsRcode.Refused, Rcode(With(plain, ^1, 3)));
        Assert.Equal(DnsRcode.Refused, Rcode(With(plain, ^3, 1)));
        Assert.Equal(DnsRcode.FormErr, Rcode(With(plain, 5, 0)));
        Assert.Equal(DnsRcode.FormErr, Rcode(plain[..^1]));
        Assert.Equal(DnsRcode.Refused, Rcode(rig.Notify("unknown.test")));
        Assert.Null(rig.Ask(plain[..11], 150));
        Assert.Empty(rig.Server.Seen);
        DnsRcode Rcode(byte[] request) => NotifyRig.RcodeOf(rig.Ask(request));
    }

    [Fact]
    public async Task Nobody_notifies_from_an_address_that_is_not_allowed()
    {
        await rig.SettleAsync(rig.Target with { Rules = [new NotifyRule([new PeerPrefix(IPNetwork.Parse("127.0.0.3/32"))], null)] });
        Assert.Equal(DnsRcode.Refused, NotifyRig.RcodeOf(rig.Ask(rig.Notify("example.net"))));
        Assert.Equal(DnsRcode.Refused, NotifyRig.RcodeOf(NotifyRig.AskTcp(rig.Address, rig.Notify("example.net"))));
        Assert.Equal(2, rig.Source.Counts[NotifyCount.Forbidden]);
        Assert.Equal(DnsRcode.NoError, NotifyRig.RcodeOf(NotifyRig.Ask(rig.Address, rig.Notify("example.net"), from: IPAddress.Parse("127.0.0.3"))));
    }

    [Fact]
    public async Task A_zone_that_the_server_does_not_have_is_absent_until_it_answers_again()
    {
        await rig.SettleAsync();
        rig.Answer = Denied(DnsRcode.NxDomain);
        rig.Tell("example.net");
        Assert.Equal(1, rig.Engine.Next<ZoneSignal>(s => s.Measure == Measure.RefreshFailures).Value);
        var absent = rig.NextSerial();
        Assert.Equal((Signal.Absent, "127.0.0.1: NXDOMAIN"), (absent.Value, absent.Detail));
        rig.Answer = null;
        rig.Serials["example.net"] = 90; // an old copy: it is what the server has
        rig.Tell("example.net");
        Assert.Equal(0, rig.Engine.Next<ZoneSignal>(s => s.Measure == Measure.RefreshFailures).Value);
        Assert.Equal(90, rig.NextSerial().Value);
    }

    [Fact]
    public async Task A_name_without_an_SOA_is_no_zone_there()
    {
        await rig.SettleAsync();
        rig.Answer = Denied(DnsRcode.NoError);
        rig.Tell("example.net");
        var absent = rig.NextSerial();
        Assert.Equal((Signal.Absent, "127.0.0.1: no SOA in the answer"), (absent.Value, absent.Detail));
    }

    [Theory]
    [InlineData(DnsRcode.ServFail, "SERVFAIL")]
    [InlineData(DnsRcode.Refused, "REFUSED")]
    [InlineData(DnsRcode.NotAuth, "NOTAUTH")]
    [InlineData(DnsRcode.NxDomain, "NXDOMAIN")]
    public async Task A_server_that_does_not_answer_for_the_zone_has_not_said_that_it_is_gone(DnsRcode rcode, string word)
    {
        await rig.SettleAsync();
        rig.Answer = request => [FakeDnsServer.Soa(request, 0, rcode: rcode)];
        rig.Tell("example.net");
        var failed = rig.Engine.Next<ZoneSignal>();
        Assert.Equal((Measure.RefreshFailures, 1, $"127.0.0.1: {word}"), (failed.Measure, failed.Value, failed.Detail));
        rig.Engine.None<ZoneSignal>(150, s => s.Measure == Measure.Serial);
        rig.Answer = null;
        rig.Serials["example.net"] = 90; // it may have lost the zone meanwhile: an old copy counts
        rig.Tell("example.net");
        Assert.Equal(0, rig.Engine.Next<ZoneSignal>(s => s.Measure == Measure.RefreshFailures).Value);
        Assert.Equal(90, rig.NextSerial().Value);
    }

    [Fact]
    public async Task What_it_counts_adds_up()
    {
        await rig.SettleAsync(rig.Target with { Rules = [new NotifyRule([new PeerPrefix(IPNetwork.Parse("127.0.0.1/32"))], null)] });
        rig.Tell("example.net", serial: 100);
        rig.Ask(rig.Notify("unknown.test"));
        rig.Ask(rig.Notify("example.net")[..^1]);
        NotifyRig.Ask(rig.Address, rig.Notify("example.net"), from: IPAddress.Parse("127.0.0.3"));
        rig.Ask([1, 2, 3], 50);
        var counted = rig.Source.Counted.Where(c => c.Value > 0).ToDictionary(c => c.Name, c => c.Value);
        Assert.Equal(
            new Dictionary<string, long> { ["received"] = 5, ["answered"] = 4, ["unchanged"] = 1, ["not_ours"] = 1, ["malformed"] = 1, ["refused"] = 1, ["dropped"] = 1, ["checks"] = 2, ["zones"] = 2 },
            counted);
        Assert.Equal(SourceCountKind.Level, rig.Source.Counted.Single(c => c.Name == "zones").Kind);
    }

    [Fact]
    public async Task What_another_server_lacks_says_nothing_about_this_one()
    {
        await rig.SettleAsync(rig.Target with { Primary = rig.Server.Address });
        rig.Serials.Remove("example.net", out _);
        rig.Tell("example.net");
        Assert.Equal(1, rig.Engine.Next<ZoneSignal>(s => s.Measure == Measure.RefreshFailures).Value);
        rig.Engine.None<ZoneSignal>(150);
    }

    [Fact]
    public async Task Failures_are_counted_while_it_goes_on_asking_after_retry()
    {
        var fast = new NotifyClamp(TimeSpan.FromMilliseconds(80), TimeSpan.FromMilliseconds(80));
        rig.Answer = _ => [];
        await rig.StartAsync(rig.Target with { Zones = ["example.net"], Retry = fast, Timeout = TimeSpan.FromMilliseconds(60) });
        for (var n = 1; n <= 3; n++)
        {
            var told = rig.Engine.Next<ZoneSignal>();
            Assert.Equal((Measure.RefreshFailures, n, "127.0.0.1: no answer"), (told.Measure, told.Value, told.Detail));
        }

        rig.Answer = null;
        Assert.Equal(0, rig.Engine.Next<ZoneSignal>(s => s.Measure == Measure.RefreshFailures && s.Value < 3).Value);
        Assert.Equal(100, rig.NextSerial().Value);
    }

    [Fact]
    public async Task Zones_are_polled_after_refresh()
    {
        var fast = new NotifyClamp(TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(100));
        await rig.SettleAsync(rig.Target with { Zones = ["example.net"], Refresh = fast });
        rig.Serials["example.net"] = 101;
        Assert.Equal((101L, "127.0.0.1"), (rig.NextSerial() is var told ? told.Value : 0, told.Detail));
    }

    [Fact]
    public async Task An_answer_without_authority_is_none()
    {
        await rig.SettleAsync();
        rig.Answer = request =>
        {
            var answer = FakeDnsServer.Soa(request, 200);
            answer[2] &= 0xFB;
            return [answer];
        };
        rig.Tell("example.net");
        Assert.Equal("127.0.0.1: not authoritative", rig.Engine.Next<ZoneSignal>(s => s.Value == 1).Detail);
    }

    [Fact]
    public async Task A_server_that_does_not_know_EDNS_is_asked_without()
    {
        rig.Answer = request => request[11] == 0 ? null : [[request[0], request[1], 0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0]];
        await rig.StartAsync();
        Assert.Equal(["example.net", "other.test"], new[] { rig.NextSerial().Zone, rig.NextSerial().Zone }.Order());
    }

    [Fact]
    public async Task A_notifier_that_cannot_be_asked_is_no_failure_while_the_server_answers()
    {
        await rig.SettleAsync();
        rig.Serials["example.net"] = 101;
        NotifyRig.Ask(rig.Address, rig.Notify("example.net"), from: IPAddress.Parse("127.0.0.4")); // nobody listens there
        var told = rig.NextSerial();
        Assert.Equal((101L, "127.0.0.4"), (told.Value, told.Detail));
        Assert.DoesNotContain(rig.Engine.All, a => a.Input is ZoneSignal { Measure: Measure.RefreshFailures, Value: > 0 });
    }

    [Fact]
    public async Task NOTIFY_CDS_and_CSYNC_are_signals_of_their_own()
    {
        await rig.SettleAsync();
        rig.Tell("example.net", type: DnsType.Cds);
        var first = rig.Engine.Next<ZoneSignal>();
        Assert.Equal(("example.net", Measure.CdsNotified, "127.0.0.1"), (first.Zone, first.Measure, first.Detail));
        Assert.InRange(first.Value, DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60, DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        rig.Tell("example.net", type: DnsType.Cds);
        Assert.True(rig.Engine.Next<ZoneSignal>(s => s.Measure == Measure.CdsNotified).Value > first.Value);
        rig.Tell("example.net", type: DnsType.Csync);
        Assert.Equal(Measure.CsyncNotified, rig.Engine.Next<ZoneSignal>().Measure);
        Assert.Empty(rig.Server.Seen);
    }

    [Fact]
    public async Task The_expected_zones_of_the_server_are_followed()
    {
        rig.Engine.View = new(["example.net"], true, null, 1);
        await rig.StartAsync(rig.Target with { Zones = null });
        Assert.Equal("example.net", rig.NextSerial().Zone);
        Assert.Equal(DnsRcode.Refused, NotifyRig.RcodeOf(rig.Ask(rig.Notify("other.test"))));
        rig.Engine.View = new(["other.test"], true, null, 2);
        Assert.Equal("other.test", rig.NextSerial().Zone);
        Assert.Equal(DnsRcode.Refused, NotifyRig.RcodeOf(rig.Ask(rig.Notify("example.net"))));
    }

    [Fact]
    public async Task A_listen_address_that_is_taken_is_told_and_tried_again()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();
        var starting = rig.StartAsync(rig.Target with { Listen = new DnsListenerOptions { Addresses = [(IPEndPoint)other.LocalEndPoint!] } });
        Assert.Contains("in use by another process", rig.Engine.Next<ChannelLost>().Why, StringComparison.Ordinal);
        rig.Engine.None<ChannelLost>(200); // told once
        other.Dispose();
        await starting;
        rig.Engine.Next<ChannelOpened>();
    }

    [Fact]
    public async Task It_ends_when_it_is_told_to_and_frees_its_addresses()
    {
        await rig.SettleAsync();
        var address = rig.Address;
        await rig.StopAsync();
        using var again = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        again.Bind(address);
    }

    // An answer with authority and without an SOA.
    static Func<byte[], IEnumerable<byte[]>?> Denied(DnsRcode rcode) => request =>
    [
        [request[0], request[1], 0x84, (byte)rcode, 0, 1, 0, 0, 0, 0, 0, 0, .. request.AsSpan(12, Array.IndexOf(request, (byte)0, 12) + 5 - 12)],
    ];

    static byte[] With(byte[] message, Index at, int value)
    {
        byte[] copy = [.. message];
        copy[at] = (byte)value;
        return copy;
    }
}
