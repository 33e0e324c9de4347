using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Wire.Dns;

/// <summary>A client's side of a question: the query, the answer, the cookie, the option Report-Channel, and type names.</summary>
public sealed class PlainQueryTests
{
    static readonly DnsName Www = Name("www.example.net");

    [Fact]
    public void A_query_is_read_by_a_server_as_it_was_meant()
    {
        var buffer = new byte[PlainQuery.MostSize];
        byte[] cookie = [1, 2, 3, 4, 5, 6, 7, 8];
        var length = new PlainQuery(Www, DnsType.Txt) { Cookie = cookie, DnssecOk = true, MixedCase = true, RecursionDesired = true }.Write(buffer, 7);

        Assert.Equal(DnsRcode.NoError, AuthorityQuery.Read(buffer.AsSpan(0, length), out var query));
        Assert.True(query.Name == Www && query.Type == DnsType.Txt && query.DnssecOk && query.UdpSize == 1232);
        Assert.Equal((ushort)7, query.Header.Id);
        Assert.Equal(DnsHeader.Rd, query.Header.Flags);
        Assert.Equal(cookie, query.Cookie.ToArray());
        Assert.Equal("WwWeXaMpLeNeT", string.Concat(buffer[DnsHeader.Size..(DnsHeader.Size + Www.Wire.Length)].Where(o => char.IsAsciiLetter((char)o)).Select(o => (char)o)));
    }

    [Fact]
    public void The_longest_name_with_the_longest_cookie_fits()
    {
        var labels = string.Join('.', Enumerable.Repeat(new string('a', 63), 3).Append(new string('a', 61)));
        Assert.Equal(PlainQuery.MostSize, new PlainQuery(Name(labels), DnsType.Txt) { Cookie = new byte[ClientCookie.MostSize] }.Write(new byte[PlainQuery.MostSize], 1));
    }

    [Fact]
    public void A_version_of_EDNS_and_none_at_all_are_written()
    {
        var buffer = new byte[PlainQuery.MostSize];
        var length = new PlainQuery(Www, DnsType.A) { EdnsVersion = 1 }.Write(buffer, 1);
        Assert.Equal(DnsRcode.BadVers, AuthorityQuery.Read(buffer.AsSpan(0, length), out _));
        length = new PlainQuery(Www, DnsType.A) { Edns = false }.Write(buffer, 1);
        Assert.Equal(DnsRcode.NoError, AuthorityQuery.Read(buffer.AsSpan(0, length), out var query));
        Assert.False(query.HasEdns);
    }

    [Fact]
    public void A_question_for_signatures_is_as_a_validator_asks_it()
    {
        var buffer = new byte[PlainQuery.MostSize];
        var length = new PlainQuery(Name("www.example"), DnsType.A) { DnssecOk = true }.Write(buffer, 7);
        Assert.Equal("000700000001000000000001" + "03777777076578616D706C6500" + "00010001" + "00002904D0000080000000", Convert.ToHexString(buffer, 0, length));
    }

    [Fact]
    public void An_answer_is_read_with_its_options_and_all_of_its_response_code()
    {
        var agent = Name("a01.example");
        var message = Answer(DnsRcode.BadCookie, DnsHeader.Aa, w =>
        {
            w.Opt(1232, DnsRcode.BadCookie);
            w.Option(EdnsOption.ReportChannel, Name("a01.example").Wire);
            w.Option(EdnsOption.Cookie, new byte[24]);
            w.Option(EdnsOption.ExtendedError, [0, 20]);
            return w;
        });
        Assert.Equal(AnswerReading.Answer, PlainAnswer.Read(message, 7, new PlainQuery(Www, DnsType.Txt), out var answer));
        Assert.Equal(DnsRcode.BadCookie, answer!.Rcode);
        Assert.True(answer.Authoritative && answer.SameQuestion && answer.HasEdns && !answer.Truncated);
        Assert.True(ReportChannel.TryRead(Assert.Single(answer.Channels), out var told) && told == agent);
        Assert.Equal(24, answer.Cookie!.Length);
        Assert.Equal([new AnswerError(20, null)], answer.Errors);
    }

    [Fact]
    public void Records_are_read_with_their_text_and_where_they_point()
    {
        var message = Answer(DnsRcode.NoError, 0, w =>
        {
            foreach (var (type, data) in new (DnsType, byte[])[] { (DnsType.Txt, [2, (byte)'o', 7, 1, (byte)'k']), (DnsType.Ns, [2, (byte)'n', (byte)'s', 0xC0, 16]), (DnsType.Txt, [9, 1]) })
            {
                w.UInt16(0xC00C);
                w.UInt16((ushort)type);
                w.UInt16(1);
                w.UInt32(600);
                w.UInt16((ushort)data.Length);
                w.Bytes(data);
                w.Count(6);
            }

            return w;
        });
        Assert.Equal(AnswerReading.Answer, PlainAnswer.Read(message, 7, new PlainQuery(Www, DnsType.Txt), out var answer));
        Assert.Equal([@"o\007k", null, null], answer!.Answers.Select(PlainAnswer.Text));
        Assert.Equal("ns.example.net", answer.Answers[1].Target.ToString());
        Assert.All(answer.Answers, r => Assert.True(r.Owner == Www && r.Ttl == 600));
    }

