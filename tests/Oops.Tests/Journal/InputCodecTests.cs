using System.Net;
using Oops.Core;
using Oops.Journal;
using Xunit;

namespace Oops.Tests.Journal;

public sealed class InputCodecTests
{
    static readonly Input[] Plain =
    [
        new ChannelOpened("c"), new ChannelRead("c"), new ChannelLost("c", "reset"), new ProcessStarted("c", 12, 3456), new ProcessGone("c", "signal 9"),
        new ServerSignal("c", Measure.Answering, Signal.Absent, Evidence.Suspicion, "timeout"), new ServerSignal("c", Measure.Idle, 1, Detail: "all 1 stopped") { For = TimeSpan.FromTicks(4_013_706) }, new ZoneSignal("c", "nl", Measure.Serial, 4_294_967_295, "x"), new ZoneSignal("c", "nl", Measure.Serial, 1, null, IPAddress.Parse("2001:db8::1")), new ZoneSignal("error-reports/ns1/bogus", "nl", Measure.ErrorReports, 12, "6 (dnssec-bogus); www.nl A"),
        new ExternalClaim("cli/root", "site", "ns1", State.NotMet, Evidence.Proof, TimeSpan.FromSeconds(300), "a=b"),
        new Applied("edge", 3, Outcome.Done),
        new Applied("edge", 6, new Done("one") { Unheard = [new("anycast4", 3), new("anycast6", 5)] }),
        new SessionEnded("edge", "the session with 10.99.0.2 ends"), new ZoneTold("verify/ns1", "ns1", "nl", "kept out", "serial 8: ns-missing"), new Accept("root", "ns1", "nl", 8), new Applied("edge", 4, new Retry("refused")), new Applied("edge", 5, new Failed("no")),
        new RouterUnseen("edge", "absent"), new ClockTrust(true, "synchronised"), new Shed("bulk lane", 9),
        new ErrorRates("c", [new(6, 12.5, "www.example.net"), new(49152, 0.001)], 0.25), new ErrorRates("c", []),
        new Override("root", "server-down", "ns1", "nl", State.Met, TimeSpan.FromHours(1), "why"), new Unoverride("root", "server-down", "ns1", null),
        new Release("root", IPNetwork.Parse("2001:db8::/32")),
    ];

    [Fact]
    public void What_is_written_reads_the_same() => Assert.All(Plain, i => Assert.Equal(i, InputCodec.Read(InputCodec.Write(i))));

    [Fact]
    public void Lists_read_the_same()
    {
        var listed = Assert.IsType<ZonesListed>(InputCodec.Read(InputCodec.Write(new ZonesListed("c", ["a", "b"], true))));
        Assert.Equal(["a", "b"], listed.Zones);
        Assert.True(listed is { Last: true, First: false });
        Assert.True(InputCodec.Read(InputCodec.Write(new ZonesListed("c", [], false) { First = true })) is ZonesListed { First: true, Last: false });
        var drain = Assert.IsType<Drain>(InputCodec.Read(InputCodec.Write(new Drain("root", ["r"], "ns1", TimeSpan.FromSeconds(5), true, false))));
        Assert.Equal(("root", "ns1", TimeSpan.FromSeconds(5), true, false), (drain.Who, drain.Server, drain.For, drain.UntilStarted, drain.Force));
        var hold = Assert.IsType<Hold>(InputCodec.Read(InputCodec.Write(new Hold("file", [], null, "break glass"))));
        Assert.Null(hold.For);
        var seen = Assert.IsType<RouterObserved>(InputCodec.Read(InputCodec.Write(new RouterObserved("edge", [new("r", RouteForm.Draining), new("s", null, "mixed"), new("t", RouteForm.Plain, "in part") { Lacks = [IPNetwork.Parse("192.0.2.0/24")], Others = "192.0.2.0/24 also comes from protocol static1" }], [IPNetwork.Parse("192.0.2.0/24")], "1") { Followed = [IPNetwork.Parse("192.0.2.0/24")], Troubles = [new("session/edge/10.99.0.2", "lost", "refused"), new("listen/edge/10.99.0.1@179", "taken")] })));
        Assert.Equal([new("r", RouteForm.Draining), new RouteSeen("s", null, "mixed"), new RouteSeen("t", RouteForm.Plain, "in part") { Lacks = [IPNetwork.Parse("192.0.2.0/24")], Others = "192.0.2.0/24 also comes from protocol static1" }], seen.Routes);
        Assert.Equal(IPNetwork.Parse("192.0.2.0/24"), Assert.Single(seen.Orphans));
        Assert.Equal(seen.Orphans, seen.Followed);
        Assert.Equal([new("session/edge/10.99.0.2", "lost", "refused"), new RouterTrouble("listen/edge/10.99.0.1@179", "taken")], seen.Troubles);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"t\":\"Later\"}")]
    [InlineData("{\"t\":\"ZoneSignal\",\"m\":\"Nonsense\"}")]
    [InlineData("{\"t\":\"Release\",\"d\":\"x\"}")]
    [InlineData("{\"t\":\"ProcessStarted\",\"c\":\"c\"}")]
    public void What_is_not_understood_is_nothing(string text) => Assert.Null(InputCodec.Read(System.Text.Encoding.UTF8.GetBytes(text)));
}
