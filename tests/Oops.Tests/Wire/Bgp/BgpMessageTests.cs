using System.Text;
using Oops.Wire.Bgp;
using Xunit;

namespace Oops.Tests.Wire.Bgp;

/// <summary>Headers, KEEPALIVE, NOTIFICATION and ROUTE-REFRESH; and what hostile peers send.</summary>
public sealed class BgpMessageTests
{
    const string Marker = "ffffffffffffffffffffffffffffffff";

    [Theory]
    [InlineData("00", 1, 1)]
    [InlineData("fffffe", 1, 1)]
    [InlineData(Marker + "001204", 1, 2)]
    [InlineData(Marker + "100104", 1, 2)]
    [InlineData(Marker + "001400", 1, 3)]
    [InlineData(Marker + "001406", 1, 3)]
    [InlineData(Marker + "001404", 1, 2)]
    [InlineData(Marker + "001c01", 1, 2)]
    [InlineData(Marker + "001602", 1, 2)]
    [InlineData(Marker + "001403", 1, 2)]
    [InlineData(Marker + "001805", 7, 1)]
    [InlineData("474554202f20485454502f312e310d0a", 1, 1)]
    public void A_broken_header_is_told_as_soon_as_it_shows(string hex, int code, int subcode)
    {
        Assert.Equal(BgpReading.Broken, BgpHeader.TryRead(Convert.FromHexString(hex), out _, out _, out var fault));
        Assert.Equal((code, subcode), (fault.Code, fault.Subcode));
    }

    [Fact]
    public void Half_a_message_is_waited_for()
    {
        foreach (var (_, message) in HexVectors.Read("bgp/peers.hex"))
        {
            for (var n = 0; n < message.Length; n++) Assert.Equal(BgpReading.Partial, BgpHeader.TryRead(message.AsSpan(0, n), out _, out _, out _));
            Assert.Equal(BgpReading.Message, BgpHeader.TryRead([.. message, 0, 1, 2], out _, out var body, out _));
            Assert.Equal(message.Length - BgpHeader.Size, body.Length);
        }
    }

    [Fact]
    public void The_answer_to_a_broken_header_says_what_was_broken()
    {
        Assert.Equal(Marker + "0017030102" + "1001", Convert.ToHexStringLower(BgpNotification.Write(BgpFault.BadLength(4097))));
        Assert.Equal(Marker + "0016030103" + "06", Convert.ToHexStringLower(BgpNotification.Write(BgpFault.BadType(6))));
        Assert.Equal(Marker + "0017030201" + "0004", Convert.ToHexStringLower(BgpNotification.Write(BgpFault.BadVersion)));
        Assert.Equal(HexVectors.One("bgp/peers.hex", "gobgp notification"), BgpNotification.Write(BgpFault.HoldExpired));
    }

    [Fact]
    public void A_shutdown_says_why_and_no_character_is_cut_in_two()
    {
        Assert.Equal(Marker + "0021030602" + "0b" + "6d61696e74656e616e6365", Convert.ToHexStringLower(BgpNotification.WriteShutdown("maintenance")));
        Assert.Equal("Cease, administrative shutdown: maintenance", BgpNotification.Say(BgpNotification.WriteShutdown("maintenance").AsSpan(BgpHeader.Size)));
        var umlauts = BgpNotification.WriteShutdown(string.Concat(Enumerable.Repeat("ü", 200)));
        Assert.Equal(254, umlauts[21]);
        Assert.Equal(127, Encoding.UTF8.GetString(umlauts.AsSpan(22)).Count(c => c == 'ü'));
    }

    [Theory]
    [InlineData("0202", "OPEN: bad peer AS")]
    [InlineData("0400", "hold timer expired")]
    [InlineData("0602", "Cease, administrative shutdown")]
    [InlineData("060200", "Cease, administrative shutdown")]
    [InlineData("0602ff68690a", "Cease, administrative shutdown: hi?")]
    [InlineData("0607", "Cease, connection collision resolution")]
    [InlineData("0909", "error 9/9")]
    [InlineData("06", "a NOTIFICATION that is cut off")]
    public void What_a_peer_says_at_the_end_is_one_line(string body, string words) => Assert.Equal(words, BgpNotification.Say(Convert.FromHexString(body)));

    [Fact]
    public void A_refresh_is_asked_for_begun_and_ended()
    {
        Assert.Equal(HexVectors.One("bgp/peers.hex", "bird refresh"), new BgpRefresh(BgpRefreshKind.Begin, BgpFamily.Ip4).Write());
        Assert.Equal(HexVectors.One("bgp/peers.hex", "bird refresh-2"), new BgpRefresh(BgpRefreshKind.End, BgpFamily.Ip4).Write());
        Assert.True(BgpRefresh.TryRead([0, 2, 0, 1], out var asked));
        Assert.Equal((BgpRefreshKind.Request, BgpFamily.Ip6), (asked.Kind, asked.Family));
        Assert.True(BgpRefresh.TryRead([0, 1, 0, 2], out var multicast));
        Assert.Null(multicast.Family);
        Assert.True(BgpRefresh.TryRead([0x40, 4, 0, 1], out var other));
        Assert.Null(other.Family);
    }

    [Fact]
    public void No_octets_make_a_reader_throw_or_allocate()
    {
        var corpus = HexVectors.Read("bgp/peers.hex").Select(v => v.Bytes).ToArray();
        foreach (var message in corpus) Walk(message);
        FuzzRun.Mutate(corpus, 200_000, 7, (bytes, _) =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Walk(bytes);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        });
    }

    [Fact]
    public void No_body_of_an_OPEN_makes_its_reader_throw_or_allocate()
    {
        var corpus = HexVectors.Read("bgp/peers.hex").Where(v => v.Name.EndsWith("open", StringComparison.Ordinal)).Select(v => v.Bytes[BgpHeader.Size..]).ToArray();
        foreach (var body in corpus) Assert.True(BgpOpen.TryRead(body, out _, out _));
        FuzzRun.Mutate(corpus, 300_000, 8, (bytes, _) =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var read = BgpOpen.TryRead(bytes, out var open, out var fault);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
            if (read != fault.IsNone || (read && (open.Asn == 0 || open.Id == 0 || open.HoldTime is 1 or 2))) throw new InvalidOperationException($"{read}, but {open} {fault}");
        });
    }

    static void Walk(ReadOnlySpan<byte> rest)
    {
        while (BgpHeader.TryRead(rest, out var type, out var body, out _) == BgpReading.Message)
        {
            rest = rest[(BgpHeader.Size + body.Length)..];
            if (type == BgpMessageType.Open) BgpOpen.TryRead(body, out _, out _);
            else if (type == BgpMessageType.RouteRefresh && BgpRefresh.TryRead(body, out var refresh)) _ = refresh.Family;
        }
    }
}
