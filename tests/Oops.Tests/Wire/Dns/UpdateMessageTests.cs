using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Wire.Dns;

public sealed class UpdateMessageTests
{
    [Fact]
    public void It_is_written_as_RFC_2136_has_it()
    {
        var buffer = new byte[512];
        var name = DnsNameTests.Name("a.example");
        var message = new UpdateMessage(buffer, 0x1234, DnsNameTests.Name("example"));
        message.Require(DnsNameTests.Name("example"), DnsType.Soa, [1, 2]);
        message.Delete(name, DnsType.A, [192, 0, 2, 1]);
        message.Add(name, DnsType.A, 300, [192, 0, 2, 2]);
        var owner = "016107" + "6578616D706C6500";
        Assert.Equal(
            "1234" + "2800" + "0001" + "0001" + "0002" + "0000"
            + "076578616D706C6500" + "0006" + "0001"
            + "076578616D706C6500" + "0006" + "0001" + "00000000" + "0002" + "0102"
            + owner + "0001" + "00FE" + "00000000" + "0004" + "C0000201"
            + owner + "0001" + "0001" + "0000012C" + "0004" + "C0000202",
            Convert.ToHexString(buffer.AsSpan(0, message.Length)));
    }

    [Theory]
    [InlineData("1234A800000000000000000000", DnsRcode.NoError)]
    [InlineData("1234A8000000000000000000", DnsRcode.NoError)]
    [InlineData("1234A8080001000000000000", DnsRcode.NxRrset)]
    [InlineData("1235A8000000000000000000", null)]
    [InlineData("123428000000000000000000", null)]
    [InlineData("123484000000000000000000", null)]
    [InlineData("1234A8", null)]
    public void Its_answer_is_known_by_number_and_opcode(string message, DnsRcode? rcode)
    {
        // What stands behind the header does not matter: servers answer with the zone, or with nothing.
        Assert.Equal(rcode, UpdateMessage.Read(Convert.FromHexString(message), 0x1234));
    }
}
