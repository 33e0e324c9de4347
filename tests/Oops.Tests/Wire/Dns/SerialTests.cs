using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Wire.Dns;

public sealed class SerialTests
{
    [Theory]
    [InlineData(1u, 0u, true)]
    [InlineData(0u, 1u, false)]
    [InlineData(0u, 0u, false)]
    [InlineData(0u, 4294967295u, true)]
    [InlineData(4294967295u, 0u, false)]
    [InlineData(2147483647u, 0u, true)]
    [InlineData(2147483648u, 0u, false)]
    [InlineData(0u, 2147483648u, false)]
    [InlineData(2147483649u, 0u, false)]
    public void Newer_is_by_serial_arithmetic(uint a, uint b, bool newer) => Assert.Equal(newer, Serial.IsNewer(a, b));

    [Fact]
    public void Half_the_circle_apart_has_no_order()
    {
        Assert.Null(Serial.Compare(0, 0x80000000));
        Assert.Null(Serial.Compare(0x80000005, 5));
        Assert.Equal(1, Serial.Compare(100, 99));
        Assert.Equal(-1, Serial.Compare(0xFFFFFFFF, 0));
        Assert.Equal(0, Serial.Compare(7, 7));
    }

    [Fact]
    public void Adding_wraps_and_at_most_2147483647_may_be_added()
    {
        Assert.Equal(0u, Serial.Add(uint.MaxValue, 1));
        Assert.Equal(2147483646u, Serial.Add(uint.MaxValue, int.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => Serial.Add(0, 0x80000000));
    }
}
