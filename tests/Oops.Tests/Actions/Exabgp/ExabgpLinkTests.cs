using System.Net;
using Oops.Actions.Exabgp;
using Oops.Routers;
using Xunit;

namespace Oops.Tests.Actions.Exabgp;

/// <summary>What the link makes of ExaBGP's answers; how it works with a real one is in the lab.</summary>
public sealed class ExabgpLinkTests
{
    static readonly IPNetwork Four = IPNetwork.Parse("192.0.2.53/32");
    static readonly IPNetwork Six = IPNetwork.Parse("2001:db8:53::/48");

    /// <summary>A neighbor of `show neighbor extensive`.</summary>
    static string Neighbor(string address, string state = "ESTABLISHED", uint asn = 64501, bool six = true) =>
        $"Neighbor {address}\n   state   {state}\n   AS   {asn}   64500\n   ipv4 unicast:   enabled   enabled   disabled\n{(six ? "   ipv6 unicast:   enabled   enabled   disabled\n" : "")}";

    static string Route(string neighbor, string rest) => $"neighbor {neighbor} local-ip 10.99.0.1 local-as 64501 peer-as 64500 router-id 10.99.0.1 family-allowed in-open {rest}\n";

    static string Route4(string neighbor, string rest = "next-hop self") => Route(neighbor, $"ipv4 unicast {Four} {rest}");

    static FakeExabgp Exabgp(string neighbors, Func<string> table, Func<string, string?>? rest = null) => new(FakeExabgp.Answering(c => rest?.Invoke(c) ?? c switch
    {
        "show neighbor extensive" => neighbors + "done\n",
        "show adj-rib out extensive" => table() + "done\n",
        _ => null,
    }));

    static ExabgpLink Link(FakeExabgp exabgp, Action<ExabgpConfig>? with = null)
    {
        var config = new ExabgpConfig { Name = "edge", Pipes = exabgp.Pipes, Timeout = TimeSpan.FromSeconds(5), NextHop6 = "2001:db8:99::1" };
        with?.Invoke(config);
        return new(config, TimeProvider.System);
    }

    [Fact]
    public async Task A_prefix_is_as_all_neighbors_that_carry_its_family_have_it()
    {
        await using var exabgp = Exabgp(Neighbor("10.99.0.2") + Neighbor("10.99.0.3", six: false), () => Route4("10.99.0.2", "next-hop self med 7") + Route4("10.99.0.3", "next-hop self med 7") + Route("10.99.0.2", $"ipv6 unicast {Six} next-hop 2001:db8:99::1"));
        using var link = Link(exabgp);
        var read = await link.ReadAsync([Four, Six, IPNetwork.Parse("203.0.113.0/24")], default);
        Assert.Null(read.Why);
        Assert.Equal([new(Four, new Look(Med: 7), "announced to 10.99.0.2, 10.99.0.3"), new(Six, default(Look), "announced to 10.99.0.2")], read.Prefixes);
    }

    [Fact]
    public async Task One_that_a_neighbor_lacks_or_has_otherwise_is_as_none_of_ours()
    {
        var table = Route4("10.99.0.2");
        await using var exabgp = Exabgp(Neighbor("10.99.0.2") + Neighbor("10.99.0.3"), () => table);
        using var link = Link(exabgp);
        Assert.Equal(new PrefixRead(Four, null, "announced to 10.99.0.2, not in the table of 10.99.0.3"), (await link.ReadAsync([Four], default)).Prefixes.Single());
        table += Route4("10.99.0.3", "next-hop self med 1");
        Assert.Equal(new PrefixRead(Four, null, "announced to 10.99.0.2, 10.99.0.3"), (await link.ReadAsync([Four], default)).Prefixes.Single());
        table = Route4("10.99.0.2", "next-hop 10.99.0.9") + Route4("10.99.0.3", "next-hop 10.99.0.9");
        Assert.Null((await link.ReadAsync([Four], default)).Prefixes.Single().Look);
    }

