using System.Text;
using Oops.Actions.Route53;
using Oops.Tests.Sync;
using Oops.Tests.Wire.Dns;
using Oops.Wire.Dns;
using Oops.Wire.Dns.Master;
using Xunit;

namespace Oops.Tests.Actions.Route53;

public sealed class Route53TextTests
{
    [Theory]
    [InlineData("example.", "example")]
    [InlineData("\\052.example.", "*.example")]
    [InlineData("a\\100b.example.", "a\\@b.example")]
    [InlineData("a\\056b.example.", "a\\.b.example")]
    [InlineData("\\134.example.", "\\\\.example")]
    [InlineData("_dmarc.x-1.example.", "_dmarc.x-1.example")]
    [InlineData("0\\05725.example.", "0/25.example")]
    [InlineData("\\000\\377.example.", "\\000\\255.example")]
    [InlineData(".", ".")]
    public void A_name_is_written_with_octal_escapes(string theirs, string ours)
    {
        Assert.Equal(theirs, Route53Text.Name(DnsNameTests.Name(ours)));
        Assert.True(Route53Text.TryName(theirs, out var name));
        Assert.Equal(ours, name.ToString());
    }

    [Theory]
    [InlineData("*.Example", "*.example")]
    [InlineData("WWW.example", "www.example")]
    public void A_name_is_read_as_somebody_else_wrote_it(string theirs, string ours) => Assert.Equal(ours, Route53Text.TryName(theirs, out var name) ? name.ToString() : null);

    [Theory]
    [InlineData("\\400.example.")]
    [InlineData("\\08.example.")]
    [InlineData("\\")]
    [InlineData("a..b")]
    [InlineData("ü.example.")]
    public void What_is_no_name_is_not_read(string text) => Assert.False(Route53Text.TryName(text, out _));

    [Fact]
    public void Every_octet_of_a_label_comes_back()
    {
        for (var octet = 0; octet < 256; octet++)
        {
            if (octet is >= 'A' and <= 'Z')
                continue;
            Assert.True(DnsName.TryFromWire([3, (byte)'x', (byte)octet, (byte)'y', 0], out var name));
            Assert.True(Route53Text.TryName(Route53Text.Name(name), out var again));
            Assert.Equal(name, again);
        }
    }

    [Theory]
    [InlineData("A", "192.0.2.1", "192.0.2.1")]
    [InlineData("AAAA", "2001:db8::1", "2001:db8::1")]
    [InlineData("MX", "10 mail", "10 mail.example.")]
    [InlineData("CNAME", "a\\.b", "a\\056b.example.")]
    [InlineData("CNAME", "a\\200\\000", "a\\310\\000.example.")]
    [InlineData("TXT", "\"a\" \"b\"", "\"a\" \"b\"")]
    [InlineData("TXT", "\"q\\\" b\\\\ \\200 ;\"", "\"q\\\" b\\\\ \\310 ;\"")]
    [InlineData("SPF", "\"v=spf1 -all\"", "\"v=spf1 -all\"")]
    [InlineData("CAA", "0 issue \"ca.example; a=b\"", "0 issue \"ca.example; a=b\"")]
    [InlineData("NAPTR", "100 10 \"U\" \"E2U+sip\" \"!^.*$!sip:info@example.com!\" .", "100 10 \"U\" \"E2U+sip\" \"!^.*$!sip:info@example.com!\" .")]
    [InlineData("DS", "1 13 2 ABAB", "1 13 2 ABAB")]
    [InlineData("SRV", "0 5 5060 sip", "0 5 5060 sip.example.")]
    [InlineData("TLSA", "3 1 1 ABCD", "3 1 1 ABCD")]
    [InlineData("SSHFP", "4 2 ABCD", "4 2 ABCD")]
    public void A_value_is_written_as_the_service_has_it(string type, string master, string theirs)
    {
        Assert.True(TypeNames.TryParse(type, out var number));
        var data = new byte[1000];
        Assert.True(RecordText.TryParse(number, Encoding.ASCII.GetBytes(master), MadeZone.Name, data, out var length, out _));
        Assert.Equal(theirs, Route53Text.Value(number, data.AsSpan(0, length)));
        var read = new byte[1000];
        Assert.True(Route53Text.TryData(number, theirs, read, out var again, out _));
        Assert.Equal(data[..length], read[..again]);
    }

    [Theory]
    [InlineData("MX", "10 MAIL.example", "10 mail.example.")]
    [InlineData("CNAME", "mail.example", "mail.example.")]
    [InlineData("AAAA", "2001:0DB8:0:0::1", "2001:db8::1")]
    [InlineData("TXT", "\"\\141\"", "\"a\"")]
    public void What_others_write_in_another_way_is_the_same_data(string type, string theirs, string ours)
    {
        Assert.True(TypeNames.TryParse(type, out var number));
        var data = new byte[1000];
        Assert.True(Route53Text.TryData(number, theirs, data, out var length, out _));
        Assert.Equal(ours, Route53Text.Value(number, data.AsSpan(0, length)));
    }

    [Fact]
    public void Every_octet_of_a_text_comes_back()
    {
        var every = Enumerable.Range(0, 256).Select(i => (byte)i).ToArray();
        byte[] data = [255, .. every[..255], 1, 255, 0];
        var value = Route53Text.Value(DnsType.Txt, data)!;
        Assert.All(value, c => Assert.InRange(c, ' ', '~'));
        var read = new byte[4000];
        Assert.True(Route53Text.TryData(DnsType.Txt, value, read, out var length, out _));
        Assert.Equal(data, read[..length]);
    }

    [Fact]
    public void All_types_of_the_service_and_no_others_are_taken() =>
        Assert.Equal("A AAAA CAA CNAME DS HTTPS MX NAPTR NS PTR SOA SPF SRV SSHFP SVCB TLSA TXT", string.Join(' ', Route53Text.All.Select(TypeNames.Of).Order(StringComparer.Ordinal)));
}
