using System.Buffers;
using System.Collections.Immutable;
using System.Net;
using FsCheck;
using FsCheck.Fluent;
using Oops.Wire.Bgp;
using Xunit;

namespace Oops.Tests.Wire.Bgp;

public sealed class BgpUpdateTests
{
    static readonly IPAddress Hop4 = IPAddress.Parse("10.99.0.1"), Hop6 = IPAddress.Parse("2001:db8:99::1");
    static readonly IPNetwork Prefix4 = IPNetwork.Parse("192.0.2.53/32"), Prefix6 = IPNetwork.Parse("2001:db8:53::/48");

    static byte[] Written(Action<IBufferWriter<byte>> write)
    {
        var to = new ArrayBufferWriter<byte>();
        write(to);
        return to.WrittenSpan.ToArray();
    }

    static string Hex(Action<IBufferWriter<byte>> write) => Convert.ToHexStringLower(Written(write))[32..];

    [Fact]
    public void What_BIRD_writes_of_a_plain_route_is_what_we_write() =>
        Assert.Equal(HexVectors.One("bgp/peers.hex", "bird update"), Written(to =>
            BgpUpdate.Announce(to, BgpFamily.Ip4, IPAddress.Parse("10.99.0.2"), new BgpAttributes { Path = [64500] }, fourOctet: true, [IPNetwork.Parse("198.51.100.0/24")])));

    [Fact]
    public void The_end_of_a_family_is_what_routers_send_as_such()
    {
        Assert.Equal(HexVectors.One("bgp/peers.hex", "bird update-2"), Written(to => BgpUpdate.EndOfRib(to, BgpFamily.Ip4)));
        Assert.Equal(HexVectors.One("bgp/peers.hex", "exabgp update-2"), Written(to => BgpUpdate.EndOfRib(to, BgpFamily.Ip6)));
        Assert.Equal([BgpFamily.Ip4, BgpFamily.Ip6], BgpDecoded.Of([.. HexVectors.One("bgp/peers.hex", "bird update-2"), .. HexVectors.One("bgp/peers.hex", "bird update-3")]).Ends);
    }

    [Fact]
    public void A_draining_route_has_all_attributes_in_their_order() =>
        Assert.Equal("0049020000" + "002d" + "40010100" + "40020a02020000fbf50000fbf5" + "4003040a630001" + "80040400000032" + "400504" + "00000000" + "c00804ffff0000" + "20c0000235",
            Hex(to => BgpUpdate.Announce(to, BgpFamily.Ip4, Hop4, new BgpAttributes { Path = [64501, 64501], Med = 50, LocalPref = 0, Communities = [BgpCommunity.GracefulShutdown] }, fourOctet: true, [Prefix4])));

    [Fact]
    public void IPv6_goes_by_multiprotocol_attributes_the_first_of_their_message()
    {
        Assert.Equal("0044020000" + "002d" + "900e001c" + "00020110" + "20010db8009900000000000000000001" + "00" + "3020010db80053" + "40010100" + "40020602010000fbf5",
            Hex(to => BgpUpdate.Announce(to, BgpFamily.Ip6, Hop6, new BgpAttributes { Path = [64501] }, fourOctet: true, [Prefix6])));
        Assert.Equal("0025020000" + "000e" + "900f000a" + "000201" + "3020010db80053", Hex(to => BgpUpdate.Withdraw(to, BgpFamily.Ip6, [Prefix6])));
        Assert.Equal("001c02" + "0005" + "20c0000235" + "0000", Hex(to => BgpUpdate.Withdraw(to, BgpFamily.Ip4, [Prefix4])));
    }

    [Fact]
    public void IPv4_with_an_IPv6_next_hop_goes_by_multiprotocol_attributes_too()
    {
        var decoded = BgpDecoded.Of(Written(to => BgpUpdate.Announce(to, BgpFamily.Ip4, Hop6, new BgpAttributes { Path = [64501] }, fourOctet: true, [Prefix4])));
        Assert.Equal(Hop6.ToString(), decoded.Prefixes[Prefix4]![14]);
        Assert.False(decoded.Prefixes[Prefix4]!.ContainsKey(3));
    }

    [Fact]
    public void A_peer_of_two_octets_gets_AS_TRANS_and_the_true_path_beside_it()
    {
        var attributes = new BgpAttributes { Path = [4200000001, 64501] };
        var old = BgpDecoded.Of(Written(to => BgpUpdate.Announce(to, BgpFamily.Ip4, Hop4, attributes, fourOctet: false, [Prefix4]))).Prefixes[Prefix4]!;
        Assert.Equal(("02025ba0fbf5", "0202fa56ea010000fbf5"), (old[2], old[17]));
        Assert.False(BgpDecoded.Of(Written(to => BgpUpdate.Announce(to, BgpFamily.Ip4, Hop4, attributes, fourOctet: true, [Prefix4]))).Prefixes[Prefix4]!.ContainsKey(17));
        Assert.False(BgpDecoded.Of(Written(to => BgpUpdate.Announce(to, BgpFamily.Ip4, Hop4, new BgpAttributes { Path = [64501] }, fourOctet: false, [Prefix4]))).Prefixes[Prefix4]!.ContainsKey(17));
    }

