using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Wire.Dns;

/// <summary>What a server says to a question for records, and what is no answer to it.</summary>
public sealed class RecordAnswerTests
{
    static readonly DnsName Name = DnsName.TryParse("www.example", out var name) ? name : default;

    static readonly DnsName Other = DnsName.TryParse("example", out var name) ? name : default;

    [Theory]
    [InlineData(6, true, 1)]
    [InlineData(8, true, 0)]
    public void Signatures_are_with_the_records_or_with_what_denies_them(int section, bool signed, int records)
    {
        var message = Message(section == 6 ? [(6, DnsType.A, 4), (6, DnsType.Rrsig, 20)] : [(8, DnsType.Soa, 30), (8, DnsType.Rrsig, 20)]);
        Assert.Equal(SoaReading.Answer, RecordAnswer.TryRead(message, 7, Name, DnsType.A, out var answer));
        Assert.Equal((signed, records, true), (answer.Signed, answer.Records, answer.Authoritative));
    }

    [Fact]
    public void Signatures_beside_a_denial_do_not_sign_an_answer()
    {
        Assert.Equal(SoaReading.Answer, RecordAnswer.TryRead(Message([(6, DnsType.A, 4), (8, DnsType.Rrsig, 20)]), 7, Name, DnsType.A, out var answer));
        Assert.False(answer.Signed);
        Assert.Equal(1, answer.Records);
    }

    [Fact]
    public void The_first_extended_error_is_read_and_is_safe_to_show()
    {
        Assert.Equal(SoaReading.Answer, RecordAnswer.TryRead(Message([], ede: "\u0000\u0007ex\u001bpired"u8.ToArray()), 7, Name, DnsType.A, out var answer));
        Assert.Equal(((ushort?)7, "ex?pired"), (answer.EdeCode, answer.EdeText));
    }

    [Fact]
    public void Another_id_name_or_type_is_somebody_elses_and_what_is_cut_off_is_malformed()
    {
        var message = Message([(6, DnsType.A, 4), (6, DnsType.Rrsig, 20)], ede: [0, 7]);
        Assert.Equal(SoaReading.NotOurs, RecordAnswer.TryRead(message, 8, Name, DnsType.A, out _));
        Assert.Equal(SoaReading.NotOurs, RecordAnswer.TryRead(message, 7, Other, DnsType.A, out _));
        Assert.Equal(SoaReading.NotOurs, RecordAnswer.TryRead(message, 7, Name, DnsType.Aaaa, out _));
        for (var length = 0; length < message.Length; length++) Assert.NotEqual(SoaReading.Answer, RecordAnswer.TryRead(message.AsSpan(0, length), 7, Name, DnsType.A, out _));
    }

    [Fact]
    public void The_question_asks_for_signatures_and_not_for_recursion()
    {
        var buffer = new byte[RecordQuery.MaxSize];
        var length = RecordQuery.Write(buffer, 7, Name, DnsType.A);
        Assert.Equal("000700000001000000000001" + "03777777076578616D706C6500" + "00010001" + "00002904D0000080000000", Convert.ToHexString(buffer, 0, length));
    }

    /// <summary>An authoritative answer of so many octets of record data in each section (6 answer, 8 authority).</summary>
    static byte[] Message((int Section, DnsType Type, int Size)[] records, byte[]? ede = null)
    {
        var buffer = new byte[1024];
        var writer = new DnsWriter(buffer, 7, DnsHeader.Qr | DnsHeader.Aa);
        writer.Question(Name, DnsType.A);
        foreach (var (section, type, size) in records)
        {
            writer.Bytes(Name.Wire);
            writer.UInt16((ushort)type);
            writer.UInt16(1);
            writer.UInt32(60);
            writer.UInt16((ushort)size);
            writer.Bytes(new byte[size]);
            writer.Count(section);
        }

        writer.Opt(1232);
        if (ede is not null) writer.Option(EdnsOption.ExtendedError, ede);
        return buffer[..writer.Length];
    }
}
