using System.Net;
using Oops.Native;
using Xunit;

namespace Oops.Tests.Native;

public sealed class LocalAddressTests
{
    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.99.0.53", true)]
    [InlineData("::1", true)]
    [InlineData("192.0.2.77", false)]
    [InlineData("2001:db8:ffff::77", false)]
    public void An_address_is_one_of_this_host_or_not(string address, bool here) => Assert.Equal(here, LocalAddress.Has(IPAddress.Parse(address)));

    [Theory]
    [InlineData(-101, false)] // ENETUNREACH
    [InlineData(-113, false)] // EHOSTUNREACH
    [InlineData(-12, null)] // ENOMEM
    [InlineData(-1, null)] // EPERM
    public void An_error_of_ours_says_nothing(int error, bool? here)
    {
        var reply = new byte[36];
        BitConverter.TryWriteBytes(reply.AsSpan(0), 36);
        reply[4] = 2;
        BitConverter.TryWriteBytes(reply.AsSpan(16), error);
        Assert.Equal(here, LocalAddress.Read(reply));
    }

    [Fact]
    public void Half_an_answer_says_nothing()
    {
        Assert.Null(LocalAddress.Read([]));
        Assert.Null(LocalAddress.Read(new byte[20]));
        Assert.Null(LocalAddress.Read([28, 0, 0, 0, 24, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 32, 0, 0]));
    }
}
