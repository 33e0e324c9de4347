using System.Net;
using Oops.Wire.Gobgp;
using Oops.Wire.Protobuf;
using Xunit;

namespace Oops.Tests.Wire.Gobgp;

/// <summary>The messages of GoBGP's two APIs: those of 3.10.0 as its command line and gobgpd exchange them, those of 4 as its .proto files say.</summary>
public sealed class GobgpCodecTests
{
    const string Recorded = "gobgp/api-3.10.0.hex";
    const string ByHand = "gobgp/api-4-by-hand.hex";

    static readonly IPNetwork Four = IPNetwork.Parse("192.0.2.53/32");
    static readonly IPNetwork Six = IPNetwork.Parse("2001:db8:54::/48");

    /// <summary>What `add path 4` adds.</summary>
    static readonly GobgpPath Rich = new(Four, IPAddress.Any) { AsPath = [64501, 64501], Med = 50, Communities = [0xFFFF0000], Large = [(64501, 1, 2)] };

    static string Say(GobgpPath p) =>
        $"{p.Prefix} via {p.NextHop}, origin {p.Origin}, path {string.Join(' ', p.AsPath)}, med {p.Med}, pref {p.LocalPref}, comm {string.Join(' ', p.Communities)}, large {string.Join(' ', p.Large)}, more {p.HasMore}, best {p.Best}, from {p.From}, gone {p.Withdraw}";

    static string Paths(GobgpApi api, byte[] message) => string.Join('\n', GobgpAnswers.Destination(api, message)!.Value.Select(Say));

    /// <summary>Field 3 of AddPathRequest and of AddPathStreamRequest.</summary>
    static string Added(GobgpApi api, IPNetwork prefix, ReadOnlySpan<byte> request)
    {
        var reader = new ProtobufReader(request);
        while (reader.TryNext())
            if (reader.Field == 3) return Say(GobgpAnswers.Path(api, prefix, reader.Bytes)!);
        throw new InvalidOperationException("no path");
    }

    [Fact]
    public void The_local_AS_is_read() => Assert.Equal(64501u, GobgpAnswers.LocalAs(HexVectors.One(Recorded, "global answer")));

    [Fact]
    public void A_GoBGP_that_was_not_started_has_the_AS_0()
    {
        Assert.Equal(0u, GobgpAnswers.LocalAs([]));
        Assert.Null(GobgpAnswers.LocalAs([0x0A, 9]));
    }

    [Fact]
    public void A_peer_has_its_state_and_what_it_takes()
    {
        Assert.Equal(new GobgpPeer("10.99.0.2", 64500, true, true, true, 0), GobgpAnswers.Peer(GobgpApi.V3, HexVectors.One(Recorded, "peer answer")));
        Assert.Equal(new GobgpPeer("10.99.0.2", 64500, true, true, false, 7), GobgpAnswers.Peer(GobgpApi.V4, HexVectors.One(ByHand, "peer answer")));
    }

    [Fact]
    public void A_path_of_its_own_is_read_with_all_its_attributes()
    {
        Assert.Equal(Say(Rich with { Best = true }), Paths(GobgpApi.V3, HexVectors.One(Recorded, "global path 4")));
        Assert.Equal(Say(Rich with { Best = true }), Paths(GobgpApi.V4, HexVectors.One(ByHand, "global path 4")));
    }

    [Fact]
    public void A_path_as_it_is_sent_has_the_local_AS_and_the_sessions_address()
    {
        Assert.Equal(Say(Rich with { AsPath = [64501, 64501, 64501], NextHop = IPAddress.Parse("10.99.0.1") }), Paths(GobgpApi.V3, HexVectors.One(Recorded, "sent path 4")));
        Assert.Equal(Say(new GobgpPath(Six, IPAddress.Parse("2001:db8:99::1")) { AsPath = [64501] }), Paths(GobgpApi.V3, HexVectors.One(Recorded, "sent path 6 with a next hop")));
    }

    [Fact]
    public void The_next_hop_of_IPv6_over_a_session_over_IPv4_is_that_sessions_address() =>
        Assert.Equal(IPAddress.Parse("10.99.0.1"), Assert.Single(GobgpAnswers.Destination(GobgpApi.V3, HexVectors.One(Recorded, "sent path 6"))!.Value).NextHop);

    [Fact]
    public void Attributes_that_no_form_of_ours_has_are_noticed()
    {
        var path = Assert.Single(GobgpAnswers.Destination(GobgpApi.V3, HexVectors.One(Recorded, "foreign path"))!.Value);
        Assert.Equal((1u, true), (path.Origin, path.HasMore));
    }

    [Fact]
    public void Whom_a_path_came_from_is_told() =>
        Assert.Equal(Say(new GobgpPath(IPNetwork.Parse("2001:db8:53::/48"), IPAddress.Parse("2001:db8:99::1")) { Best = true, From = IPAddress.Parse("10.99.0.2") }), Paths(GobgpApi.V4, HexVectors.One(ByHand, "foreign path 6")));