    [Fact]
    public async Task A_session_that_is_down_is_no_withdraw()
    {
        await using var exabgp = Exabgp(Neighbor("10.99.0.2", "ACTIVE"), () => Route4("10.99.0.2"));
        using var link = Link(exabgp);
        Assert.Equal(new PrefixRead(Four, default(Look), "in its table, but no session of this family is up"), (await link.ReadAsync([Four], default)).Prefixes.Single());
    }

    [Fact]
    public async Task Chosen_neighbors_are_named_in_the_commands_and_the_others_do_not_count()
    {
        await using var exabgp = Exabgp(Neighbor("10.99.0.2") + Neighbor("10.99.0.3") + Neighbor("10.99.0.4"), () => Route4("10.99.0.2") + Route4("10.99.0.3"));
        using var link = Link(exabgp, c => c.Neighbors = ["10.99.0.2", "10.99.0.3", "10.99.0.9"]);
        Assert.Equal(new PrefixRead(Four, default(Look), "announced to 10.99.0.2, 10.99.0.3; there is no neighbor 10.99.0.9"), (await link.ReadAsync([Four], default)).Prefixes.Single());
        exabgp.Commands.Clear();
        Assert.Null(await link.ChangeAsync([new(Six, null), new(Four, new Look(Prepend: 1, Large: (64501, 1, 2)))], default));
        Assert.Equal([
            "neighbor 10.99.0.2 , neighbor 10.99.0.3 , neighbor 10.99.0.9 withdraw route 2001:db8:53::/48 next-hop self",
            "neighbor 10.99.0.2 , neighbor 10.99.0.3 , neighbor 10.99.0.9 announce route 192.0.2.53/32 next-hop self as-path [ 64501 64501 ] large-community [ 64501:1:2 ]"], exabgp.Commands);

        using var none = Link(exabgp, c => c.Neighbors = ["10.99.0.9"]);
        Assert.Equal("exabgp: it has none of the neighbors 10.99.0.9", (await none.ReadAsync([Four], default)).Why);
    }

    [Fact]
    public async Task Withdraws_are_said_before_anything_is_read()
    {
        await using var exabgp = Exabgp(Neighbor("10.99.0.2"), () => "");
        using var link = Link(exabgp);
        Assert.Null(await link.ChangeAsync([new(Four, null), new(Six, Look.Draining)], default));
        Assert.Equal("withdraw route 192.0.2.53/32 next-hop self", exabgp.Commands.First());
        Assert.Equal("announce route 2001:db8:53::/48 next-hop 2001:db8:99::1 community [ 65535:0 ] local-preference 0", exabgp.Commands.Last());
    }

    [Fact]
    public async Task Prefixes_that_shall_look_alike_are_one_command()
    {
        await using var exabgp = Exabgp(Neighbor("10.99.0.2"), () => "");
        using var link = Link(exabgp);
        await link.ReadAsync([Four], default);
        exabgp.Commands.Clear();
        var (goes, comes) = (IPNetwork.Parse("203.0.113.0/24"), IPNetwork.Parse("203.0.112.0/24"));
        Assert.Null(await link.ChangeAsync([new(Four, null), new(Six, null), new(goes, null), new(comes, Look.Draining), new(IPNetwork.Parse("203.0.111.0/24"), Look.Draining), new(IPNetwork.Parse("203.0.110.0/24"), default(Look))], default));
        Assert.Equal([
            "withdraw attributes next-hop self nlri 192.0.2.53/32 203.0.113.0/24",
            "withdraw route 2001:db8:53::/48 next-hop self",
            "announce attributes next-hop self community [ 65535:0 ] local-preference 0 nlri 203.0.112.0/24 203.0.111.0/24",
            "announce route 203.0.110.0/24 next-hop self"], exabgp.Commands);
    }

