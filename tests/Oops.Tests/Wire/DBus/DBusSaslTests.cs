using System.Text;
using Oops.Wire.DBus;
using Xunit;

namespace Oops.Tests.Wire.DBus;

public sealed class DBusSaslTests
{
    [Theory]
    [InlineData("OK 8d48fc4402945acca19b49c16b004a40", DBusSaslKind.Ok, "8d48fc4402945acca19b49c16b004a40")]
    [InlineData("OK", DBusSaslKind.Other, "")]
    [InlineData("OK nonsense", DBusSaslKind.Other, "nonsense")]
    [InlineData("REJECTED EXTERNAL DBUS_COOKIE_SHA1", DBusSaslKind.Rejected, "EXTERNAL DBUS_COOKIE_SHA1")]
    [InlineData("DATA", DBusSaslKind.Data, "")]
    [InlineData("ERROR \"what\"", DBusSaslKind.Error, "\"what\"")]
    [InlineData("HTTP/1.1 400 Bad Request", DBusSaslKind.Other, "400 Bad Request")]
    public void Lines_of_a_server(string line, DBusSaslKind kind, string argument)
    {
        Assert.Equal(kind, DBusSasl.Parse(Encoding.ASCII.GetBytes(line), out var rest));
        Assert.Equal(argument, Encoding.ASCII.GetString(rest));
    }

    [Fact]
    public void A_line_ends_with_CR_LF_and_what_follows_stays()
    {
        Assert.False(DBusSasl.TryLine("OK 12\r"u8, out _, out _, out var tooLong));
        Assert.False(tooLong);
        Assert.True(DBusSasl.TryLine("OK 12\r\nnext"u8, out var line, out var consumed, out _));
        Assert.True(line.SequenceEqual("OK 12"u8));
        Assert.Equal(7, consumed);
    }

    [Fact]
    public void A_line_without_end_is_given_up()
    {
        Assert.False(DBusSasl.TryLine(new byte[DBusSasl.MaxLine + 2], out _, out _, out var tooLong));
        Assert.True(tooLong);
        Assert.False(DBusSasl.TryLine([.. new byte[DBusSasl.MaxLine + 1], (byte)'\r', (byte)'\n'], out _, out _, out tooLong));
        Assert.True(tooLong);
    }
}
