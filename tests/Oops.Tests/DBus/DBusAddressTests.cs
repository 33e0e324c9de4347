using Oops.DBus;
using Xunit;

namespace Oops.Tests.DBus;

public sealed class DBusAddressTests
{
    [Theory]
    [InlineData("unix:path=/run/dbus/system_bus_socket", "/run/dbus/system_bus_socket")]
    [InlineData("unix:guid=8d48fc4402945acca19b49c16b004a40,path=/a", "/a")]
    [InlineData("unix:path=/a%20b", "/a b")]
    [InlineData("unix:path=/z%C3%BCrich", "/zürich")]
    [InlineData("unix:abstract=/tmp/x", "@/tmp/x")]
    [InlineData("tcp:host=localhost,port=1;unix:path=/b", "/b")]
    public void A_usable_address(string address, string path)
    {
        var point = Assert.Single(DBusAddress.Parse(address, out _));
        Assert.Equal(path, point.ToString());
    }

    [Theory]
    [InlineData("", "the address is empty")]
    [InlineData("tcp:host=localhost,port=1", "only unix:path= and unix:abstract= addresses can be used")]
    [InlineData("unix:tmpdir=/tmp", "the address has neither path= nor abstract=")]
    [InlineData("unix:path=", "the address's path is empty or longer than 107 bytes")]
    [InlineData("unix:path=/a%2", "the address has a broken % escape")]
    [InlineData("unix:path=/a%zz", "the address has a broken % escape")]
    [InlineData("/run/dbus", "only unix:path= and unix:abstract= addresses can be used")]
    public void An_unusable_address_says_why(string address, string why)
    {
        Assert.Empty(DBusAddress.Parse(address, out var said));
        Assert.Equal(why, said);
    }

    [Fact]
    public void A_path_that_no_socket_can_have_is_refused() => Assert.Empty(DBusAddress.Parse("unix:path=/" + new string('a', 107), out _));

    [Fact]
    public void A_list_is_tried_in_order() => Assert.Equal(["/a", "/b"], DBusAddress.Parse("unix:path=/a;unix:path=/b", out _).Select(p => p.ToString()));
}
