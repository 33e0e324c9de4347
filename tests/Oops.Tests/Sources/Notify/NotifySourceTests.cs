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
    private readonly NotifyRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task The_serials_of_named_zones_are_read_at_the_start()
    {
        await _rig.StartAsync();
        Assert.Equal(NotifyRig.Channel, _rig.Engine.Next<ChannelOpened>().Channel);
        ZoneSignal[] told = [_rig.NextSerial(), _rig.NextSerial()];
        Assert.Equal(
            [new(NotifyRig.Channel, "example.net", Measure.Serial, 100, "127.0.0.1", IPAddress.Loopback), new(NotifyRig.Channel, "other.test", Measure.Serial, 7, "127.0.0.1", IPAddress.Loopback)],
            told.OrderBy(s => s.Zone));
        Assert.Contains(_rig.Engine.All, a => a.Input is ZoneSignal { Measure: Measure.RefreshFailures, Value: 0, Zone: "example.net" });
    }

    [Fact]
    public async Task A_NOTIFY_on_either_transport_and_family_is_answered_and_its_serial_told()
    {
        var v6 = Socket.OSSupportsIPv6;
        List<IPEndPoint> listen = [new(IPAddress.Loopback, 0), new(IPAddress.Parse("127.0.0.2"), 0)];
        if (v6)
            listen.Add(new(IPAddress.IPv6Loopback, 0));
        await _rig.SettleAsync(_rig.Target with { Primary = _rig.Server.Address, Listen = new DnsListenerOptions { Addresses = listen } });
        var serial = 100u;
        foreach (var address in _rig.Source.Listening!)
        {
            foreach (var tcp in new[] { false, true })
            {
                _rig.Serials["example.net"] = ++serial;
                var request = _rig.Notify("example.net");
                var reply = tcp ? NotifyRig.AskTcp(address, request) : NotifyRig.Ask(address, request);
                Assert.NotNull(reply);
                Assert.Equal([request[0], request[1], 0xA4, 0x00], reply[..4]); // QR, NOTIFY, AA, NOERROR
                var source = address.Address.Equals(IPAddress.Parse("127.0.0.2")) ? "127.0.0.1" : address.Address.ToString();
                var told = _rig.NextSerial();
                Assert.Equal(("example.net", serial), (told.Zone, (uint)told.Value));
                Assert.Contains(told.Detail, new[] { source, "127.0.0.2" });
            }
        }
    }

    [Fact]
    public async Task A_NOTIFY_with_the_known_serial_asks_nothing()
    {
        await _rig.SettleAsync();
        _rig.Tell("example.net", serial: 100);
        Assert.Equal(1, _rig.Source.Counts[Count.Unchanged]);
        _rig.Tell("example.net", serial: 99); // differs: the server decides
        await NotifyRig.UntilAsync("a query", () => _rig.Server.Seen.Count == 1);
        _rig.Engine.None<ZoneSignal>(150);
        Assert.Single(_rig.Server.Seen);
    }

    [Fact]
    public async Task A_serial_that_is_not_newer_is_not_an_update()
    {
        _rig.Serials["example.net"] = 0xFFFF_FFF0;
        await _rig.SettleAsync();
        var older = 0;
        foreach (var (serial, news) in new[] { (0xFFFF_FFEFu, false), (0x7FFF_FFF0u, false), (5u, true), (0xFFFF_FFF0u, false), (0x8000_0004u, true) })
        {
            _rig.Serials["example.net"] = serial;
            _rig.Tell("example.net");
            if (news)
            {
                Assert.Equal(serial, (uint)_rig.NextSerial().Value);
                continue;
            }

            older++;
            await NotifyRig.UntilAsync("the answer is judged to be older", () => _rig.Source.Counts[Count.Older] == older);
            _rig.Engine.None<ZoneSignal>(50, s => s.Measure == Measure.Serial);
        }

        Assert.Equal(3, older);
    }

    [Fact]
    public async Task NOTIFYs_that_come_while_a_zone_is_asked_for_are_one_more_question()
    {
        await _rig.SettleAsync();
        using var held = new ManualResetEventSlim();
        var asked = 0;
        _rig.Answer = _ =>
        {
            if (Interlocked.Increment(ref asked) == 1)
                held.Wait(TimeSpan.FromSeconds(5));
            return null;
        };
        _rig.Tell("example.net");
        await NotifyRig.UntilAsync("the first question", () => Volatile.Read(ref asked) == 1);
        for (var i = 0; i < 50; i++)
            _rig.Tell("example.net");
        Assert.Equal(49, _rig.Source.Counts[Count.Merged]);
        held.Set();
        await NotifyRig.UntilAsync("the second question", () => Volatile.Read(ref asked) >= 2);
        await Task.Delay(300);
        Assert.InRange(Volatile.Read(ref asked), 2, 3); // the held one may have been sent twice
    }

    [Fact]
    public async Task A_zone_is_asked_for_at_most_once_in_the_spacing()
    {
        await _rig.SettleAsync(_rig.Target with { Spacing = TimeSpan.FromMilliseconds(400) });
        await Task.Delay(420);
        var begun = Environment.TickCount64;
        while (Environment.TickCount64 - begun < 1000)
        {
            _rig.Tell("example.net");
            await Task.Delay(2);
        }

        Assert.InRange(_rig.Server.Seen.Count, 2, 4);
    }

    [Fact]
    public async Task What_is_no_NOTIFY_gets_the_code_of_the_RFCs()
    {
        await _rig.SettleAsync();
        var plain = _rig.Notify("example.net");
        Assert.Equal(DnsRcode.Refused, Rcode(With(plain, 2, 0)));
        Assert.Equal(DnsRcode.NotImp, Rcode(With(plain, 2, 5 << 3)));
        Assert.Equal(DnsRcode.Refused, Rcode(With(plain, ^1, 3)));
        Assert.Equal(DnsRcode.Refused, Rcode(With(plain, ^3, 1)));
        Assert.Equal(DnsRcode.FormErr, Rcode(With(plain, 5, 0)));
        Assert.Equal(DnsRcode.FormErr, Rcode(plain[..^1]));
        Assert.Equal(DnsRcode.Refused, Rcode(_rig.Notify("unknown.test")));
        Assert.Null(_rig.Ask(plain[..11], 150));
        Assert.Empty(_rig.Server.Seen);
        DnsRcode Rcode(byte[] request) => NotifyRig.RcodeOf(_rig.Ask(request));
    }

    [Fact]
    public async Task Nobody_notifies_from_an_address_that_is_not_allowed()
    {
        await _rig.SettleAsync(_rig.Target with { Rules = [new NotifyRule([new PeerPrefix(IPNetwork.Parse("127.0.0.3/32"))], null)] });
        Assert.Equal(DnsRcode.Refused, NotifyRig.RcodeOf(_rig.Ask(_rig.Notify("example.net"))));
        Assert.Equal(DnsRcode.Refused, NotifyRig.RcodeOf(NotifyRig.AskTcp(_rig.Address, _rig.Notify("example.net"))));
        Assert.Equal(2, _rig.Source.Counts[Count.Forbidden]);
        Assert.Equal(DnsRcode.NoError, NotifyRig.RcodeOf(NotifyRig.Ask(_rig.Address, _rig.Notify("example.net"), from: IPAddress.Parse("127.0.0.3"))));
    }

    [Fact]
    public async Task A_zone_that_the_server_does_not_have_is_absent_until_it_answers_again()
    {
        await _rig.SettleAsync();
        _rig.Answer = Denied(DnsRcode.NxDomain);
        _rig.Tell("example.net");
        Assert.Equal(1, _rig.Engine.Next<ZoneSignal>(s => s.Measure == Measure.RefreshFailures).Value);
        var absent = _rig.NextSerial();
        Assert.Equal((Signal.Absent, "127.0.0.1: NXDOMAIN"), (absent.Value, absent.Detail));
        _rig.Answer = null;
        _rig.Serials["example.net"] = 90; // an old copy: it is what the server has
        _rig.Tell("example.net");
        Assert.Equal(0, _rig.Engine.Next<ZoneSignal>(s => s.Measure == Measure.RefreshFailures).Value);
        Assert.Equal(90, _rig.NextSerial().Value);
    }

    [Fact]
    public async Task A_name_without_an_SOA_is_no_zone_there()
    {
        await _rig.SettleAsync();
        _rig.Answer = Denied(DnsRcode.NoError);
        _rig.Tell("example.net");
        var absent = _rig.NextSerial();
        Assert.Equal((Signal.Absent, "127.0.0.1: no SOA in the answer"), (absent.Value, absent.Detail));
    }

    [Theory]
    [InlineData(DnsRcode.ServFail, "SERVFAIL")]
    [InlineData(DnsRcode.Refused, "REFUSED")]
    [InlineData(DnsRcode.NotAuth, "NOTAUTH")]
    [InlineData(DnsRcode.NxDomain, "NXDOMAIN")]
    public async Task A_server_that_does_not_answer_for_the_zone_has_not_said_that_it_is_gone(DnsRcode rcode, string word)
    {
        await _rig.SettleAsync();
        _rig.Answer = request => [FakeDnsServer.Soa(request, 0, rcode: rcode)];
        _rig.Tell("example.net");
        var failed = _rig.Engine.Next<ZoneSignal>();
        Assert.Equal((Measure.RefreshFailures, 1, $"127.0.0.1: {word}"), (failed.Measure, failed.Value, failed.Detail));
        _rig.Engine.None<ZoneSignal>(150, s => s.Measure == Measure.Serial);
        _rig.Answer = null;
        _rig.Serials["example.net"] = 90; // it may have lost the zone meanwhile: an old copy counts
        _rig.Tell("example.net");
        Assert.Equal(0, _rig.Engine.Next<ZoneSignal>(s => s.Measure == Measure.RefreshFailures).Value);
        Assert.Equal(90, _rig.NextSerial().Value);
    }

    [Fact]
    public async Task What_it_counts_adds_up()
    {
        await _rig.SettleAsync(_rig.Target with { Rules = [new NotifyRule([new PeerPrefix(IPNetwork.Parse("127.0.0.1/32"))], null)] });
        _rig.Tell("example.net", serial: 100);
        _rig.Ask(_rig.Notify("unknown.test"));
        _rig.Ask(_rig.Notify("example.net")[..^1]);
        NotifyRig.Ask(_rig.Address, _rig.Notify("example.net"), from: IPAddress.Parse("127.0.0.3"));
        _rig.Ask([1, 2, 3], 50);
        var counted = _rig.Source.Counted.Where(c => c.Value > 0).ToDictionary(c => c.Name, c => c.Value);
        Assert.Equal(
            new Dictionary<string, long> { ["received"] = 5, ["answered"] = 4, ["unchanged"] = 1, ["not_ours"] = 1, ["malformed"] = 1, ["refused"] = 1, ["dropped"] = 1, ["checks"] = 2, ["zones"] = 2 },
            counted);
        Assert.Equal(SourceCountKind.Level, _rig.Source.Counted.Single(c => c.Name == "zones").Kind);
    }

    [Fact]
    public async Task What_another_server_lacks_says_nothing_about_this_one()
    {
        await _rig.SettleAsync(_rig.Target with { Primary = _rig.Server.Address });
        _rig.Serials.Remove("example.net", out _);
        _rig.Tell("example.net");
        Assert.Equal(1, _rig.Engine.Next<ZoneSignal>(s => s.Measure == Measure.RefreshFailures).Value);
        _rig.Engine.None<ZoneSignal>(150);
    }

    [Fact]
    public async Task Failures_are_counted_while_it_goes_on_asking_after_retry()
    {
        var fast = new NotifyClamp(TimeSpan.FromMilliseconds(80), TimeSpan.FromMilliseconds(80));
        _rig.Answer = _ => [];
        await _rig.StartAsync(_rig.Target with { Zones = ["example.net"], Retry = fast, Timeout = TimeSpan.FromMilliseconds(60) });
        for (var n = 1; n <= 3; n++)
        {
            var told = _rig.Engine.Next<ZoneSignal>();
            Assert.Equal((Measure.RefreshFailures, n, "127.0.0.1: no answer"), (told.Measure, told.Value, told.Detail));
        }

        _rig.Answer = null;
        Assert.Equal(0, _rig.Engine.Next<ZoneSignal>(s => s.Measure == Measure.RefreshFailures && s.Value < 3).Value);
        Assert.Equal(100, _rig.NextSerial().Value);
    }

    [Fact]
    public async Task Zones_are_polled_after_refresh()
    {
        var fast = new NotifyClamp(TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(100));
        await _rig.SettleAsync(_rig.Target with { Zones = ["example.net"], Refresh = fast });
        _rig.Serials["example.net"] = 101;
        Assert.Equal((101L, "127.0.0.1"), (_rig.NextSerial() is var told ? told.Value : 0, told.Detail));
    }

    [Fact]
    public async Task An_answer_without_authority_is_none()
    {
        await _rig.SettleAsync();
        _rig.Answer = request =>
        {
            var answer = FakeDnsServer.Soa(request, 200);
            answer[2] &= 0xFB;
            return [answer];
        };
        _rig.Tell("example.net");
        Assert.Equal("127.0.0.1: not authoritative", _rig.Engine.Next<ZoneSignal>(s => s.Value == 1).Detail);
    }

    [Fact]
    public async Task A_server_that_does_not_know_EDNS_is_asked_without()
    {
        _rig.Answer = request => request[11] == 0 ? null : [[request[0], request[1], 0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0]];
        await _rig.StartAsync();
        Assert.Equal(["example.net", "other.test"], new[] { _rig.NextSerial().Zone, _rig.NextSerial().Zone }.Order());
    }

    [Fact]
    public async Task A_notifier_that_cannot_be_asked_is_no_failure_while_the_server_answers()
    {
        await _rig.SettleAsync();
        _rig.Serials["example.net"] = 101;
        NotifyRig.Ask(_rig.Address, _rig.Notify("example.net"), from: IPAddress.Parse("127.0.0.4")); // nobody listens there
        var told = _rig.NextSerial();
        Assert.Equal((101L, "127.0.0.4"), (told.Value, told.Detail));
        Assert.DoesNotContain(_rig.Engine.All, a => a.Input is ZoneSignal { Measure: Measure.RefreshFailures, Value: > 0 });
    }

    [Fact]
    public async Task NOTIFY_CDS_and_CSYNC_are_signals_of_their_own()
    {
        await _rig.SettleAsync();
        _rig.Tell("example.net", type: DnsType.Cds);
        var first = _rig.Engine.Next<ZoneSignal>();
        Assert.Equal(("example.net", Measure.CdsNotified, "127.0.0.1"), (first.Zone, first.Measure, first.Detail));
        Assert.InRange(first.Value, DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60, DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        _rig.Tell("example.net", type: DnsType.Cds);
        Assert.True(_rig.Engine.Next<ZoneSignal>(s => s.Measure == Measure.CdsNotified).Value > first.Value);
        _rig.Tell("example.net", type: DnsType.Csync);
        Assert.Equal(Measure.CsyncNotified, _rig.Engine.Next<ZoneSignal>().Measure);
        Assert.Empty(_rig.Server.Seen);
    }

    [Fact]
    public async Task The_expected_zones_of_the_server_are_followed()
    {
        _rig.Engine.View = new(["example.net"], true, null, 1);
        await _rig.StartAsync(_rig.Target with { Zones = null });
        Assert.Equal("example.net", _rig.NextSerial().Zone);
        Assert.Equal(DnsRcode.Refused, NotifyRig.RcodeOf(_rig.Ask(_rig.Notify("other.test"))));
        _rig.Engine.View = new(["other.test"], true, null, 2);
        Assert.Equal("other.test", _rig.NextSerial().Zone);
        Assert.Equal(DnsRcode.Refused, NotifyRig.RcodeOf(_rig.Ask(_rig.Notify("example.net"))));
    }

    [Fact]
    public async Task A_listen_address_that_is_taken_is_told_and_tried_again()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();
        var starting = _rig.StartAsync(_rig.Target with { Listen = new DnsListenerOptions { Addresses = [(IPEndPoint)other.LocalEndPoint!] } });
        Assert.Contains("in use by another process", _rig.Engine.Next<ChannelLost>().Why, StringComparison.Ordinal);
        _rig.Engine.None<ChannelLost>(200); // told once
        other.Dispose();
        await starting;
        _rig.Engine.Next<ChannelOpened>();
    }

    [Fact]
    public async Task It_ends_when_it_is_told_to_and_frees_its_addresses()
    {
        await _rig.SettleAsync();
        var address = _rig.Address;
        await _rig.StopAsync();
        using var again = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        again.Bind(address);
    }

    // An answer with authority and without an SOA.
    private static Func<byte[], IEnumerable<byte[]>?> Denied(DnsRcode rcode) => request =>
    [
        [request[0], request[1], 0x84, (byte)rcode, 0, 1, 0, 0, 0, 0, 0, 0, .. request.AsSpan(12, Array.IndexOf(request, (byte)0, 12) + 5 - 12)],
    ];

    private static byte[] With(byte[] message, Index at, int value)
    {
        byte[] copy = [.. message];
        copy[at] = (byte)value;
        return copy;
    }
}
