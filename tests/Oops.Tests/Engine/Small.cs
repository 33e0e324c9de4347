using System.Net;
using Oops.Core;

namespace Oops.Tests.Engine;

/// <summary>The smallest policy that announces: one server, its process and a probe, one route.</summary>
internal static class Small
{
    public static Policy Policy(TimeSpan fall, string hash = "small", Mode mode = Mode.Act) => new()
    {
        Mode = mode,
        Site = "test",
        Hash = hash,
        Servers = [new("ns1", ["nl"])],
        Channels =
        [
            new("process/ns1", "ns1", Standing.Witness, [], Timeout.InfiniteTimeSpan, null, Process: true),
            new("probe/ns1", "ns1", Standing.Witness, [Measure.Answering, Measure.Serial], TimeSpan.FromHours(1), IPAddress.Parse("192.0.2.53")),
        ],
        Routes =
        [
            new("anycast4")
            {
                Prefixes = [IPNetwork.Parse("192.0.2.0/24")], Via = "edge", Servers = ["ns1"], AnnounceWhen = [new("server-running")],
                WithdrawWhen = [new("server-down")], Rise = TimeSpan.Zero, Fall = fall, Budget = null, Mode = mode,
            },
        ],
    };

    /// <summary>What leads to an announcement that the router shows.</summary>
    public static IEnumerable<Input> Announced() =>
    [
        new ClockTrust(true, "test"),
        new RouterObserved("edge", [new RouteSeen("anycast4", RouteForm.Withdrawn)], []),
        new ChannelOpened("process/ns1"),
        new ProcessStarted("process/ns1", 1, 100),
        new ChannelOpened("probe/ns1"),
        new ServerSignal("probe/ns1", Measure.Answering, 1),
        new ZoneSignal("probe/ns1", "nl", Measure.Serial, 1),
        new ChannelRead("probe/ns1"),
        new Applied("edge", 1, Outcome.Done),
        new RouterObserved("edge", [new RouteSeen("anycast4", RouteForm.Plain)], []),
    ];
}
