using System.Net;
using Oops.Actions.Gobgp;
using Oops.Routers;
using Oops.Wire.Gobgp;
using Xunit;

namespace Oops.Tests.Actions.Gobgp;

public sealed class GobgpLookTests
{
    static readonly IPNetwork Four = IPNetwork.Parse("192.0.2.0/24");
    static readonly GobgpHops Hops = new(IPAddress.Any, IPAddress.Parse("2001:db8::1"));

    public static TheoryData<int> Looks => [.. Enumerable.Range(0, All.Length)];

    static Look[] All => [default, new(Prepend: 3), new(Med: 0), new(Med: uint.MaxValue), new(Community: (64501, 7)), new(Large: (4200000001, 0, uint.MaxValue)), Look.Draining, new(Prepend: 3, IsDraining: true), new(Community: (64501, 7), IsDraining: true)];

    [Theory]
    [MemberData(nameof(Looks))]
    public void Every_look_is_told_from_the_path_that_has_it(int which)
    {
        foreach (var prefix in (IPNetwork[])[Four, IPNetwork.Parse("2001:db8:53::/48")])
            foreach (var within in (bool[])[false, true])
                Assert.Equal(All[which], GobgpLook.Of(GobgpLook.Path(prefix, All[which], 64501, Hops, within), 64501, Hops));
    }

    [Fact]
    public void What_no_form_of_ours_has_is_nobodys_look()
    {
        var path = new GobgpPath(Four, IPAddress.Any);
        Assert.Equal(default(Look), GobgpLook.Of(path, 64501, Hops));
        GobgpPath[] others =
        [
            path with { HasMore = true }, path with { Origin = 2 }, path with { NextHop = IPAddress.Parse("192.0.2.9") }, path with { NextHop = null }, path with { AsPath = [64501, 64502] },
            path with { Communities = [1, 2] }, path with { Large = [(1, 2, 3), (1, 2, 4)] }, path with { LocalPref = 100 }, path with { LocalPref = 0 },
        ];
        Assert.All(others, o => Assert.Null(GobgpLook.Of(o, 64501, Hops)));
    }
}