    [Fact]
    public void We_add_what_the_command_line_adds()
    {
        Assert.Equal(Added(GobgpApi.V3, Four, HexVectors.One(Recorded, "add path 4")), Added(GobgpApi.V3, Four, GobgpRequests.AddPaths(GobgpApi.V3, [Rich]).Span));
        Assert.Equal(Added(GobgpApi.V3, Six, HexVectors.One(Recorded, "add path 6")), Added(GobgpApi.V3, Six, GobgpRequests.AddPaths(GobgpApi.V3, [new(Six, IPAddress.Parse("2001:db8:99::1"))]).Span));
        Assert.Equal(HexVectors.One(ByHand, "add paths"), GobgpRequests.AddPaths(GobgpApi.V4, [Rich]).ToArray());
    }

    [Theory]
    [InlineData("192.0.2.53/32", "list path 4")]
    [InlineData("2001:db8:53::/48", "list path 6")]
    public void We_ask_for_a_prefix_as_the_command_line_does(string prefix, string vector) =>
        // But for the order of the answer (field 5), which is of no use with one.
        Assert.Equal(Convert.ToHexString(HexVectors.One(Recorded, vector)), Convert.ToHexString([.. GobgpRequests.ListPath(GobgpApi.V3, GobgpTable.Global, "", [IPNetwork.Parse(prefix)]).Span, 0x28, 1]));

    [Fact]
    public void The_tables_of_4_have_other_numbers()
    {
        Assert.Equal(HexVectors.One(ByHand, "list path"), GobgpRequests.ListPath(GobgpApi.V4, GobgpTable.Global, "", [Four]).ToArray());
        Assert.Equal(HexVectors.One(ByHand, "list sent path"), GobgpRequests.ListPath(GobgpApi.V4, GobgpTable.AdjOut, "10.99.0.2", [Four]).ToArray());
    }

    [Fact]
    public void A_whole_table_is_never_asked_for() => Assert.Throws<ArgumentException>(() => GobgpRequests.ListPath(GobgpApi.V3, GobgpTable.Global, "", []));

    [Theory]
    [InlineData(GobgpApi.V3)]
    [InlineData(GobgpApi.V4)]
    public void What_is_written_is_read_back(GobgpApi api)
    {
        GobgpPath[] paths =
        [
            Rich, new(Six, IPAddress.IPv6Any), new(Six, IPAddress.Parse("2001:db8::9")) { Med = 0, LocalPref = 0, AsPath = [4200000001] },
            new(Four, IPAddress.Parse("192.0.2.9")) { Med = uint.MaxValue, Large = [(0, 0, 0), (uint.MaxValue, 1, 0)] }, GobgpPath.Withdrawn(Four), GobgpPath.Withdrawn(Six),
        ];
        foreach (var path in paths) Assert.Equal(Say(path), Added(api, path.Prefix, GobgpRequests.AddPaths(api, [path]).Span));
    }

    [Fact]
    public void The_calls_have_their_services_names()
    {
        Assert.Equal("/apipb.GobgpApi/ListPath", GobgpCalls.Path(GobgpApi.V3, GobgpCall.ListPath));
        Assert.Equal("/api.GoBgpService/AddPathStream", GobgpCalls.Path(GobgpApi.V4, GobgpCall.AddPathStream));
    }

    [Fact]
    public void Frames_are_read_as_they_are_written()
    {
        Assert.True(GrpcFrames.TryRead(GrpcFrames.Write(new byte[] { 1, 2 }, ReadOnlyMemory<byte>.Empty, new byte[] { 3 }), out var messages));
        Assert.Equal(["0102", "", "03"], messages.Select(m => Convert.ToHexString(m.Span)));
        Assert.True(GrpcFrames.TryRead(default, out messages));
        Assert.Empty(messages);
    }

    [Theory]
    [InlineData("00000000")]
    [InlineData("000000000201")]
    [InlineData("01000000020102")]
    [InlineData("00FFFFFFFF0102")]
    [InlineData("0000000001AA00")]
    public void What_is_no_whole_frame_is_none(string hex) => Assert.False(GrpcFrames.TryRead(Convert.FromHexString(hex), out _));

    [Fact]
    public void No_mutation_of_an_answer_makes_the_reader_throw() =>
        FuzzRun.Mutate([.. HexVectors.Read(Recorded).Concat(HexVectors.Read(ByHand)).Select(v => v.Bytes)], 20_000, 7, static (bytes, _) =>
        {
            foreach (var api in (GobgpApi[])[GobgpApi.V3, GobgpApi.V4])
            {
                GobgpAnswers.LocalAs(bytes);
                if (GobgpAnswers.Peer(api, bytes) is { } peer) Assert.NotEmpty(peer.Address);
                foreach (var path in GobgpAnswers.Destination(api, bytes) ?? []) Assert.NotEmpty(Say(path));
            }
        });
}