    [Fact]
    public async Task Very_many_prefixes_are_said_each_once_in_commands_that_the_kernel_writes_as_a_whole()
    {
        await using var exabgp = Exabgp(Neighbor("10.99.0.2"), () => "");
        using var link = Link(exabgp, c => c.Neighbors = [.. Enumerable.Range(2, 170).Select(i => $"10.99.0.{i}")]);
        List<PrefixChange> all = [.. Enumerable.Range(0, 600).Select(i => new PrefixChange(IPNetwork.Parse($"198.18.{i / 250}.{i % 250}/32"), null))];
        Assert.Null(await link.ChangeAsync(all, default));
        Assert.All(exabgp.Commands, c => Assert.InRange(c.Length, 3000, 4095));
        Assert.Equal(all.Select(c => c.Prefix.ToString()), exabgp.Commands.SelectMany(c => c[(c.IndexOf("nlri ", StringComparison.Ordinal) + 5)..].Split(' ')));
    }

    [Fact]
    public async Task A_command_of_many_that_is_refused_is_said_again_for_each()
    {
        await using var exabgp = Exabgp(Neighbor("10.99.0.2"), () => "", c => c.Contains("attributes", StringComparison.Ordinal) || c.Contains("203.0.113.0/24", StringComparison.Ordinal) ? "error\n" : null);
        using var link = Link(exabgp);
        Assert.Equal("exabgp: answered error to `withdraw route 203.0.113.0/24 next-hop self`; its log says why", await link.ChangeAsync([new(Four, null), new(IPNetwork.Parse("203.0.113.0/24"), null), new(IPNetwork.Parse("203.0.112.0/24"), null)], default));
        Assert.Equal(["withdraw route 192.0.2.53/32 next-hop self", "withdraw route 203.0.113.0/24 next-hop self", "withdraw route 203.0.112.0/24 next-hop self"], exabgp.Commands.Skip(1));
    }

    [Fact]
    public async Task An_error_is_a_refusal_with_the_commands_words()
    {
        await using var exabgp = Exabgp(Neighbor("10.99.0.2"), () => "", c => c.StartsWith("announce", StringComparison.Ordinal) ? "error\n" : null);
        using var link = Link(exabgp);
        Assert.Equal("exabgp: answered error to `announce route 192.0.2.53/32 next-hop self med 5`; its log says why", await link.ChangeAsync([new(Six, null), new(Four, new Look(Med: 5))], default));
    }

    [Fact]
    public async Task Where_the_acks_were_fetched_by_another_the_table_decides()
    {
        var table = "";
        await using var exabgp = Exabgp(Neighbor("10.99.0.2"), () => table, c => c.StartsWith("announce", StringComparison.Ordinal) ? "" : null);
        using var link = Link(exabgp);
        Assert.Null((await link.ReadAsync([Four], default)).Why);
        Assert.Contains("has got some of them", await link.ChangeAsync([new(Four, default(Look))], default), StringComparison.Ordinal);
        table = Route4("10.99.0.2");
        Assert.Null(await link.ChangeAsync([new(Four, default(Look))], default));
    }

    [Fact]
    public async Task A_prefix_that_is_missing_once_because_another_fetched_the_line_is_not_missing()
    {
        var reads = 0;
        await using var exabgp = Exabgp(Neighbor("10.99.0.2"), () => ++reads == 3 ? "" : Route4("10.99.0.2"));
        using var link = Link(exabgp);
        Assert.Single((await link.ReadAsync([Four], default)).Prefixes);
        Assert.Equal(2, reads);
        // The third is short of a line: read until two are alike.
        Assert.Single((await link.ReadAsync([Four], default)).Prefixes);
        Assert.Equal(4, reads);
        Assert.Single((await link.ReadAsync([Four], default)).Prefixes);
        Assert.Equal(5, reads);
    }

