using Oops.Wire.Cbor;
using Xunit;

namespace Oops.Tests.Wire.Cbor;

public sealed class CborTests
{
    [Theory] // RFC 8949, appendix A
    [InlineData(0, "00")]
    [InlineData(23, "17")]
    [InlineData(24, "1818")]
    [InlineData(100, "1864")]
    [InlineData(255, "18ff")]
    [InlineData(256, "190100")]
    [InlineData(1000000, "1a000f4240")]
    [InlineData(1000000000000, "1b000000e8d4a51000")]
    [InlineData(long.MaxValue, "1b7fffffffffffffff")]
    [InlineData(-1, "20")]
    [InlineData(-100, "3863")]
    [InlineData(-1000, "3903e7")]
    [InlineData(long.MinValue, "3b7fffffffffffffff")]
    public void A_whole_number_is_as_short_as_can_be(long value, string hex)
    {
        Assert.Equal(hex, Convert.ToHexStringLower(new CborWriter().Integer(value).Written));
        var reader = new CborReader(Convert.FromHexString(hex));
        Assert.True(reader.TryInteger(out var read) && reader.AtEnd);
        Assert.Equal(value, read);
    }

    [Theory]
    [InlineData("1800")]
    [InlineData("1817")]
    [InlineData("1900ff")]
    [InlineData("1a0000ffff")]
    [InlineData("1b00000000ffffffff")]
    [InlineData("1b8000000000000000")]
    [InlineData("3b8000000000000000")]
    [InlineData("18")]
    [InlineData("1c")]
    [InlineData("1f")]
    [InlineData("60")]
    [InlineData("")]
    public void What_is_longer_than_needed_or_no_number_is_refused(string hex)
    {
        var reader = new CborReader(Convert.FromHexString(hex));
        Assert.False(reader.TryInteger(out _));
    }

    [Theory]
    [InlineData("f4")]
    [InlineData("f93c00")]
    [InlineData("fb3ff199999999999a")]
    [InlineData("c1fb41d452d9e2000000")]
    [InlineData("83010203")]
    [InlineData("a201020304")]
    [InlineData("4401020304")]
    [InlineData("8301820203820405")]
    public void Any_item_is_passed_over_whole(string hex)
    {
        var reader = new CborReader(Convert.FromHexString(hex + "00"));
        Assert.True(reader.TrySkip());
        Assert.Equal(1, reader.Left);
    }

    [Theory]
    [InlineData("f818")]
    [InlineData("9f01ff")]
    [InlineData("5f4101ff")]
    [InlineData("bb4000000000000000")]
    [InlineData("9bffffffffffffffff")]
    [InlineData("8181818181818181818101")]
    [InlineData("44010203")]
    [InlineData("c1")]
    public void What_has_no_end_or_is_too_deep_is_not_passed_over(string hex)
    {
        var reader = new CborReader(Convert.FromHexString(hex));
        Assert.False(reader.TrySkip());
    }
}
