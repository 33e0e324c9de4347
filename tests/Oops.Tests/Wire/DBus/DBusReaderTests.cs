using System.Text;
using Oops.Wire.DBus;
using Xunit;

namespace Oops.Tests.Wire.DBus;

public sealed class DBusReaderTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_written_is_read_in_both_byte_orders(bool bigEndian)
    {
        var writer = new DBusWriter(bigEndian);
        writer.Byte(7).Boolean(true).Int16(-2).UInt16(65535).Int32(-3).UInt32(4_000_000_000).Int64(-4).UInt64(ulong.MaxValue).Double(1.5)
            .String("zürich.").String("/cz/nic").Signature("a{sv}");
        var array = writer.BeginArray('{');
        writer.Struct().String("key").Variant("u").UInt32(9);
        writer.Struct().String("list").Variant("as");
        var inner = writer.BeginArray('s');
        writer.String("x").String("");
        writer.EndArray(inner).EndArray(array);

        var all = new DBusReader(writer.Written, bigEndian);
        Assert.True(all.TrySkip("ybnqiuxtdsoga{sv}"u8));
        Assert.True(all.AtEnd);

        var reader = new DBusReader(writer.Written, bigEndian);
        Assert.True(reader.TryByte(out var y) && y == 7);
        Assert.True(reader.TryBoolean(out var b) && b);
        Assert.True(reader.TryInt16(out var n) && n == -2);
        Assert.True(reader.TryUInt16(out var q) && q == 65535);
        Assert.True(reader.TryInt32(out var i) && i == -3);
        Assert.True(reader.TryUInt32(out var u) && u == 4_000_000_000);
        Assert.True(reader.TryInt64(out var x) && x == -4);
        Assert.True(reader.TryUInt64(out var t) && t == ulong.MaxValue);
        Assert.True(reader.TryDouble(out var d) && d == 1.5);
        Assert.True(reader.TryString(out var s) && s == "zürich.");
        Assert.True(reader.TryObjectPath(out var o) && o.SequenceEqual("/cz/nic"u8));
        Assert.True(reader.TrySignature(out var g) && g.SequenceEqual("a{sv}"u8));
        Assert.True(reader.TryArray('{', out var end) && reader.TryStruct() && reader.TryString(out _));
        Assert.True(reader.TryVariant(out var v) && v.SequenceEqual("u"u8) && reader.TryUInt32(out var nine) && nine == 9);
        Assert.True(reader.Position < end);
    }

    [Theory]
    [InlineData("s", "04000000616200", DBusFault.Truncated)]
    [InlineData("s", "ffffffff", DBusFault.Truncated)]
    [InlineData("s", "0200000061620063", DBusFault.Body)]
    [InlineData("s", "020000006100", DBusFault.Truncated)]
    [InlineData("s", "02000000616263", DBusFault.Text)]
    [InlineData("s", "02000000610000", DBusFault.Text)]
    [InlineData("s", "01000000ff00", DBusFault.Text)]
    [InlineData("o", "010000006100", DBusFault.Name)]
    [InlineData("g", "016100", DBusFault.Signature)]
    [InlineData("g", "05", DBusFault.Truncated)]
    [InlineData("v", "0000", DBusFault.Signature)]
    [InlineData("v", "0279790001", DBusFault.Signature)]
    [InlineData("b", "02000000", DBusFault.Boolean)]
    [InlineData("yu", "0100000102000000", DBusFault.Padding)]
    [InlineData("yu", "010000", DBusFault.Truncated)]
    [InlineData("t", "01020304", DBusFault.Truncated)]
    [InlineData("ay", "05000000010203", DBusFault.Truncated)]
    [InlineData("ay", "01000004", DBusFault.TooLong)]
    [InlineData("ai", "0300000001020300", DBusFault.Body)]
    [InlineData("as", "0500000001000000620000", DBusFault.Body)]
    public void A_malformed_value_has_its_fault(string signature, string hex, DBusFault fault)
    {
        var reader = new DBusReader(Convert.FromHexString(hex), false);
        var ok = reader.TrySkip(Encoding.ASCII.GetBytes(signature));
        if (ok && !reader.AtEnd) Assert.Equal(DBusFault.Body, fault);
        else Assert.Equal((false, fault), (ok, reader.Fault));
    }

    [Fact]
    public void After_a_fault_nothing_more_is_read()
    {
        var reader = new DBusReader([2, 0, 0, 0, 1, 0, 0, 0], false);
        Assert.False(reader.TryBoolean(out _));
        Assert.False(reader.TryUInt32(out _));
        Assert.Equal(DBusFault.Boolean, reader.Fault);
    }

    [Fact]
    public void Variants_nest_64_deep_and_no_deeper()
    {
        Assert.Equal(DBusFault.None, Nested(63));
        Assert.Equal(DBusFault.Depth, Nested(100_000));

        static DBusFault Nested(int depth)
        {
            var bytes = Enumerable.Repeat(new byte[] { 1, (byte)'v', 0 }, depth).SelectMany(v => v).Concat(new byte[] { 1, (byte)'y', 0, 5 }).ToArray();
            var reader = new DBusReader(bytes, false);
            reader.TrySkip("v"u8);
            return reader.Fault;
        }
    }

    [Fact]
    public void An_empty_array_of_structs_is_padded_all_the_same()
    {
        var writer = new DBusWriter();
        writer.EndArray(writer.BeginArray('(')).Byte(1);
        Assert.Equal("000000000000000001", Convert.ToHexString(writer.Written));
        var reader = new DBusReader(writer.Written, false);
        Assert.True(reader.TrySkip("a(ii)y"u8) && reader.AtEnd);
    }
}
