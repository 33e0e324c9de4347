using System.Net;
using Oops.Actions.Frr;
using Oops.Routers;
using Xunit;

namespace Oops.Tests.Actions.Frr;

/// <summary>What bgpd's answers about a prefix say.</summary>
public sealed class FrrEntryTests
{
    static readonly IPNetwork Prefix = IPNetwork.Parse("192.0.2.53/32");

    static PrefixRead? Read(string name, bool up = true) => FrrEntry.Parse(FakeFrr.Text(name), 64501)!.Read(Prefix, up);

    public static TheoryData<string, string> Looks => new()
    {
        { "plain", "plain" }, { "med", "MED 50" }, { "community", "community 64500:90" }, { "large", "large community 64500:1:2" }, { "drain", "community 65535:0" }, { "prepend", "prepended 3 times" },
    };

    [Theory]
    [MemberData(nameof(Looks))]
    public void A_prefix_looks_as_its_attributes_say(string name, string look)
    {
        var read = Read(name)!;
        Assert.Equal((look, "announced to 10.99.0.2", false), (read.Look.ToString(), read.Detail, read.Unheard));
        Assert.True(FrrEntry.Parse(FakeFrr.Text(name), 64501)!.IsSettled(true));
    }

    [Fact]
    public void What_no_form_of_ours_has_is_foreign()
    {
        Assert.Equal(new PrefixRead(Prefix, null, "announced to 10.99.0.2"), Read("foreign"));
        foreach (var (was, isNow) in ((string, string)[])[("64501,\n", "64502,\n"), ("\"as-sequence\"", "\"as-set\""), ("\"IGP\"", "\"EGP\""), ("\"metric\":0,", "\"metric\":0, \"locPrf\":50,"), ("\"length\":3", "\"length\":3 }, \"extendedCommunity\":{\"string\":\"RT:1:1\"")])
        {
            var text = FakeFrr.Text("prepend").Replace(was, isNow, StringComparison.Ordinal);
            Assert.NotEqual(FakeFrr.Text("prepend"), text);
            Assert.Null(FrrEntry.Parse(text, 64501)!.Read(Prefix, true)!.Look);
        }
    }

    [Fact]
    public void Only_our_AS_is_prepended_and_any_that_stands_alone_where_ours_is_not_known()
    {
        Assert.Null(FrrEntry.Parse(FakeFrr.Text("prepend"), 64999)!.Read(Prefix, true)!.Look);
        Assert.Equal(3, FrrEntry.Parse(FakeFrr.Text("prepend"), null)!.Read(Prefix, true)!.Look!.Value.Prepend);
    }

    [Fact]
    public void What_is_not_in_the_table_or_was_just_taken_out_is_not_announced()
    {
        Assert.Null(Read("absent"));
        Assert.Null(Read("removed"));
        Assert.True(FrrEntry.Parse(FakeFrr.Text("absent"), null)!.IsSettled(true));
        Assert.False(FrrEntry.Parse(FakeFrr.Text("removed"), null)!.IsSettled(true));
        Assert.False(FrrEntry.Parse(FakeFrr.Text("waiting"), null)!.IsSettled(false));
    }

    [Fact]
    public void One_that_is_not_valid_or_goes_to_nobody_is_unheard_and_one_without_a_session_stands()
    {
        foreach (var up in (bool[])[true, false])
            Assert.Equal((default(Look), true, "in the router's table, but not valid: `bgp network import-check` finds no route for it. Add one, as a blackhole, or write `no bgp network import-check`"), Parts(Read("invalid", up)!));
        Assert.Equal((default(Look), true, "in the router's table, but advertised to no session: an outbound filter keeps it, or there is none and `bgp ebgp-requires-policy` wants one"), Parts(Read("silent")!));
        Assert.Equal((default(Look), false, "no BGP session of this family is up"), Parts(Read("alone", up: false)!));
        // The session will say more within a moment.
        Assert.False(FrrEntry.Parse(FakeFrr.Text("silent"), null)!.IsSettled(true));
        Assert.True(FrrEntry.Parse(FakeFrr.Text("alone"), null)!.IsSettled(false));
        Assert.True(FrrEntry.Parse(FakeFrr.Text("invalid"), null)!.IsSettled(true));

        static (Look?, bool, string) Parts(PrefixRead read) => (read.Look, read.Unheard, read.Detail);
    }

