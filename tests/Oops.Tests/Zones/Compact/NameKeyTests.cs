using Oops.Wire.Dns;
using Oops.Zones.Compact;
using Xunit;

namespace Oops.Tests.Zones.Compact;

public sealed class NameKeyTests
{
    /// <summary>The example of RFC 4034, 6.1, in its order.</summary>
    static readonly string[] Ordered = ["example", "a.example", "yljkjljk.a.example", "z.a.example", "zabc.a.example", "z.example", @"\001.z.example", "*.z.example", @"\200.z.example"];

    [Fact]
    public void Keys_are_in_the_canonical_order_of_names()
    {
        for (var i = 1; i < Ordered.Length; i++)
            Assert.True(Key(Ordered[i - 1]).AsSpan().SequenceCompareTo(Key(Ordered[i])) < 0, Ordered[i]);
    }

    [Theory]
    [InlineData(@"a\000b.example", @"a\001b.example")]
    [InlineData(@"a.example", @"a\000.example")]
    [InlineData(@"a\000.example", @"a\000\000.example")]
    [InlineData(@"b.a.example", @"a\000.example")]
    public void Zeros_and_ones_in_labels_keep_their_place(string first, string second)
    {
        Assert.True(Key(first).AsSpan().SequenceCompareTo(Key(second)) < 0);
    }

    [Fact]
    public void A_key_gives_its_name_back()
    {
        var random = new Random(1);
        var apex = Name("example");
        for (var i = 0; i < 2000; i++)
        {
            var wire = new List<byte>();
            while (wire.Count < 100 && random.Next(4) != 0)
            {
                var label = new byte[random.Next(1, 64)];
                for (var j = 0; j < label.Length; j++)
                    label[j] = (byte)random.Next(random.Next(2) == 0 ? 3 : 256);
                wire.AddRange([(byte)label.Length, .. label]);
            }

            var at = 0;
            Assert.True(DnsName.TryRead((byte[])[.. wire, .. apex.Wire], ref at, out var name));
            var key = new byte[NameKey.MaxLength];
            var length = NameKey.Write(name, apex, key);
            Assert.Equal(name, NameKey.Read(key.AsSpan(0, length), apex));
        }
    }

    [Fact]
    public void Keys_of_names_below_begin_with_those_above()
    {
        Assert.True(NameKey.IsBelow(Key("c.b.example"), Key("b.example")));
        Assert.False(NameKey.IsBelow(Key("b.example"), Key("b.example")));
        Assert.False(NameKey.IsBelow(Key("c.bb.example"), Key("b.example")));
        Assert.Equal(Key("b.example").Length, NameKey.ParentLength(Key("c.b.example")));
        Assert.True(NameKey.IsWildcard(Key("*.b.example")));
        Assert.False(NameKey.IsWildcard(Key("a*.b.example")));
    }

    static DnsName Name(string text)
    {
        Assert.True(DnsName.TryParse(text, out var name), text);
        return name;
    }

    static byte[] Key(string text)
    {
        var key = new byte[NameKey.MaxLength];
        return key[..NameKey.Write(Name(text), Name("example"), key)];
    }
}
