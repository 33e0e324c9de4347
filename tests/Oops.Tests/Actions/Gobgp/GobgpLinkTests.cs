using System.Net;
using Microsoft.AspNetCore.Http;
using Oops.Actions.Gobgp;
using Oops.Routers;
using Oops.Tests.Wire;
using Oops.Wire.Gobgp;
using Oops.Wire.Protobuf;
using Xunit;

namespace Oops.Tests.Actions.Gobgp;

/// <summary>The link against a gobgpd that answers what was recorded, or what no gobgpd should; how it works with a real one is in the lab.</summary>
public sealed class GobgpLinkTests
{
    const string Recorded = "gobgp/api-3.10.0.hex";
    const string ByHand = "gobgp/api-4-by-hand.hex";

    static readonly IPNetwork Four = IPNetwork.Parse("192.0.2.53/32");
    static readonly IPNetwork Six = IPNetwork.Parse("2001:db8:53::/48");
    static readonly Look Rich = new(2, 50, null, (64501, 1, 2), IsDraining: true);

    static GobgpLink Link(FakeGobgp server) => new(new GobgpClient(new GobgpPlace(server.SocketPath, null), TimeSpan.FromSeconds(20), TimeProvider.System), new GobgpHops(IPAddress.Any, IPAddress.IPv6Any));

    static byte[] V(string name, string file = Recorded) => HexVectors.One(file, name);

    /// <summary>Which table a ListPathRequest is for.</summary>
    static ulong Table(ReadOnlyMemory<byte> request)
    {
        var reader = new ProtobufReader(request.Span);
        return reader.TryNext() && reader.Field == 1 ? reader.Number : 0;
    }

    /// <summary>A gobgpd of 3.10; null: as recorded.</summary>
    static FakeCall Gobgpd(byte[][]? global = null, byte[][]? sent = null, byte[]? peer = null, byte[]? bgp = null) => (call, messages, context) => call switch
    {
        "GetBgp" => FakeGobgp.AnswerAsync(context, 0, bgp ?? V("global answer")),
        "ListPeer" => FakeGobgp.AnswerAsync(context, 0, peer ?? V("peer answer")),
        "ListPath" when Table(messages[0]) == 0 => FakeGobgp.AnswerAsync(context, 0, global ?? [V("global path 4")]),
        "ListPath" => FakeGobgp.AnswerAsync(context, 0, sent ?? [V("sent path 4")]),
        _ => FakeGobgp.AnswerAsync(context, 0, []),
    };

    static async Task<(LinkRead Read, List<string> Calls)> ReadAsync(FakeCall answer, params IPNetwork[] prefixes)
    {
        await using var server = await FakeGobgp.StartAsync(answer);
        using var link = Link(server);
        var read = await link.ReadAsync(prefixes.Length > 0 ? prefixes : [Four], default);
        return (read, [.. server.Paths.Select(p => p.Split('/')[^1])]);
    }

