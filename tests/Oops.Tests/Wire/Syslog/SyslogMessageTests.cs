using System.Text;
using Oops.Wire.Syslog;
using Xunit;

namespace Oops.Tests.Wire.Syslog;

public sealed class SyslogMessageTests
{
    static SyslogMessage Message { get; } = new()
    {
        Facility = SyslogFacility.Daemon,
        Severity = SyslogSeverity.Warning,
        Time = new DateTimeOffset(2026, 1, 2, 4, 4, 5, 678, TimeSpan.FromHours(1)),
        Host = "ns1.example.net",
        App = "oops",
        Process = "812",
        Id = "server-down",
        Element = "oops@32473",
        Parameters = [("server", "ns1"), ("state", "met")],
        Text = "it is gone",
    };

    static string Text(SyslogMessage message, int longest = SyslogMessage.LongestStream) => Encoding.UTF8.GetString(message.Write(longest));

    [Fact]
    public void A_message_has_its_header_its_structured_data_and_its_text() =>
        Assert.Equal("""<28>1 2026-01-02T03:04:05.678000Z ns1.example.net oops 812 server-down [oops@32473 server="ns1" state="met"] it is gone""", Text(Message));

    [Fact]
    public void What_is_not_known_is_a_hyphen() =>
        Assert.Equal("<191>1 - - - - - -", Text(new() { Facility = SyslogFacility.Local7, Severity = SyslogSeverity.Debug, Host = "", App = "", Process = "", Id = "", Text = "" }));

    [Fact]
    public void Nothing_that_is_told_ends_a_value_or_a_word()
    {
        var odd = Message with { Host = "a b\n\u00e9", Id = new string('x', 40), Element = "o]=\"@1", Parameters = [("a=b]\" c", "\"]\\")] };
        Assert.Equal($"""<28>1 2026-01-02T03:04:05.678000Z a?b?? oops 812 {new string('x', 32)} [o???@1 a?b???c="\"\]\\"] it is gone""", Text(odd));
    }

    [Fact]
    public void More_than_ascii_has_the_mark_of_utf8() => Assert.EndsWith("] \ufeffz\u00fcrich", Text(Message with { Text = "z\u00fcrich" }), StringComparison.Ordinal);

    [Theory]
    [InlineData(2048, 2)]
    [InlineData(300, 2)]
    [InlineData(108, 2)]
    [InlineData(107, 1)]
    [InlineData(95, 0)]
    public void It_is_never_longer_than_it_may_be_and_never_cut_within_a_character(int longest, int parameters)
    {
        var octets = (Message with { Text = string.Concat(Enumerable.Repeat("\u20ac", 4000)) }).Write(longest);
        Assert.InRange(octets.Length, longest - 10, longest);
        var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(octets);
        // What of the structured data does not fit is left out whole.
        Assert.StartsWith("<28>1 2026-01-02T03:04:05.678000Z ns1.example.net oops 812 server-down " + (parameters switch { 2 => """[oops@32473 server="ns1" state="met"]""", 1 => """[oops@32473 server="ns1"]""", _ => "-" }), text, StringComparison.Ordinal);
    }

    [Fact]
    public void Over_a_connection_its_length_comes_first() => Assert.Equal("5 hello"u8, SyslogMessage.Framed("hello"u8));
}
