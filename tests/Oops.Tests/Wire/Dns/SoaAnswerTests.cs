using System.Buffers.Binary;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Wire.Dns;

public sealed class SoaAnswerTests
{
    [Fact]
    public void A_primary_answers_its_serial_its_name_and_the_expire_value()
    {
        var answer = Read("knot-primary", "file.test");
        Assert.Equal(DnsRcode.NoError, answer.Rcode);
        Assert.True(answer.Authoritative);
        Assert.Equal(new Soa(100, 10, 5, 60, 5), answer.Soa);
        Assert.Equal(60u, answer.ExpireLeft);
        Assert.Equal("knot-a", answer.Nsid);
        Assert.Null(answer.EdeCode);
    }

    [Fact]
    public void A_secondary_answers_what_is_left()
    {
        var answer = Read("knot-secondary", "sec.test");
        Assert.Equal(4294967295u, answer.Soa?.Serial);
        Assert.Equal(55u, answer.ExpireLeft);
    }

    [Theory]
    [InlineData("knot-not-loaded", "dead.test", DnsRcode.ServFail, 24, null)]
    [InlineData("knot-refused", "other.test", DnsRcode.Refused, 20, null)]
    [InlineData("nsd-not-loaded", "gone.test", DnsRcode.ServFail, 14, "Zone is configured but not loaded")]
    public void A_server_without_the_zone_says_why(string vector, string zone, DnsRcode rcode, int ede, string? text)
    {
        var answer = Read(vector, zone);
        Assert.Equal(rcode, answer.Rcode);
        Assert.Equal((ushort?)ede, answer.EdeCode);
        Assert.Equal(text, answer.EdeText);
        Assert.Null(answer.Soa);
    }

    [Fact]
    public void The_parents_SOA_in_the_authority_section_is_not_the_zones()
    {
        var answer = Read("knot-nxdomain", "nope.file.test");
        Assert.Equal(DnsRcode.NxDomain, answer.Rcode);
        Assert.Null(answer.Soa);
    }

    [Theory]
    [InlineData("knot-no-edns", "file.test", 100u)]
    [InlineData("nsd-primary", "nfile.test", 7u)]
    [InlineData("knot-tcp", "file.test", 100u)]
    public void EXPIRE_and_EDNS_may_be_missing(string vector, string zone, uint serial) => Assert.Equal(serial, Read(vector, zone).Soa?.Serial);

