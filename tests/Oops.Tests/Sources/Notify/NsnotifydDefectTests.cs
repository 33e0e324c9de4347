using System.Net.Sockets;
using System.Net;
using Oops.Core;
using Oops.Dns;
using Oops.Sources.Notify;
using Oops.Tests.Dns;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Sources.Notify;

/// <summary>What nsnotifyd 2.0 does wrong, or cannot do, and this does not: one test each.</summary>
public sealed class NsnotifydDefectTests : IAsyncDisposable
{
    readonly NotifyRig rig = new();

    public ValueTask DisposeAsync() => rig.DisposeAsync();

    [Fact]
    public async Task Defect_1_responses_are_not_answered_so_two_daemons_cannot_reflect_for_ever()
    {
        await rig.SettleAsync();
        var response = rig.Notify("example.net");
        response[2] |= 0x80;
        Assert.Null(rig.Ask(response, 200));
        response[3] |= 1; // FORMERR, what nsnotifyd answers to one
        Assert.Null(rig.Ask(response, 200));
        var answer = rig.Ask(rig.Notify("example.net"))!;
        Assert.Null(rig.Ask(answer, 200));
        Assert.Equal(3, rig.Source.Counts[NotifyCount.Dropped]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(9)]
    [InlineData(10)]
    public void Defect_2_intervals_below_ten_seconds_have_a_jitter_too(int seconds)
    {
        var clamp = new NotifyClamp(TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(seconds));
        Assert.Equal(TimeSpan.FromSeconds(seconds), clamp.Next(3600, 0));
        Assert.Equal(TimeSpan.FromSeconds(seconds * 0.9), clamp.Next(0, 1));
    }

    [Fact]
    public async Task Defect_3_an_overdue_zone_is_polled_at_once_and_not_after_nine_hours()
    {
        var refresh = new NotifyClamp(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(32768));
        using var held = new ManualResetEventSlim();
        rig.Answer = request =>
        {
            if (FakeDnsServer.ZoneOf(request) == "slow.test")
                held.Wait(TimeSpan.FromSeconds(5)); // the poll of the others is overdue before this ends
            var answer = FakeDnsServer.Soa(request, rig.Serials.GetValueOrDefault(FakeDnsServer.ZoneOf(request), 1u));
            answer.AsSpan(answer.AsSpan().IndexOf(new byte[] { 0, 0, 0, 100, 0, 0, 0, 10 }), 4).Clear(); // refresh 0: due again as soon as the clamp allows
            return [answer];
        };
        await rig.StartAsync(rig.Target with { Zones = ["example.net", "slow.test"], Refresh = refresh, Timeout = TimeSpan.FromSeconds(1) });
        await Task.Delay(400);
        held.Set();
        rig.Engine.Next<ZoneSignal>(s => s is { Zone: "example.net", Measure: Measure.Serial });
        rig.Serials["example.net"] = 101;
        Assert.Equal(101, rig.Engine.Next<ZoneSignal>(s => s is { Zone: "example.net", Measure: Measure.Serial }).Value);
        rig.Serials["example.net"] = 102;
        Assert.Equal(102, rig.Engine.Next<ZoneSignal>(s => s is { Zone: "example.net", Measure: Measure.Serial }).Value);
    }

    [Fact]
    public void Defect_3_a_zone_that_is_exactly_due_or_long_overdue_is_taken()
    {
        var time = new SteppedTime();
        var zones = new NotifyZones(rig.Target with { Refresh = new NotifyClamp(TimeSpan.FromSeconds(512), TimeSpan.FromSeconds(32768)) }, time, static () => { });
        zones.SetNamed(["example.net"]);
        List<Look> looks = [];
        zones.Take(looks, 10);
        zones.Answered(Assert.Single(looks).Zone, new Soa(1, 600, 60, 3600, 60), Notified.Soa, random: 0);
        looks.Clear();
        Assert.Equal(TimeSpan.FromSeconds(600), zones.Take(looks, 10));
        time.Step(TimeSpan.FromSeconds(600));
        zones.Take(looks, 10);
        zones.Answered(Assert.Single(looks).Zone, new Soa(1, 600, 60, 3600, 60), Notified.Soa, random: 0);
        time.Step(TimeSpan.FromDays(3));
        looks.Clear();
        zones.Take(looks, 10);
        Assert.Single(looks);
    }

    [Fact]
    public async Task Defect_4_letter_case_does_not_matter()
    {
        rig.Answer = request =>
        {
            var answer = FakeDnsServer.Soa(request, 101);
            answer[13] ^= 0x20; // the server answers in a case of its own
            return [answer];
        };
        await rig.SettleAsync();
        rig.Answer = request => [FakeDnsServer.Soa(request, 102)];
        var shouted = rig.Notify("example.net");
        for (var i = 13; i < 20; i++)
            shouted[i] &= 0xDF;
        var reply = rig.Ask(shouted)!;
        Assert.Equal(DnsRcode.NoError, NotifyRig.RcodeOf(reply));
        Assert.Equal("EXAMPLE"u8.ToArray(), reply[13..20]);
        Assert.Equal(("example.net", 102L), (rig.NextSerial() is var told ? told.Zone : "", told.Value));
    }

    [Theory]
    [InlineData("-rf.example")]
    [InlineData("--help")]
    [InlineData(@"\.\./\.\./etc.example")]
    [InlineData("/etc/passwd.example")]
    [InlineData(@"a\032b.example")]
    [InlineData(@"$\(reboot\).example")]
    [InlineData(@"x\;y.example")]
    [InlineData(@"line\010feed.example")]
    public async Task Defect_5_a_name_from_the_network_can_be_neither_option_nor_path(string name)
    {
        await rig.StartAsync(rig.Target with { Zones = [], Wildcards = ["*"] });
        Assert.Equal(DnsRcode.Refused, NotifyRig.RcodeOf(rig.Ask(rig.Notify(name))));
        Assert.Equal(DnsRcode.NoError, NotifyRig.RcodeOf(rig.Ask(rig.Notify("0/25.2.0.192.in-addr.arpa"))));
        Assert.Equal(1, rig.Source.Counts[NotifyCount.NotOurs]);
    }

    [Fact]
    public async Task Defect_6_a_reload_is_an_end_and_a_start_that_frees_and_takes_the_addresses()
    {
        await rig.SettleAsync();
        var address = rig.Address;
        await rig.StopAsync();
        await using var second = new NotifyRig();
        await second.SettleAsync(second.Target with { Zones = ["other.test"], Listen = new Oops.Dns.DnsListenerOptions { Addresses = [address] } });
        second.Tell("other.test");
        Assert.Equal(DnsRcode.Refused, NotifyRig.RcodeOf(second.Ask(second.Notify("example.net"))));
    }

    [Fact]
    public async Task Defect_7_the_notifier_is_asked_at_its_port_or_the_primary_instead()
    {
        await rig.SettleAsync(); // the port of the rig's server is not 53
        rig.Serials["example.net"] = 101;
        rig.Tell("example.net", serial: 101);
        Assert.Equal(101, rig.NextSerial().Value);
        await using var hidden = new NotifyRig();
        await hidden.SettleAsync(hidden.Target with { Primary = hidden.Server.Address, ServerAddress = null, Port = 9 });
        hidden.Serials["example.net"] = 102;
        hidden.Tell("example.net");
        Assert.Equal((102L, "127.0.0.1"), (hidden.NextSerial() is var told ? told.Value : 0, told.Detail));
    }

    [Fact]
    public async Task Defect_8_large_requests_EDNS_truncated_answers_and_both_transports_work()
    {
        await rig.SettleAsync();
        var large = rig.Notify("example.net");
        var buffer = new byte[4096];
        large.CopyTo(buffer, 0);
        var writer = DnsWriter.Resume(buffer, large.Length);
        writer.Opt(1232);
        writer.Option((EdnsOption)12, new byte[1500]); // padding (RFC 7830)
        rig.Serials["example.net"] = 101;
        rig.Answer = request => [Truncated(request)];
        rig.Server.Tcp = request => FakeDnsServer.Framed(FakeDnsServer.Soa(request, 101));
        Assert.Equal(DnsRcode.NoError, NotifyRig.RcodeOf(rig.Ask(buffer[..writer.Length])));
        Assert.Equal(101, rig.NextSerial().Value);
        Assert.Equal(DnsRcode.NoError, NotifyRig.RcodeOf(NotifyRig.AskTcp(rig.Address, buffer[..writer.Length])));

        static byte[] Truncated(byte[] request)
        {
            var answer = FakeDnsServer.Soa(request, 0);
            answer[2] |= 2;
            return answer;
        }
    }

    [Fact]
    public async Task Defect_9_NOTIFY_for_CDS_and_CSYNC_is_understood()
    {
        await rig.SettleAsync();
        rig.Tell("example.net", type: DnsType.Cds);
        Assert.Equal(Measure.CdsNotified, rig.Engine.Next<ZoneSignal>().Measure);
        rig.Tell("example.net", type: DnsType.Csync);
        Assert.Equal(Measure.CsyncNotified, rig.Engine.Next<ZoneSignal>().Measure);
    }

    [Fact]
    public async Task Defect_10_one_zone_s_error_at_the_start_stops_no_other_and_serial_0_is_a_serial()
    {
        rig.Serials["zero.test"] = 0;
        await rig.StartAsync(rig.Target with { Zones = ["missing.test", "zero.test", "example.net"] });
        var told = new[] { rig.NextSerial(), rig.NextSerial() }.OrderBy(s => s.Zone).Select(s => (s.Zone, s.Value));
        Assert.Equal([("example.net", 100L), ("zero.test", 0L)], told);
        await NotifyRig.UntilAsync("a failed check", () => rig.Engine.All.Any(a => a.Input is ZoneSignal { Zone: "missing.test", Measure: Measure.RefreshFailures, Value: 1 }));
        rig.Tell("zero.test", serial: 0);
        Assert.Equal(1, rig.Source.Counts[NotifyCount.Unchanged]);
        rig.Serials["zero.test"] = 1;
        rig.Tell("zero.test");
        Assert.Equal(1, rig.NextSerial().Value);
    }

    [Fact]
    public async Task A_zone_whose_server_is_silent_delays_no_other_and_no_reply()
    {
        rig.Answer = request => FakeDnsServer.ZoneOf(request) == "dead.test" ? [] : null;
        await rig.StartAsync(rig.Target with { Zones = ["dead.test", "example.net"], Timeout = TimeSpan.FromSeconds(3), Spacing = TimeSpan.Zero });
        var begun = Environment.TickCount64;
        for (var i = 0; i < 20; i++)
            rig.Tell("dead.test");
        rig.Serials["example.net"] = 101;
        rig.Tell("example.net");
        rig.Engine.Next<ZoneSignal>(s => s is { Zone: "example.net", Measure: Measure.Serial, Value: 101 });
        Assert.InRange(Environment.TickCount64 - begun, 0, 2500);
    }

    [Fact]
    public async Task A_client_that_keeps_a_connection_starves_no_other()
    {
        await rig.SettleAsync();
        using var lingering = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        lingering.Connect(rig.Address);
        lingering.Send(new byte[] { 0 });
        Assert.Equal(DnsRcode.NoError, NotifyRig.RcodeOf(NotifyRig.AskTcp(rig.Address, rig.Notify("example.net"))));
    }
}