    [Fact]
    public void What_answers_another_query_is_not_ours_and_what_is_cut_is_malformed()
    {
        var message = Answer(DnsRcode.NoError, 0, w => w);
        var query = new PlainQuery(Www, DnsType.Txt);
        Assert.Equal(AnswerReading.NotOurs, PlainAnswer.Read(message, 8, query, out _));
        Assert.Equal(AnswerReading.NotOurs, PlainAnswer.Read(message, 7, new PlainQuery(Www, DnsType.A), out _));
        Assert.Equal(AnswerReading.NotOurs, PlainAnswer.Read(message, 7, new PlainQuery(Name("example.net"), DnsType.Txt), out _));
        Assert.Equal(AnswerReading.NotOurs, PlainAnswer.Read(message.AsSpan(0, 11), 7, query, out _));
        Assert.Equal(AnswerReading.Malformed, PlainAnswer.Read([.. message, 0], 7, query, out _));
        message[7] = 1; // an answer that is not there
        Assert.Equal(AnswerReading.Malformed, PlainAnswer.Read(message, 7, query, out var answer));
        Assert.Null(answer);
    }

    [Fact]
    public void Whatever_comes_is_read_or_not_and_never_thrown_at()
    {
        var query = new PlainQuery(Www, DnsType.Txt);
        byte[][] corpus = [Answer(DnsRcode.NoError, DnsHeader.Aa, w =>
        {
            w.UInt16(0xC00C);
            w.UInt16((ushort)DnsType.Ns);
            w.UInt16(1);
            w.UInt32(600);
            w.UInt16(2);
            w.UInt16(0xC00C);
            w.Count(6);
            w.Opt(1232);
            w.Option(EdnsOption.ReportChannel, Name("a01.example").Wire);
            return w;
        })];
        var read = 0;
        FuzzRun.Mutate(corpus, 20_000, 18, (bytes, _) =>
        {
            if (PlainAnswer.Read(bytes, 7, query, out var answer) == AnswerReading.Answer && answer!.Records.Select(PlainAnswer.Text).Count() < bytes.Length) read++;
        });
        Assert.True(read > 100, $"{read} read");
    }

    [Theory]
    [InlineData("00", true)]
    [InlineData("0161076578616D706C6500", true)]
    [InlineData("", false)]
    [InlineData("0161", false)]
    [InlineData("016100FF", false)]
    [InlineData("0161C000", false)]
    public void A_report_channel_is_one_whole_name(string option, bool good) => Assert.Equal(good, ReportChannel.TryRead(Convert.FromHexString(option), out _));

    [Fact]
    public void A_cookie_comes_back_with_our_half()
    {
        byte[] client = [1, 2, 3, 4, 5, 6, 7, 8];
        Assert.Equal(CookieAnswer.None, ClientCookie.Read(null, client));
        Assert.Equal(CookieAnswer.Malformed, ClientCookie.Read(client, client));
        Assert.Equal(CookieAnswer.Malformed, ClientCookie.Read([.. client, .. new byte[33]], client));
        Assert.Equal(CookieAnswer.Foreign, ClientCookie.Read(new byte[24], client));
        Assert.Equal(CookieAnswer.Server, ClientCookie.Read([.. client, .. new byte[8]], [.. client, .. new byte[16]]));
    }

    [Theory]
    [InlineData("A", 1)]
    [InlineData("dnskey", 48)]
    [InlineData("TYPE65280", 65280)]
    [InlineData("257", 257)]
    [InlineData("dlv", 32769)]
    public void A_type_is_known_by_name_and_number(string word, int number) => Assert.True(TypeNames.TryParse(word, out var type) && (ushort)type == number);

    [Theory]
    [InlineData("0")]
    [InlineData("65536")]
    [InlineData("TYPE")]
    [InlineData("NOSUCH")]
    [InlineData("")]
    [InlineData("-1")]
    public void What_is_no_type_is_none(string word) => Assert.False(TypeNames.TryParse(word, out _));

    delegate DnsWriter More(DnsWriter writer);

    static byte[] Answer(DnsRcode rcode, ushort flags, More more)
    {
        var buffer = new byte[1024];
        var writer = new DnsWriter(buffer, 7, (ushort)(DnsHeader.Qr | flags | ((int)rcode & 0xF)));
        writer.Question(Www, DnsType.Txt);
        writer = more(writer);
        return buffer[..writer.Length];
    }

    static DnsName Name(string text) => DnsName.TryParse(text, out var name) ? name : throw new ArgumentException(text);
}
