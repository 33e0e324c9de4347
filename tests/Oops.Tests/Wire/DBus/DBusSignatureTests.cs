using System.Text;
using Oops.Wire.DBus;
using Xunit;

namespace Oops.Tests.Wire.DBus;

public sealed class DBusSignatureTests
{
    [Theory]
    [InlineData("")]
    [InlineData("su")]
    [InlineData("sqs")]
    [InlineData("a{sv}")]
    [InlineData("(ii)a(sa{uas})v")]
    [InlineData("aaay")]
    [InlineData("h")]
    public void A_sequence_of_complete_types_is_valid(string signature) => Assert.True(DBusSignature.IsValid(Encoding.ASCII.GetBytes(signature)));

    [Theory]
    [InlineData("a")]
    [InlineData("()")]
    [InlineData("(i")]
    [InlineData("i)")]
    [InlineData("{sv}")]
    [InlineData("({sv})")]
    [InlineData("a{s}")]
    [InlineData("a{svv}")]
    [InlineData("a{vs}")]
    [InlineData("a{(s)s}")]
    [InlineData("a{sv")]
    [InlineData("r")]
    [InlineData("e")]
    [InlineData("z")]
    [InlineData("s u")]
    public void Anything_else_is_not(string signature) => Assert.False(DBusSignature.IsValid(Encoding.ASCII.GetBytes(signature)));

    [Fact]
    public void Arrays_and_structs_nest_32_deep_and_no_deeper()
    {
        Assert.True(Valid(new string('a', 32) + "y"));
        Assert.False(Valid(new string('a', 33) + "y"));
        Assert.True(Valid(new string('(', 32) + "y" + new string(')', 32)));
        Assert.False(Valid(new string('(', 33) + "y" + new string(')', 33)));
        Assert.False(Valid(string.Concat(Enumerable.Repeat("a{s", 33)) + "y" + new string('}', 33)));
    }

    [Fact]
    public void A_signature_has_at_most_255_bytes()
    {
        Assert.True(Valid(new string('y', 255)));
        Assert.False(Valid(new string('y', 256)));
    }

    [Fact]
    public void A_variant_takes_exactly_one_type()
    {
        Assert.True(DBusSignature.IsSingle("a{sv}"u8));
        Assert.False(DBusSignature.IsSingle("ss"u8));
        Assert.False(DBusSignature.IsSingle(""u8));
    }

    static bool Valid(string signature) => DBusSignature.IsValid(Encoding.ASCII.GetBytes(signature));
}