    [Fact]
    public void The_longest_lists_leave_room_for_prefixes()
    {
        var attributes = new BgpAttributes
        {
            Path = [.. Enumerable.Repeat(4200000001u, BgpAttributes.MaxPath)],
            Med = uint.MaxValue,
            LocalPref = 1,
            Communities = [.. Enumerable.Repeat(1u, BgpAttributes.MaxCommunities)],
            LargeCommunities = [.. Enumerable.Repeat(new BgpLargeCommunity(1, 2, 3), BgpAttributes.MaxLargeCommunities)],
        };
        foreach (var hop in new[] { Hop4, Hop6 })
            Assert.NotNull(BgpDecoded.Of(Written(to => BgpUpdate.Announce(to, BgpFamily.Ip4, hop, attributes, fourOctet: false, [Prefix4]))).Prefixes[Prefix4]);
    }

    [Fact]
    public void Any_prefixes_with_any_attributes_come_out_as_they_went_in_and_no_message_is_too_long() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int[]>(), Sizes().ToArbitrary(), (numbers, count) => Same(numbers, count)).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(150));

    static Gen<int> Sizes() => Gen.OneOf(Gen.Choose(1, 20), Gen.Choose(500, 3000));

    static bool Same(int[] numbers, int count)
    {
        var random = new Random(numbers.Aggregate(count, HashCode.Combine));
        var six = random.Next(2) == 0;
        var family = six ? BgpFamily.Ip6 : BgpFamily.Ip4;
        var prefixes = Enumerable.Range(0, count).Select(_ => Prefix(random, six)).Distinct().ToArray();
        var attributes = new BgpAttributes
        {
            Path = [.. Enumerable.Range(0, random.Next(0, 5)).Select(_ => (uint)random.NextInt64(1, uint.MaxValue))],
            Med = random.Next(2) == 0 ? null : (uint)random.Next(),
            LocalPref = random.Next(2) == 0 ? null : (uint)random.Next(),
            Communities = [.. Enumerable.Range(0, random.Next(0, 70)).Select(_ => (uint)random.Next())],
            LargeCommunities = [.. Enumerable.Range(0, random.Next(0, 30)).Select(_ => new BgpLargeCommunity((uint)random.Next(), (uint)random.Next(), (uint)random.Next()))],
        };
        var hop = six || random.Next(4) == 0 ? Hop6 : Hop4;
        var decoded = BgpDecoded.Of(Written(to => BgpUpdate.Announce(to, family, hop, attributes, fourOctet: true, prefixes)));
        var path = attributes.Path.IsEmpty ? "" : $"02{attributes.Path.Length:x2}" + string.Concat(attributes.Path.Select(a => $"{a:x8}"));
        var right = decoded.Prefixes.Count == prefixes.Length && decoded.Sizes.All(s => s <= BgpHeader.MaxMessage) && prefixes.All(p => decoded.Prefixes[p] is { } got
            && got[1] == "00" && got[2] == path && got.GetValueOrDefault(hop == Hop6 ? 14 : 3) is not null
            && got.GetValueOrDefault(4) == (attributes.Med is { } m ? $"{m:x8}" : null) && got.GetValueOrDefault(5) == (attributes.LocalPref is { } l ? $"{l:x8}" : null)
            && (got.GetValueOrDefault(8) ?? "") == string.Concat(attributes.Communities.Select(c => $"{c:x8}"))
            && (got.GetValueOrDefault(32) ?? "") == string.Concat(attributes.LargeCommunities.Select(c => $"{c.Asn:x8}{c.First:x8}{c.Second:x8}")));
        var gone = BgpDecoded.Of(Written(to => BgpUpdate.Withdraw(to, family, prefixes)));
        // Each message but the last is full: no octet more than a prefix is left free.
        var packed = decoded.Sizes.SkipLast(1).Concat(gone.Sizes.SkipLast(1)).All(s => s > BgpHeader.MaxMessage - 17);
        return right && packed && gone.Prefixes.Count == prefixes.Length && gone.Prefixes.Values.All(v => v is null);
    }

    static IPNetwork Prefix(Random random, bool six)
    {
        var bytes = new byte[six ? 16 : 4];
        random.NextBytes(bytes);
        var length = random.Next(1, bytes.Length * 8 + 1);
        for (var i = 0; i < bytes.Length; i++) bytes[i] &= (byte)(0xff00 >> Math.Clamp(length - i * 8, 0, 8));
        return new IPNetwork(new IPAddress(bytes), length);
    }
}