    [Fact]
    public void Our_query_is_the_one_dig_sends_but_for_the_order_of_options()
    {
        var dig = DnsVectors.Get("soa", "dig-query");
        Span<byte> buffer = new byte[SoaQuery.MaxSize];
        var length = SoaQuery.Write(buffer, BinaryPrimitives.ReadUInt16BigEndian(dig), DnsNameTests.Name("file.test"), SoaQueryOptions.Expire | SoaQueryOptions.Nsid);
        Assert.Equal(dig.Length, length);
        dig[2] &= 0xDF; // dig sets AD
        dig[3] &= 0xDF;
        Assert.Equal(dig.AsSpan(0, length - 8), buffer[..(length - 8)]);
        Assert.Equal("0009000000030000", Convert.ToHexStringLower(buffer[(length - 8)..length]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(11)]
    [InlineData(20)]
    [InlineData(40)]
    public void A_query_that_does_not_fit_is_not_written(int size) =>
        Assert.Equal(0, SoaQuery.Write(new byte[size], 1, DnsNameTests.Name("file.test"), SoaQueryOptions.Expire));

    [Fact]
    public void The_longest_query_fits_its_size()
    {
        var l = new string('a', 63);
        Assert.Equal(SoaQuery.MaxSize, SoaQuery.Write(new byte[SoaQuery.MaxSize], 1, DnsNameTests.Name($"{l}.{l}.{l}.{l[..61]}"), SoaQueryOptions.Expire | SoaQueryOptions.Nsid));
    }

    [Fact]
    public void Another_id_question_class_type_or_a_query_is_not_our_answer()
    {
        var good = DnsVectors.Get("soa", "knot-primary");
        var id = BinaryPrimitives.ReadUInt16BigEndian(good);
        var zone = DnsNameTests.Name("file.test");
        Assert.Equal(AnswerReading.NotOurs, SoaAnswer.TryRead(good, (ushort)(id + 1), zone, out _));
        Assert.Equal(AnswerReading.NotOurs, SoaAnswer.TryRead(good, id, DnsNameTests.Name("file.tesu"), out _));
        Assert.Equal(AnswerReading.NotOurs, SoaAnswer.TryRead(Changed(good, 2, 0x7F), id, zone, out _)); // no QR
        Assert.Equal(AnswerReading.NotOurs, SoaAnswer.TryRead(Changed(good, 24, 0), id, zone, out _)); // type A.. 
        Assert.Equal(AnswerReading.NotOurs, SoaAnswer.TryRead(Changed(good, 26, 0), id, zone, out _)); // class
        Assert.Equal(AnswerReading.NotOurs, SoaAnswer.TryRead(good.AsSpan(0, 11), id, zone, out _));
        var upper = (byte[])good.Clone();
        upper[13] = (byte)'F';
        Assert.Equal(AnswerReading.Answer, SoaAnswer.TryRead(upper, id, zone, out _));
    }

    [Fact]
    public void An_error_may_come_as_a_bare_header_and_success_may_not()
    {
        var zone = DnsNameTests.Name("x");
        Assert.Equal(AnswerReading.Answer, SoaAnswer.TryRead([0, 1, 0x80, 5, 0, 0, 0, 0, 0, 0, 0, 0], 1, zone, out var answer));
        Assert.Equal(DnsRcode.Refused, answer.Rcode);
        Assert.Equal(AnswerReading.NotOurs, SoaAnswer.TryRead([0, 1, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0], 1, zone, out _));
    }

    [Fact]
    public void Every_truncation_is_malformed_unless_TC_says_so()
    {
        var good = DnsVectors.Get("soa", "knot-primary");
        var id = BinaryPrimitives.ReadUInt16BigEndian(good);
        var zone = DnsNameTests.Name("file.test");
        for (var length = 27; length < good.Length; length++)
        {
            Assert.Equal(AnswerReading.Malformed, SoaAnswer.TryRead(good.AsSpan(0, length), id, zone, out _));
            var cut = good[..length];
            cut[2] |= 2;
            Assert.Equal(AnswerReading.Answer, SoaAnswer.TryRead(cut, id, zone, out var answer));
            Assert.True(answer.Truncated);
        }

        Assert.Equal(AnswerReading.Malformed, SoaAnswer.TryRead([.. good, 0], id, zone, out _));
    }

    [Fact]
    public void Upper_rcode_bits_second_errors_and_hostile_text_are_handled()
    {
        var buffer = new byte[512];
        var zone = DnsNameTests.Name("x");
        var writer = new DnsWriter(buffer, 7, DnsHeader.Qr | 0);
        writer.Question(zone, DnsType.Soa);
        writer.Opt(1232, DnsRcode.BadVers);
        writer.Option(EdnsOption.ExtendedError, [0, 22, (byte)'a', 0x1b, (byte)'[', 0xFF, 0xE2, 0x80, 0xAE]);
        writer.Option(EdnsOption.ExtendedError, [0, 23]);
        writer.Option(EdnsOption.Nsid, [1, 2, 0xFE]);
        writer.Option(EdnsOption.Expire, []);
        Assert.Equal(AnswerReading.Answer, SoaAnswer.TryRead(buffer.AsSpan(0, writer.Length), 7, zone, out var answer));
        Assert.Equal(DnsRcode.BadVers, answer.Rcode);
        Assert.Equal((ushort?)22, answer.EdeCode);
        Assert.Equal("a?[??", answer.EdeText);
        Assert.Equal("0102fe", answer.Nsid);
        Assert.Null(answer.ExpireLeft);
    }

    static SoaAnswer Read(string vector, string zone)
    {
        var message = DnsVectors.Get("soa", vector);
        Assert.Equal(AnswerReading.Answer, SoaAnswer.TryRead(message, BinaryPrimitives.ReadUInt16BigEndian(message), DnsNameTests.Name(zone), out var answer));
        return answer;
    }

    static byte[] Changed(byte[] message, int at, byte mask)
    {
        var copy = (byte[])message.Clone();
        copy[at] = at > 20 ? (byte)(copy[at] ^ 0x40) : (byte)(copy[at] & mask);
        return copy;
    }
}