    [Fact]
    public async Task A_prefix_is_read_as_it_looks_with_those_that_it_is_sent_to()
    {
        var (read, calls) = await ReadAsync(Gobgpd());
        Assert.Equal(new PrefixRead(Four, Rich, "announced to 10.99.0.2"), Assert.Single(read.Prefixes));
        Assert.Equal(["GetBgp", "ListPeer", "ListPath", "ListPath"], calls);
        Assert.StartsWith($"gobgpd, process {Environment.ProcessId}, started ", read.Incarnation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_there_is_not_asked_for_at_the_peers()
    {
        var (read, calls) = await ReadAsync(Gobgpd(global: []));
        Assert.Empty(read.Prefixes);
        Assert.Equal(["GetBgp", "ListPeer", "ListPath"], calls);
    }

    [Fact]
    public async Task What_the_policies_let_nobody_have_reaches_nobody_and_is_there()
    {
        var (read, _) = await ReadAsync(Gobgpd(sent: []));
        Assert.Equal(new PrefixRead(Four, Rich, "its policies send it to none of its peers") { Unheard = true }, Assert.Single(read.Prefixes));
    }

    [Fact]
    public async Task IPv6_with_the_next_hop_of_a_session_over_IPv4_reaches_nobody()
    {
        var (read, _) = await ReadAsync(Gobgpd([V("global path 6")], [V("sent path 6")]), Six);
        Assert.Equal(new PrefixRead(Six, default(Look), "no peer can take it: its next hop is an IPv4 address; write next-hop6") { Unheard = true }, Assert.Single(read.Prefixes));
    }

    [Fact]
    public async Task A_route_with_attributes_of_somebody_else_has_no_look_of_ours()
    {
        var (read, _) = await ReadAsync(Gobgpd([V("foreign path")], [V("foreign path")]), IPNetwork.Parse("192.0.2.54/32"));
        Assert.Null(Assert.Single(read.Prefixes).Look);
    }

    [Fact]
    public async Task Without_a_session_what_is_in_the_table_stands()
    {
        byte[] idle = [0x0A, 0x0D, 0x2A, 0x0B, 0x2A, 0x09, .. "10.99.0.2"u8];
        var (read, calls) = await ReadAsync(Gobgpd(peer: idle));
        Assert.Equal(new PrefixRead(Four, Rich, "no BGP session of this family is up"), Assert.Single(read.Prefixes));
        Assert.Equal(["GetBgp", "ListPeer", "ListPath"], calls);
    }

    [Fact]
    public async Task With_a_large_table_the_peers_are_not_asked_what_they_are_sent()
    {
        // A million paths received: AfiSafi { state { received } }, put behind the recorded peer.
        var state = new ProtobufWriter().Message(10, new ProtobufWriter().Message(3, new ProtobufWriter().Number(3, 1_000_000)));
        var recorded = new ProtobufReader(V("peer answer"));
        Assert.True(recorded.TryNext());
        byte[] peer = [.. recorded.Bytes, .. state.Written];
        byte[] answer = [0x0A, (byte)(peer.Length & 0x7F | 0x80), (byte)(peer.Length >> 7), .. peer];
        var (read, calls) = await ReadAsync(Gobgpd(peer: answer));
        Assert.Equal(new PrefixRead(Four, Rich, "on its way to 10.99.0.2, whose policies were not asked: its table is large"), Assert.Single(read.Prefixes));
        Assert.Equal(["GetBgp", "ListPeer", "ListPath"], calls);
    }

    [Fact]
    public async Task Garbage_for_a_message_is_told_with_the_call()
    {
        Assert.Contains("the answer to GetBgp is malformed", (await ReadAsync(Gobgpd(bgp: [0xFF, 0xFF]))).Read.Why, StringComparison.Ordinal);
        Assert.Contains("the answer to ListPeer is malformed", (await ReadAsync(Gobgpd(peer: [0x0A, 0x7F]))).Read.Why, StringComparison.Ordinal);
        Assert.Contains("the answer to ListPath is malformed", (await ReadAsync(Gobgpd(global: [[0x0A, 0x7F]]))).Read.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_GoBGP_without_a_configuration_is_told() =>
        Assert.Contains("BGP is not started", (await ReadAsync(Gobgpd(bgp: []))).Read.Why, StringComparison.Ordinal);

    [Fact]
    public async Task A_refusal_is_a_reason_with_its_call()
    {
        FakeCall refusing = (call, messages, context) => call == "ListPath" ? FakeGobgp.RefuseAsync(context, 2, "address family: ipv4-unicast not supported") : Gobgpd()(call, messages, context);
        Assert.Equal("gobgp: refused ListPath: address family: ipv4-unicast not supported (status 2)", (await ReadAsync(refusing)).Read.Why);
    }

    [Fact]
    public async Task The_fourth_version_is_told_by_its_service()
    {
        FakeCall four = (call, messages, context) => !context.Request.Path.Value!.StartsWith("/api.GoBgpService/", StringComparison.Ordinal) ? FakeGobgp.RefuseAsync(context, GrpcAnswer.Unimplemented, "unknown service apipb.GobgpApi") : call switch
        {
            "GetBgp" => FakeGobgp.AnswerAsync(context, 0, V("global answer")),
            "ListPeer" => FakeGobgp.AnswerAsync(context, 0, V("peer answer", ByHand)),
            "ListPath" => FakeGobgp.AnswerAsync(context, 0, V("global path 4", ByHand)),
            _ => FakeGobgp.AnswerAsync(context, 0, []),
        };
        await using var server = await FakeGobgp.StartAsync(four);
        using var link = Link(server);
        Assert.Equal(Rich, Assert.Single((await link.ReadAsync([Four], default)).Prefixes).Look);
        Assert.Null(await link.ChangeAsync([new(Four, null), new(Six, default(Look))], default));
        await link.ReadAsync([Four], default);
        // The third was asked once.
        Assert.Single(server.Paths, p => p.StartsWith("/apipb.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Neither_version_is_told() =>
        Assert.Contains("neither the API of GoBGP 3 (apipb.GobgpApi) nor that of GoBGP 4", (await ReadAsync((_, _, context) => FakeGobgp.RefuseAsync(context, GrpcAnswer.Unimplemented, "unknown service"))).Read.Why, StringComparison.Ordinal);

    [Fact]
    public async Task All_of_a_change_goes_in_one_call_and_withdraws_are_a_message_of_their_own_and_first()
    {
        List<string> added = [];
        await using var server = await FakeGobgp.StartAsync((call, messages, context) =>
        {
            if (call == "AddPathStream") added.AddRange(messages.Select(m => Convert.ToHexString(m.Span)));
            return Gobgpd()(call, messages, context);
        });
        using var link = Link(server);
        Assert.Null(await link.ChangeAsync([new(Four, new Look(Prepend: 1)), new(Six, null), new(IPNetwork.Parse("192.0.2.0/24"), default(Look))], default));
        Assert.Equal(["GetBgp", "AddPathStream"], server.Paths.Select(p => p.Split('/')[^1]));
        var goes = Convert.ToHexString(GobgpRequests.AddPaths(GobgpApi.V3, [GobgpPath.Withdrawn(Six)]).Span);
        var comes = Convert.ToHexString(GobgpRequests.AddPaths(GobgpApi.V3, [new(Four, IPAddress.Any) { AsPath = [64501] }, new(IPNetwork.Parse("192.0.2.0/24"), IPAddress.Any)]).Span);
        Assert.Equal([goes, comes], added);
    }

    [Theory]
    [InlineData(64500u, null)]
    [InlineData(64501u, 0u)]
    public async Task LOCAL_PREF_0_goes_with_a_drain_where_a_peer_is_of_the_same_AS(uint asn, uint? preference)
    {
        var peer = new ProtobufWriter().Message(1, new ProtobufWriter().Message(5, new ProtobufWriter().Text(5, "10.99.0.2").Number(6, asn))).Written.ToArray();
        string? added = null;
        await using var server = await FakeGobgp.StartAsync((call, messages, context) =>
        {
            if (call == "AddPathStream") added = Convert.ToHexString(messages[0].Span);
            return Gobgpd(peer: peer)(call, messages, context);
        });
        using var link = Link(server);
        Assert.Null(await link.ChangeAsync([new(Four, Look.Draining)], default));
        Assert.Equal(Convert.ToHexString(GobgpRequests.AddPaths(GobgpApi.V3, [new(Four, IPAddress.Any) { Communities = [0xFFFF0000], LocalPref = preference }]).Span), added);
    }

    [Fact]
    public async Task What_gobgpd_refuses_of_a_change_is_told()
    {
        await using var server = await FakeGobgp.StartAsync((call, messages, context) => call == "AddPathStream" ? FakeGobgp.RefuseAsync(context, 2, "nexthop not found") : Gobgpd()(call, messages, context));
        using var link = Link(server);
        Assert.Equal("gobgp: refused AddPathStream: nexthop not found (status 2)", await link.ChangeAsync([new(Four, default(Look))], default));
    }
}