    [Fact]
    public async Task Readings_that_never_agree_are_no_reading()
    {
        var reads = 0;
        await using var exabgp = Exabgp(Neighbor("10.99.0.2"), () => Route4("10.99.0.2", $"next-hop self med {++reads}"));
        using var link = Link(exabgp);
        Assert.Contains("no two readings", (await link.ReadAsync([Four], default)).Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("5.0.1")]
    [InlineData("4.1.0")]
    [InlineData("3.4.29")]
    public async Task Another_version_is_neither_read_nor_announced_through(string version)
    {
        await using var exabgp = new FakeExabgp(c => c == "version" ? $"exabgp {version}\ndone\n" : FakeExabgp.Answering(_ => null)(c));
        using var link = Link(exabgp);
        Assert.StartsWith($"exabgp: this is `exabgp {version}`, and only 4.2 was tried", (await link.ReadAsync([Four], default)).Why, StringComparison.Ordinal);
        Assert.Contains("only 4.2 was tried", await link.ChangeAsync([new(Four, default(Look))], default), StringComparison.Ordinal);
        Assert.DoesNotContain(exabgp.Commands, c => c.StartsWith("announce", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_next_hop_that_a_session_cannot_have_is_refused_and_the_rest_is_done()
    {
        await using var exabgp = Exabgp(Neighbor("10.99.0.2"), () => "");
        using var link = Link(exabgp, c => c.NextHop6 = "self");
        Assert.Null((await link.ReadAsync([Four, Six], default)).Why);
        exabgp.Commands.Clear();
        var why = await link.ChangeAsync([new(Six, default(Look)), new(Four, default(Look))], default);
        Assert.Equal("exabgp: 2001:db8:53::/48 cannot be announced to 10.99.0.2 with next hop `self`: its session is IPv4; write `next-hop6:` with an address", why);
        Assert.Equal(["announce route 192.0.2.53/32 next-hop self"], exabgp.Commands);
    }

    [Fact]
    public async Task A_family_that_no_neighbor_has_is_refused()
    {
        await using var exabgp = Exabgp(Neighbor("10.99.0.2", six: false), () => "");
        using var link = Link(exabgp);
        Assert.Contains("no neighbor has `ipv6 unicast`", await link.ChangeAsync([new(Six, default(Look))], default), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_local_as_is_that_of_the_config_or_of_the_neighbors()
    {
        await using var exabgp = Exabgp(Neighbor("10.99.0.2", asn: 4_200_000_000), () => "");
        using (var read = Link(exabgp)) Assert.Null(await read.ChangeAsync([new(Four, new Look(Prepend: 2))], default));
        Assert.EndsWith("as-path [ 4200000000 4200000000 4200000000 ]", exabgp.Commands.Last(), StringComparison.Ordinal);

        await using var two = Exabgp(Neighbor("10.99.0.2") + Neighbor("10.99.0.3", asn: 64502), () => "");
        using (var several = Link(two)) Assert.Contains("several local AS numbers (64501, 64502)", await several.ChangeAsync([new(Four, new Look(Prepend: 2))], default), StringComparison.Ordinal);
        using var written = Link(two, c => c.Asn = 64501);
        Assert.Null(await written.ChangeAsync([new(Four, new Look(Prepend: 2))], default));
    }

    [Fact]
    public async Task While_it_does_not_run_that_is_said()
    {
        await using var exabgp = new FakeExabgp(null);
        using var link = Link(exabgp);
        Assert.Contains("ExaBGP is not running", (await link.ReadAsync([Four], default)).Why, StringComparison.Ordinal);
        Assert.Contains("ExaBGP is not running", await link.ChangeAsync([new(Four, null)], default), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "/usr/bin/python3", "/usr/sbin/exabgp", "/etc/exabgp/exabgp.conf")]
    [InlineData(true, "/usr/bin/python3.11", "-m", "exabgp", "exabgp.conf")]
    [InlineData(true, "/opt/exabgp")]
    [InlineData(false, "/usr/bin/python3", "/usr/sbin/exabgpcli", "version")]
    [InlineData(false, "vi", "exabgp")]
    [InlineData(false, "python3", "-m")]
    [InlineData(false, "python3")]
    [InlineData(false)]
    public void A_process_is_known_by_its_program(bool expected, params string[] line) => Assert.Equal(expected, ExabgpProcess.IsExabgp(line));
}
