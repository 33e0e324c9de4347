using System.Text;
using Oops.Wire.DBus;
using Xunit;

namespace Oops.Tests.Wire.DBus;

public sealed class DBusNameTests
{
    [Theory]
    [InlineData("/", true)]
    [InlineData("/cz/nic/knotd", true)]
    [InlineData("/a_1/_", true)]
    [InlineData("", false)]
    [InlineData("a", false)]
    [InlineData("/a/", false)]
    [InlineData("//a", false)]
    [InlineData("/a-b", false)]
    [InlineData("/\u00e9", false)]
    public void Object_paths(string path, bool valid) => Assert.Equal(valid, DBusName.IsObjectPath(Encoding.UTF8.GetBytes(path)));

    [Theory]
    [InlineData(":1.2", true)]
    [InlineData("cz.nic.knotd", true)]
    [InlineData("org.free-desktop.DBus", true)]
    [InlineData(":", false)]
    [InlineData(":1", false)]
    [InlineData("knotd", false)]
    [InlineData("cz.1nic", false)]
    [InlineData("cz..nic", false)]
    [InlineData("cz.nic.", false)]
    [InlineData(".cz.nic", false)]
    public void Bus_names(string name, bool valid) => Assert.Equal(valid, DBusName.IsBusName(Encoding.UTF8.GetBytes(name)));

    [Theory]
    [InlineData("org.freedesktop.DBus", true)]
    [InlineData("org.free-desktop", false)]
    [InlineData("org", false)]
    public void Interfaces(string name, bool valid) => Assert.Equal(valid, DBusName.IsInterface(Encoding.UTF8.GetBytes(name)));

    [Theory]
    [InlineData("zone_updated", true)]
    [InlineData("a.b", false)]
    [InlineData("1a", false)]
    [InlineData("", false)]
    public void Members(string name, bool valid) => Assert.Equal(valid, DBusName.IsMember(Encoding.UTF8.GetBytes(name)));

    [Fact]
    public void A_name_has_at_most_255_bytes()
    {
        Assert.True(DBusName.IsMember(Encoding.ASCII.GetBytes(new string('a', 255))));
        Assert.False(DBusName.IsMember(Encoding.ASCII.GetBytes(new string('a', 256))));
        Assert.False(DBusName.IsBusName(Encoding.ASCII.GetBytes("a." + new string('a', 254))));
    }
}
