using System.Net;
using Oops.Sources.Probe;
using Xunit;

namespace Oops.Tests.Sources.Probe;

public sealed class HomeTests
{
    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.99.0.53", true)]
    [InlineData("::1", true)]
    [InlineData("192.0.2.77", false)]
    [InlineData("2001:db8:ffff::77", false)]
    public void An_address_is_one_of_this_host_or_not(string address, bool here) => Assert.Equal(here, Home.Has(IPAddress.Parse(address)));

    [Theory]
    [InlineData("20010db8005300000000000000000000 30 00000000000000000000000000000000 00 00000000000000000000000000000000 00000400 00000001 00000000 80000001       lo", true)]
    [InlineData("20010db8005300000000000000000053 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000002 00000000 80200001       lo", true)]
    [InlineData("20010db8005300000000000000000000 30 00000000000000000000000000000000 00 00000000000000000000000000000000 00000400 00000001 00000000 00000001     eth0", false)]
    [InlineData("20010db8005400000000000000000000 30 00000000000000000000000000000000 00 00000000000000000000000000000000 00000400 00000001 00000000 80000001       lo", false)]
    [InlineData("00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 80200200       lo", false)]
    [InlineData("", false)]
    [InlineData("a b c d e f g h i j", false)]
    public void A_network_that_is_local_as_a_whole_is_seen_in_the_routes(string line, bool local) => Assert.Equal(local, Home.IsLocal(line, IPAddress.Parse("2001:db8:53::53")));
}
