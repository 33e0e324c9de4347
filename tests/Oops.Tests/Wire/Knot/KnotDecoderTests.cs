using System.Text;
using Oops.Wire.Knot;
using Xunit;

namespace Oops.Tests.Wire.Knot;

public sealed class KnotDecoderTests
{
    internal const string Control = "knot/control-3.2.6.hex";
    internal const string Waiting = "knot/control-3.5.8.hex";

    [Fact]
    public void An_answer_is_cut_the_same_at_every_size_of_chunk()
    {
        var bytes = HexVectors.One(Control, "zone-status-several reply");
        var whole = Units(bytes, bytes.Length);
        Assert.Equal(34, whole.Count);
        Assert.Equal("Block", whole[^1]);
        foreach (var size in (int[])[1, 2, 3, 5, 7, 64, 100]) Assert.Equal(whole, Units(bytes, size));
    }

    [Fact]
    public void Two_answers_on_one_connection_are_two_blocks() =>
        Assert.Equal(["Block", "Data Section=server Item=zone-count Data=4", "Block"], Units(HexVectors.One(Control, "two-requests reply"), 4));

    [Fact]
    public void An_error_is_an_item_of_a_normal_unit() =>
        Assert.Equal(["Data Command=zone-status Error=no such zone found Zone=nope.test", "Block"], Units(HexVectors.One(Control, "zone-status-nope reply"), 1000));

    [Fact]
    public void An_empty_item_is_not_an_absent_one()
    {
        var decoder = new KnotDecoder();
        decoder.Append([1, 0x11, 0, 0, 3]);
        Assert.True(decoder.TryRead(out var unit));
        Assert.True(unit.TryGet(KnotItem.Flags, out var flags) && flags.IsEmpty);
        Assert.False(unit.TryGet(KnotItem.Zone, out _));
    }

    [Theory]
    [InlineData("04", KnotFault.UnitType)]
    [InlineData("10000161", KnotFault.UnitType)]
    [InlineData("010f000161", KnotFault.Item)]
    [InlineData("011c000161", KnotFault.Item)]
    [InlineData("0110000161100001", KnotFault.Item)]
    [InlineData("0310000161", KnotFault.UnitType)]
    public void What_is_no_unit_is_a_fault_for_good(string hex, KnotFault fault)
    {
        var decoder = new KnotDecoder();
        decoder.Append(Convert.FromHexString(hex));
        while (decoder.TryRead(out _)) { }
        Assert.Equal(fault, decoder.Fault);
        decoder.Append([3]);
        Assert.False(decoder.TryRead(out _));
    }

    [Fact]
    public void A_unit_that_never_ends_is_given_up_at_the_limit()
    {
        var decoder = new KnotDecoder(maxUnit: 1000);
        decoder.Append([1, 0x10, 0xff, 0xff]);
        for (var i = 0; i < 200 && decoder.Fault == KnotFault.None; i++)
        {
            decoder.Append(new byte[10]);
            while (decoder.TryRead(out _)) { }
        }

        Assert.Equal(KnotFault.TooLong, decoder.Fault);
        Assert.True(decoder.Pending <= 1010);
    }

    [Fact]
    public void No_mutation_of_an_answer_makes_the_decoder_throw_or_grow() =>
        FuzzRun.Mutate([.. HexVectors.Read(Control).Where(v => v.Bytes.Length > 0).Select(v => v.Bytes)], 20_000, 42, static (bytes, random) =>
        {
            var decoder = new KnotDecoder(4096);
            var zones = new KnotZoneStatusReader();
            for (var at = 0; at < bytes.Length;)
            {
                var size = Math.Min(random.Next(1, 3000), bytes.Length - at);
                decoder.Append(bytes.AsSpan(at, size));
                at += size;
                while (decoder.TryRead(out var unit))
                    if (zones.Feed(unit) is { } zone) Assert.All(zone.Zone, c => Assert.InRange(c, '!', '~'));
                Assert.True(decoder.Pending <= 4096 + 3000);
            }
        });

    static List<string> Units(byte[] bytes, int chunk)
    {
        var decoder = new KnotDecoder();
        var units = new List<string>();
        for (var at = 0; at < bytes.Length; at += chunk)
        {
            decoder.Append(bytes.AsSpan(at, Math.Min(chunk, bytes.Length - at)));
            while (decoder.TryRead(out var unit))
            {
                var text = new StringBuilder(unit.Type.ToString());
                foreach (var code in Enum.GetValues<KnotItem>())
                    if (unit.TryGet(code, out var value)) text.Append(' ').Append(code).Append('=').Append(Encoding.ASCII.GetString(value));
                units.Add(text.ToString());
            }
        }

        Assert.Equal((KnotFault.None, 0), (decoder.Fault, decoder.Pending));
        return units;
    }
}
