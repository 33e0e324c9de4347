using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Wire.Dns;

/// <summary>What a server says to a question for records, and what is no answer to it.</summary>
public sealed class PlainAnswerTests
{
    static readonly DnsName Name = DnsNameTests.Name("www.example");

    static readonly PlainQuery Query = new(Name, DnsType.A);

    [Theory]
    [InlineData(6, true, 1)]
    [InlineData(8, true, 0)]
    public void Signatures_are_with_the_records_or_with_what_denies_them(int section, bool signed, int records)
    {
        var answer = Read(Message(section == 6 ? [(6, DnsType.A, 4), (6, DnsType.Rrsig, 20)] : [(8, DnsType.Soa, 30), (8, DnsType.Rrsig, 20)]));
        Assert.Equal((signed, records, true), (answer.Signed, answer.Plain, answer.Authoritative));
    }

    [Fact]
    public void Signatures_beside_a_denial_do_not_sign_an_answer()
    {
        var answer = Read(Message([(6, DnsType.A, 4), (8, DnsType.Rrsig, 20)]));
        Assert.Equal((false, 1), (answer.Signed, answer.Plain));
    }

    [Fact]
    public void Signatures_that_were_asked_for_are_records()
    {
        var message = Message([(6, DnsType.Rrsig, 20)], type: DnsType.Rrsig);
        Assert.Equal(AnswerReading.Answer, PlainAnswer.Read(message, 7, new PlainQuery(Name, DnsType.Rrsig), out var answer));
        Assert.Equal((true, 1), (answer!.Signed, answer.Plain));
    }

    [Fact]
    public void Extended_errors_are_read_in_their_order_and_are_safe_to_show() =>
        Assert.Equal([new AnswerError(7, "ex?pired"), new AnswerError(22, null)], Read(Message([], ede: ["\u0000\u0007ex\u001bpired"u8.ToArray(), [0, 22], [0]])).Errors);

    [Fact]
    public void Another_id_name_or_type_is_somebody_elses_and_what_is_cut_off_is_no_answer_unless_TC_says_so()
    {
        var message = Message([(6, DnsType.A, 4), (6, DnsType.Rrsig, 20)], ede: [[0, 7]]);
        Assert.Equal(AnswerReading.NotOurs, PlainAnswer.Read(message, 8, Query, out _));
        Assert.Equal(AnswerReading.NotOurs, PlainAnswer.Read(message, 7, new PlainQuery(DnsNameTests.Name("example"), DnsType.A), out _));
        Assert.Equal(AnswerReading.NotOurs, PlainAnswer.Read(message, 7, new PlainQuery(Name, DnsType.Aaaa), out _));
        var question = DnsHeader.Size + Name.Wire.Length + 4;
        for (var length = 0; length < message.Length; length++)
        {
            var cut = message[..length];
            Assert.Equal(length < question ? AnswerReading.NotOurs : AnswerReading.Malformed, PlainAnswer.Read(cut, 7, Query, out _));
            if (length < question) continue;
            cut[2] |= DnsHeader.Tc >> 8;
            Assert.True(Read(cut).Truncated);
        }
    }

    [Fact]
    public void An_error_may_come_as_a_bare_header_and_success_may_not()
    {
        var answer = Read([0, 7, 0x80, 5, 0, 0, 0, 0, 0, 0, 0, 0]);
        Assert.Equal((DnsRcode.Refused, false), (answer.Rcode, answer.SameQuestion));
        Assert.Equal(AnswerReading.NotOurs, PlainAnswer.Read([0, 7, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0], 7, Query, out _));
    }

    [Theory]
    [InlineData("C029")] // to itself
    [InlineData("C0FF")] // behind the end
    [InlineData("01")] // cut
    [InlineData("0000")] // and one octet more
    public void A_name_in_a_record_that_cannot_be_read_is_malformed(string target)
    {
        var data = Convert.FromHexString(target);
        var buffer = new byte[512];
        var writer = new DnsWriter(buffer, 7, DnsHeader.Qr);
        writer.Question(Name, DnsType.A);
        writer.UInt16(0xC00C);
        writer.UInt16((ushort)DnsType.Ns);
        writer.UInt16(1);
        writer.UInt32(60);
        writer.UInt16((ushort)data.Length);
        writer.Bytes(data);
        writer.Count(8);
        Assert.Equal(AnswerReading.Malformed, PlainAnswer.Read(buffer.AsSpan(0, writer.Length), 7, Query, out _));
    }

    [Fact]
    public void What_servers_sent_is_read_or_not_when_it_is_changed_and_never_thrown_at_nor_more_than_it_was()
    {
        byte[][] corpus = [.. DnsVectors.Everything(), Message([(6, DnsType.A, 4), (6, DnsType.Rrsig, 20), (8, DnsType.Soa, 30)], ede: ["\u0000\u0007expired"u8.ToArray()])];
        var (read, errors) = (0, 0);
        FuzzRun.Mutate(corpus, 20_000, 19, (bytes, _) =>
        {
            var reader = new DnsReader(bytes);
            if (!DnsHeader.TryRead(bytes, out var header) || !reader.TryReadQuestion(out var name, out var type, out var _)) return;
            if (PlainAnswer.Read(bytes, header.Id, new PlainQuery(name, type), out var answer) != AnswerReading.Answer) return;
            read++;
            errors += answer!.Errors.Count;
            Assert.True(answer.Records.Sum(r => r.Data.Length + 11) + answer.Errors.Count * 6 < bytes.Length);
            Assert.All(answer.Errors, e => Assert.True(e.Text is null || (e.Text.Length <= SoaAnswer.MaxText && !e.Text.Any(char.IsControl))));
            Assert.True(answer.Plain <= answer.Answers.Count && (answer.Referral is null || !answer.Authoritative));
        });
        Assert.True(read > 1000 && errors > 30, $"{read} read, {errors} errors");
    }

    static PlainAnswer Read(byte[] message)
    {
        Assert.Equal(AnswerReading.Answer, PlainAnswer.Read(message, 7, Query, out var answer));
        return answer!;
    }

    /// <summary>An authoritative answer of so many octets of record data in each section (6 answer, 8 authority).</summary>
    static byte[] Message((int Section, DnsType Type, int Size)[] records, byte[][]? ede = null, DnsType type = DnsType.A)
    {
        var buffer = new byte[1024];
        var writer = new DnsWriter(buffer, 7, DnsHeader.Qr | DnsHeader.Aa);
        writer.Question(Name, type);
        foreach (var (section, of, size) in records)
        {
            writer.Bytes(Name.Wire);
            writer.UInt16((ushort)of);
            writer.UInt16(1);
            writer.UInt32(60);
            writer.UInt16((ushort)size);
            writer.Bytes(new byte[size]);
            writer.Count(section);
        }

        writer.Opt(1232);
        foreach (var error in ede ?? []) writer.Option(EdnsOption.ExtendedError, error);
        return buffer[..writer.Length];
    }
}
