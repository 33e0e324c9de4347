using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Wire.Dns;

public sealed class NotifyRequestTests
{
    [Theory]
    [InlineData("nsd-signed", "nfile.test", 7u, false, true)]
    [InlineData("nsd-plain", "nfile.test", 7u, false, false)]
    [InlineData("knot", "file.test", 100u, true, false)]
    [InlineData("dig-no-soa", "nfile.test", null, true, true)]
    public void Servers_notifies_are_read(string vector, string zone, uint? serial, bool edns, bool tsig)
    {
        Assert.Equal(NotifyReading.Notify, NotifyRequest.TryRead(DnsVectors.Get("notify", vector), out var notify));
        Assert.Equal(zone, notify.Zone.ToString());
        Assert.Equal(DnsType.Soa, notify.Type);
        Assert.Equal(serial, notify.Serial);
        Assert.Equal(edns, notify.HasEdns);
        Assert.Equal(tsig, notify.HasTsig);
    }

    [Fact]
    public void NOTIFY_CDS_is_told_apart()
    {
        var message = DnsVectors.Get("notify", "dig-cds");
        Assert.Equal(NotifyReading.Notify, NotifyRequest.TryRead(message, out var notify));
        Assert.Equal(DnsType.Cds, notify.Type);
        message[25] = 62;
        Assert.Equal(NotifyReading.Notify, NotifyRequest.TryRead(message, out notify));
        Assert.Equal(DnsType.Csync, notify.Type);
        message[25] = 1;
        Assert.Equal(NotifyReading.Refused, NotifyRequest.TryRead(message, out _));
    }

    [Theory]
    [InlineData("nsd-reply")]
    [InlineData("nsd-refused")]
    public void Responses_are_never_answered(string vector) =>
        Assert.Equal(NotifyReading.Drop, NotifyRequest.TryRead(DnsVectors.Get("notify", vector), out _));

    [Fact]
    public void Anything_else_gets_the_code_of_the_RFCs()
    {
        var plain = DnsVectors.Get("notify", "nsd-plain");
        Assert.Equal(NotifyReading.Drop, NotifyRequest.TryRead(plain.AsSpan(0, 11), out _));
        Assert.Equal(NotifyReading.Refused, NotifyRequest.TryRead(DnsVectors.Get("soa", "dig-query"), out _));
        Assert.Equal(NotifyReading.NotImp, NotifyRequest.TryRead(With(plain, 2, 5 << 3), out _));
        Assert.Equal(NotifyReading.FormErr, NotifyRequest.TryRead(With(plain, 5, 0), out _));
        Assert.Equal(NotifyReading.FormErr, NotifyRequest.TryRead(With(plain, 5, 2), out _));
        Assert.Equal(NotifyReading.Refused, NotifyRequest.TryRead(With(plain, 27, 3), out _));
        for (var length = 12; length < plain.Length; length++)
            Assert.Equal(NotifyReading.FormErr, NotifyRequest.TryRead(plain.AsSpan(0, length), out _));
        Assert.Equal(NotifyReading.FormErr, NotifyRequest.TryRead([.. plain, 0], out _));
        Assert.Equal(NotifyReading.BadVers, NotifyRequest.TryRead(With(DnsVectors.Get("notify", "knot"), ^5, 1), out var version));
        Assert.True(version.HasEdns);
    }

    [Fact]
    public void A_reply_echoes_id_opcode_and_the_question_in_its_letter_case()
    {
        var request = DnsVectors.Get("notify", "knot");
        request[13] = (byte)'F';
        Assert.Equal(NotifyReading.Notify, NotifyRequest.TryRead(request, out var notify));
        var response = new byte[NotifyRequest.MaxReply];
        var length = notify.WriteReply(request, response, DnsRcode.NoError);
        var expected = Convert.ToHexStringLower(request.AsSpan(0, 2)) + "a400" + "0001000000000001" + Convert.ToHexStringLower(request.AsSpan(12, 15)) + "00002904d0000000000000";
        Assert.Equal(expected, Convert.ToHexStringLower(response.AsSpan(0, length)));

        length = notify.WriteReply(request, response, DnsRcode.Refused, extendedError: 18);
        Assert.Equal(expected.Replace("a400", "a005", StringComparison.Ordinal)[..^4] + "0006" + "000f00020012", Convert.ToHexStringLower(response.AsSpan(0, length)));
        Assert.Equal(0, notify.WriteReply(request, new byte[20], DnsRcode.NoError));
    }

    [Fact]
    public void A_format_error_is_answered_by_the_header_alone()
    {
        var request = DnsVectors.Get("notify", "nsd-plain")[..20];
        Assert.Equal(NotifyReading.FormErr, NotifyRequest.TryRead(request, out var notify));
        var response = new byte[NotifyRequest.MaxReply];
        Assert.Equal(12, notify.WriteReply(request, response, DnsRcode.FormErr));
        Assert.Equal(Convert.ToHexStringLower(request.AsSpan(0, 2)) + "a0010000000000000000", Convert.ToHexStringLower(response.AsSpan(0, 12)));
    }

    [Fact]
    public void A_notify_is_read_and_answered_without_allocating()
    {
        var request = DnsVectors.Get("notify", "knot");
        var response = new byte[512];
        var before = 0L;
        for (var i = 0; i < 2000; i++)
        {
            if (i == 1000)
                before = GC.GetAllocatedBytesForCurrentThread();
            NotifyRequest.TryRead(request, out var notify);
            notify.WriteReply(request, response, DnsRcode.NoError);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    static byte[] With(byte[] message, Index at, int value)
    {
        var copy = (byte[])message.Clone();
        copy[at] = (byte)value;
        return copy;
    }
}
