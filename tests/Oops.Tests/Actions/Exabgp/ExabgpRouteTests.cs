using System.Net;
using System.Net.Sockets;
using Oops.Actions.Exabgp;
using Oops.Routers;
using Xunit;

namespace Oops.Tests.Actions.Exabgp;

/// <summary>What a real ExaBGP answered, and what it could.</summary>
public sealed class ExabgpRouteTests
{
    const string Of = "neighbor 10.99.0.2 local-ip 10.99.0.1 local-as 64501 peer-as 64500 router-id 10.99.0.1 family-allowed in-open";

    static string[] Recorded(string file) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "vectors/exabgp", file)).Split('\n')[..^1];

    static HashSet<IPNetwork> Only(params string[] prefixes) => [.. prefixes.Select(IPNetwork.Parse)];

    static ExabgpRoute? One(string rest, string prefix = "192.0.2.53/32") => ExabgpRoute.Parse($"{Of} {rest}", Only(prefix));

    [Fact]
    public void The_recorded_table_is_read_by_look()
    {
        var prefixes = Enumerable.Range(53, 11).Select(i => $"192.0.2.{i}/32").Append("2001:db8:53::/48").ToArray();
        var routes = Recorded("read.txt").Select(l => ExabgpRoute.Parse(l, Only(prefixes))).OfType<ExabgpRoute>().ToList();
        Look?[] looks = [default(Look), new(Prepend: 2), new(Med: 50), Look.Draining, new(Large: (64501, 1, 2)), null, null, default(Look), new(Community: (64501, 7)), null, default(Look), new(Med: 7)];
        Assert.Equal(looks, routes.Where(r => r.Neighbor.Equals(IPAddress.Parse("10.99.0.2"))).Select(r => r.Look));
        Assert.Equal(10, routes.Count(r => r.Neighbor.Equals(IPAddress.Parse("10.99.0.3"))));
        Assert.Equal((1, 1), (routes.Count(r => r.NextHop == "2001:db8:99::1"), routes.Count(r => r.NextHop == "10.99.0.9" && r.Neighbor.Equals(IPAddress.Parse("10.99.0.2")))));
    }

    [Fact]
    public void A_degraded_route_that_drains_is_read_with_both_communities_in_any_order()
    {
        foreach (var communities in (string[])["64501:7 65535:0", "65535:0 64501:7"])
            Assert.Equal(new Look(Community: (64501, 7), IsDraining: true), One($"ipv4 unicast 192.0.2.53/32 next-hop self local-preference 0 community [ {communities} ]")!.Look);
        Assert.Null(One("ipv4 unicast 192.0.2.53/32 next-hop self local-preference 0 community [ 64501:7 64501:8 65535:0 ]")!.Look);
    }

    [Fact]
    public void The_recorded_neighbors_are_read_with_their_families()
    {
        List<ExabgpNeighbor> neighbors = [];
        foreach (var line in Recorded("read.txt")) ExabgpNeighbor.Take(neighbors, line);
        Assert.Equal(["10.99.0.2", "10.99.0.3"], neighbors.Select(n => n.Address.ToString()));
        Assert.All(neighbors, n => Assert.Equal(64501u, n.LocalAs));
        Assert.Equal((true, true, true), (neighbors[0].IsUp, neighbors[0].Gets(AddressFamily.InterNetwork), neighbors[0].Gets(AddressFamily.InterNetworkV6)));
        Assert.Equal((false, true, false, false), (neighbors[1].IsUp, neighbors[1].Has(AddressFamily.InterNetwork), neighbors[1].Has(AddressFamily.InterNetworkV6), neighbors[1].Gets(AddressFamily.InterNetwork)));
    }

    [Fact]
    public void A_family_that_the_neighbor_refuses_gets_nothing()
    {
        List<ExabgpNeighbor> neighbors = [];
        foreach (var line in (string[])["Neighbor 10.99.0.2", "   state   ESTABLISHED  ", "   ipv4 unicast:   enabled   enabled   disabled", "   ipv6 unicast:   enabled   disabled   disabled"]) ExabgpNeighbor.Take(neighbors, line);
        Assert.Equal((true, true, false), (neighbors[0].Gets(AddressFamily.InterNetwork), neighbors[0].Has(AddressFamily.InterNetworkV6), neighbors[0].Gets(AddressFamily.InterNetworkV6)));
    }

    [Theory]
    [InlineData("tell.txt", 7)]
    [InlineData("read.txt", 6)]
    public void A_mark_ends_with_the_last_line_recorded_and_no_sooner(string file, int number)
    {
        var mark = new ExabgpMark(number);
        var lines = Recorded(file);
        Assert.Equal(lines.Length - 1, Array.FindIndex(lines, l => mark.Ends(ExabgpLines.WordOf(l))));
    }

    [Fact]
    public void A_mark_of_another_number_is_not_found()
    {
        for (var other = 0; other < 64; other++)
        {
            var mark = new ExabgpMark(other);
            var found = Array.FindIndex(Recorded("read.txt"), l => mark.Ends(ExabgpLines.WordOf(l)));
            Assert.Equal(other is 5 or 6, found >= 0);
        }
    }

    [Theory]
    [InlineData("ipv4 unicast 192.0.2.53/32 next-hop self origin igp")]
    [InlineData("ipv4 unicast 192.0.2.53/32 next-hop self as-path [ 64501 ]")]
    public void What_is_plain_in_other_words_is_plain(string line) => Assert.Equal(default(Look), One(line)!.Look);

    [Theory]
    [InlineData("next-hop self origin egp")]
    [InlineData("next-hop self as-path [ ]")]
    [InlineData("next-hop self as-path [ 64501 ( 64502 ) ]")]
    [InlineData("next-hop self as-path [ 64501")]
    [InlineData("next-hop self med 4294967296")]
    [InlineData("next-hop self med -1")]
    [InlineData("next-hop self community 65536:0")]
    [InlineData("next-hop self community 1:2:3")]
    [InlineData("next-hop self large-community [ 64501:1:2 64501:1:3 ]")]
    [InlineData("next-hop self extended-community target:1:2")]
    [InlineData("next-hop self community 65535:0")]
    [InlineData("next-hop self local-preference 0")]
    [InlineData("next-hop self local-preference 100")]
    [InlineData("next-hop self atomic-aggregate")]
    [InlineData("next-hop self path-information 0.0.0.1")]
    [InlineData("next-hop")]
    public void What_no_form_of_ours_has_is_somebody_elses(string attributes)
    {
        var route = One("ipv4 unicast 192.0.2.53/32 " + attributes);
        Assert.NotNull(route);
        Assert.Null(route.Look);
    }

    [Theory]
    [InlineData("ipv4 unicast 192.0.2.54/32 next-hop self")]
    [InlineData("ipv4 multicast 192.0.2.53/32 next-hop self")]
    [InlineData("ipv4 unicast 192.0.2.53/32")]
    [InlineData("ipv4 unicast ")]
    [InlineData("")]
    [InlineData("ipv4 unicast 192.0.2.53/99 next-hop self")]
    public void What_is_no_route_of_ours_is_passed_over(string rest) => Assert.Null(One(rest));

    [Fact]
    public void A_line_cut_anywhere_is_not_taken_for_the_whole()
    {
        var whole = $"{Of} ipv4 unicast 192.0.2.53/32 next-hop self as-path [ 64501 64501 64501 ] med 50 community 64501:1 large-community 64501:1:22";
        var look = new Look(2, 50, (64501, 1), (64501, 1, 22));
        Assert.Equal(look, ExabgpRoute.Parse(whole, Only("192.0.2.53/32"))!.Look);
        for (var length = 0; length < whole.Length; length++) Assert.NotEqual(look, ExabgpRoute.Parse(whole[..length], Only("192.0.2.53/32"))?.Look);
    }
}
