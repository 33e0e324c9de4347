using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Wire.Dns;

public sealed class DnsNameTests
{
    [Theory]
    [InlineData(".", ".")]
    [InlineData("Example.NL", "example.nl")]
    [InlineData("example.nl.", "example.nl")]
    [InlineData(@"a\.b.c", @"a\.b.c")]
    [InlineData(@"a\046b.c", @"a\.b.c")]
    [InlineData(@"\065x", "ax")]
    [InlineData(@"a\032b\000\255", @"a\032b\000\255")]
    [InlineData(@"\-rf./etc", "-rf./etc")]
    [InlineData("_dns.*.x", "_dns.*.x")]
    [InlineData(@"\\\""", @"\\\""")]
    public void Text_becomes_its_canonical_form(string text, string canonical)
    {
        Assert.True(DnsName.TryParse(text, out var name));
        Assert.Equal(canonical, name.ToString());
        Assert.True(DnsName.TryParse(canonical, out var again));
        Assert.True(name == again);
        Assert.Equal(name.GetHashCode(), again.GetHashCode());
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData(".a")]
    [InlineData("a..b")]
    [InlineData("a b")]
    [InlineData("a\tb")]
    [InlineData("é.nl")]
    [InlineData(@"a\")]
    [InlineData(@"a\25")]
    [InlineData(@"a\256")]
    [InlineData("a\\\u0007")]
    public void Text_that_is_no_name_is_refused(string text)
    {
        Assert.False(DnsName.TryParse(text, out var name));
        Assert.True(name.Wire.IsEmpty);
    }

    [Fact]
    public void The_limits_are_63_octets_a_label_and_255_a_name()
    {
        Assert.True(DnsName.TryParse(new string('a', 63), out _));
        Assert.False(DnsName.TryParse(new string('a', 64), out _));
        var l63 = new string('a', 63);
        Assert.True(DnsName.TryParse($"{l63}.{l63}.{l63}.{new string('a', 61)}", out var name));
        Assert.Equal(255, name.Wire.Length);
        Assert.True(DnsName.TryParse($"{l63}.{l63}.{l63}.{new string('a', 61)}.", out _));
        Assert.False(DnsName.TryParse($"{l63}.{l63}.{l63}.{new string('a', 62)}", out _));
        Assert.False(DnsName.TryParse($"{l63}.{l63}.{l63}.{new string('a', 62)}.", out _));
        Assert.False(DnsName.TryParse(string.Join('.', Enumerable.Repeat("a", 128)), out _));
        Assert.True(DnsName.TryParse(string.Join('.', Enumerable.Repeat("a", 127)), out _));
    }

    [Fact]
    public void The_longest_text_fits()
    {
        var label = string.Concat(Enumerable.Repeat(@"\200", 63));
        Assert.True(DnsName.TryParse($"{label}.{label}.{label}.{label[..(61 * 4)]}", out var name));
        Assert.Equal(3 * 253 + 253 - 9, name.ToString().Length); // 250 octets as \DDD and three dots
        Assert.False(name.TryFormat(new char[100], out _));
    }

    [Fact]
    public void A_compressed_name_is_followed_and_lowered()
    {
        byte[] message = [.. new byte[12], 2, (byte)'N', (byte)'L', 0, 3, (byte)'w', (byte)'W', (byte)'w', 0xC0, 12, 0xFF];
        var offset = 16;
        Assert.True(DnsName.TryRead(message, ref offset, out var name));
        Assert.Equal("www.nl", name.ToString());
        Assert.Equal(22, offset);
        offset = 16;
        Assert.True(DnsName.TrySkip(message, ref offset));
        Assert.Equal(22, offset);
    }

    [Theory]
    [InlineData("c00c", "a pointer to itself")]
    [InlineData("c00e00", "a pointer forward")]
    [InlineData("0161c00c", "a loop through a label")]
    [InlineData("c000", "a pointer into the header")]
    [InlineData("c0", "half a pointer")]
    [InlineData("0361", "a label cut short")]
    [InlineData("0161", "no end")]
    [InlineData("40", "an extended label type")]
    [InlineData("80", "an undefined label type")]
    [InlineData("", "nothing")]
    public void Names_that_cannot_be_read_are_refused_and_the_offset_stays(string hex, string what)
    {
        byte[] message = [.. new byte[12], .. Convert.FromHexString(hex)];
        var offset = 12;
        Assert.False(DnsName.TryRead(message, ref offset, out var name), what);
        Assert.Equal(12, offset);
        Assert.True(name.Wire.IsEmpty);
    }

    [Fact]
    public void A_chain_of_pointers_ends_and_cannot_exceed_255_octets()
    {
        // 12: 63 a's + root; then four names each a label of 63 and a pointer to the one before: 65, 129, 193, 257 octets.
        byte[] label = [63, .. Enumerable.Repeat((byte)'a', 63)];
        List<byte> message = [.. new byte[12], .. label, 0];
        var at = 12;
        for (var i = 0; i < 3; i++)
        {
            var next = message.Count;
            message.AddRange([.. label, (byte)(0xC0 | at >> 8), (byte)at]);
            at = next;
            var offset = at;
            Assert.Equal(i < 2, DnsName.TryRead(message.ToArray(), ref offset, out _));
        }
    }

    [Fact]
    public void A_name_is_within_itself_and_its_parents_by_labels()
    {
        Assert.True(Name("a.b.nl").IsWithin(Name("b.nl")));
        Assert.True(Name("b.nl").IsWithin(Name("b.nl")));
        Assert.True(Name("b.nl").IsWithin(DnsName.Root));
        Assert.False(Name("ab.nl").IsWithin(Name("b.nl")));
        Assert.False(Name("nl").IsWithin(Name("b.nl")));
        Assert.False(Name("nl").IsWithin(default));
    }

    [Fact]
    public void Only_a_whole_uncompressed_wire_form_is_taken()
    {
        Assert.True(DnsName.TryFromWire(Name("a.nl").Wire, out var name));
        Assert.Equal("a.nl", name.ToString());
        Assert.False(DnsName.TryFromWire([1, (byte)'a'], out _));
        Assert.False(DnsName.TryFromWire([0, 0], out _));
        Assert.False(DnsName.TryFromWire([.. new byte[12], 0], out _));
    }

    internal static DnsName Name(string text)
    {
        Assert.True(DnsName.TryParse(text, out var name), text);
        return name;
    }
}