    [Fact]
    public void Another_path_that_goes_out_is_named()
    {
        Assert.Equal(new PrefixRead(Prefix, null, "announced to 10.99.0.2, redistributed or learned: not by `network`") { Other = "`redistribute`" }, Read("redistributed"));
        Assert.Equal(new PrefixRead(Prefix, null, "announced to 10.99.0.2 as another path has it, not as `network` does") { Other = "`redistribute`" }, Read("hidden"));
    }

    [Fact]
    public void Many_peers_and_hostile_names_make_no_long_or_wild_sentence()
    {
        var peers = string.Join(',', Enumerable.Range(0, 9).Select(i => $"\"{i}\\u001b{new string('x', 100)}\":{{}}"));
        var read = FrrEntry.Parse(FakeFrr.Text("plain").Replace("\"10.99.0.2\":{", peers[..^1], StringComparison.Ordinal), null)!.Read(Prefix, true)!;
        Assert.EndsWith(" and 5 more", read.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', read.Detail);
        Assert.True(read.Detail.Length < 400);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"paths\":[{\"origin\":\"\\ud800\"}]}")]
    [InlineData("{\"advertisedTo\":{\"\\ud800\":{}}}")]
    [InlineData("{")]
    [InlineData("% Network not in table")]
    [InlineData("{\"warning\":\"Default BGP instance not found\"}")]
    public void What_is_no_answer_about_a_prefix_is_none(string text) => Assert.Null(FrrEntry.Parse(text, null));

    [Theory]
    [InlineData("{\"paths\":{}}")]
    [InlineData("{\"paths\":[1,null,\"x\",[]]}")]
    [InlineData("{\"paths\":[{\"sourced\":1,\"local\":\"true\",\"aspath\":[],\"community\":{\"list\":7}}],\"advertisedTo\":[]}")]
    public void Values_of_other_kinds_are_nothing(string text) => Assert.Null(FrrEntry.Parse(text, null)!.Read(Prefix, true));

    [Theory]
    [InlineData("noExport", 65535, 65281)]
    [InlineData("blackhole", 65535, 666)]
    [InlineData("internet", 0, 0)]
    [InlineData("llgrStale", 65535, 6)]
    [InlineData("65535:9", 65535, 9)]
    public void Well_known_communities_have_names_in_bgpds_json(string name, int asn, int value) => Assert.Equal(((ushort)asn, (ushort)value), FrrCommunities.Parse(name));

    [Theory]
    [InlineData("65536:1")]
    [InlineData("-1:1")]
    [InlineData("1:2:3")]
    [InlineData("somethingNew")]
    public void What_is_no_community_is_none(string text) => Assert.Null(FrrCommunities.Parse(text));

    [Theory]
    [InlineData("summary", 64501L, true)]
    [InlineData("summary-down", 64501L, false)]
    [InlineData("summary-empty", null, false)]
    public void The_summary_tells_the_AS_and_the_sessions(string name, long? asn, bool up) => Assert.Equal(new FrrSummary((uint?)asn, up, up), FrrSummary.Parse(FakeFrr.Text(name)));

    [Fact]
    public void A_session_that_is_up_for_a_moment_only_is_none_that_must_have_our_routes() =>
        Assert.Equal(new FrrSummary(64501, false, false), FrrSummary.Parse(FakeFrr.Text("summary").Replace("\"peerUptimeMsec\":5000", "\"peerUptimeMsec\":2000", StringComparison.Ordinal)));

    [Theory]
    [InlineData("FRRouting 8.4.4 (ns1) on Linux(6.1).\n", "FRRouting 8.4.4")]
    [InlineData("FRRouting 8.4\n", "FRRouting 8.4")]
    [InlineData("FRRouting 8.40 (x)", "FRRouting 8.40, which oops was not tried with (8.4 was)")]
    [InlineData("FRRouting 10.2.1-dev (x)", "FRRouting 10.2.1-dev, which oops was not tried with (8.4 was)")]
    public void A_version_that_was_not_tried_says_so(string text, string said) => Assert.Equal(said, FrrVersion.Say(FrrVersion.Parse(text)!));
}
