using System.Text;
using Oops.Actions.Powerdns;
using Oops.Tests.Wire.Dns;
using Oops.Wire.Dns;
using Oops.Wire.Dns.Master;
using Xunit;

namespace Oops.Tests.Actions.Powerdns;

public sealed class PowerdnsTextTests
{
    [Theory]
    [InlineData("A", "A")]
    [InlineData("HTTPS", "HTTPS")]
    [InlineData("X25", "TYPE19")]
    [InlineData("DSYNC", "TYPE66")]
    [InlineData("TYPE65280", "TYPE65280")]
    public void A_type_has_the_name_that_the_server_knows(string type, string name)
    {
        Assert.True(TypeNames.TryParse(type, out var number));
        Assert.Equal(name, PowerdnsText.NameOf(number));
    }

    [Theory]
    [InlineData("example", "example.")]
    [InlineData(".", "=2E")]
    [InlineData("0/25.2.0.192.in-addr.arpa", "0=2F25.2.0.192.in-addr.arpa.")]
    [InlineData("a\\032b", "a=5C032b.")]
    public void A_zone_has_an_id_in_the_path(string zone, string id) => Assert.Equal(id, PowerdnsText.IdOf(DnsNameTests.Name(zone)));

    [Theory]
    [InlineData("*.example", true)]
    [InlineData("\\042.example", true)]
    [InlineData("_a._tcp.0/25.a-b.example", true)]
    [InlineData("a.*.example", false)]
    [InlineData("*a.example", false)]
    [InlineData("a\\032b.example", false)]
    [InlineData("a\\.b.example", false)]
    [InlineData("a@b.example", false)]
    [InlineData("\\233.example", false)]
    public void The_API_takes_names_of_few_letters(string name, bool takes) => Assert.Equal(takes, PowerdnsText.Takes(DnsNameTests.Name(name)));

    // As 4.7.3 writes them.
    [Theory]
    [InlineData("AAAA", "::ffff:192.0.2.1", "0000:0000:0000:0000:0000:ffff:c000:0201")]
    [InlineData("PTR", "a\\@b\\$c\\;d\\(e\\)f\\\"g\\.h\\\\i.example.", "a@b$c;d(e)f\"g\\.h\\\\i.example.")]
    [InlineData("TXT", "\"a\\\"b\\\\;(c)@\\200\" \"\"", "\"a\\\"b\\\\;(c)@\\200\" \"\"")]
    [InlineData("X25", "\"1\"", "\\# 2 0131")]
    [InlineData("TYPE65280", "\\# 0", "\\# 0 ")]
    [InlineData("MX", "5 Mail.Example.", "5 mail.example.")]
    public void Data_are_written_as_the_server_writes_them_and_read_back(string type, string text, string written)
    {
        TypeNames.TryParse(type, out var number);
        var (data, again) = (new byte[RecordData.MaxSize], new byte[RecordData.MaxSize]);
        Assert.True(RecordText.TryParse(number, Encoding.ASCII.GetBytes(text), default, data, out var length, out var why), why);
        Assert.Equal(written, PowerdnsText.Write(number, data.AsSpan(0, length)));
        Assert.True(PowerdnsText.TryRead(number, written, again, out var size, out why), why);
        Assert.Equal(data[..length], again[..size]);
    }

    [Fact]
    public void Every_octet_of_a_name_and_of_a_text_comes_back()
    {
        var (buffer, again) = (new byte[RecordData.MaxSize], new byte[RecordData.MaxSize]);
        for (var octet = 0; octet < 256; octet++)
        {
            foreach (var (type, data) in (IEnumerable<(DnsType, byte[])>)[(DnsType.Ptr, [3, (byte)'x', (byte)octet, (byte)'y', 1, (byte)octet, 0]), (DnsType.Txt, [3, (byte)octet, (byte)'y', (byte)octet, 1, (byte)octet])])
            {
                var text = PowerdnsText.Write(type, data);
                Assert.True(PowerdnsText.TryRead(type, text, again, out var length, out var why), $"{text}: {why}");
                // Names are lower case.
                Assert.Equal(type == DnsType.Txt ? data : [.. data.Select(static b => b is >= (byte)'A' and <= (byte)'Z' ? (byte)(b + 32) : b)], again[..length]);
            }
        }
    }
}
