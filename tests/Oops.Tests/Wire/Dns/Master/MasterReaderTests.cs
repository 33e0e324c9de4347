using System.Text;
using Oops.Wire.Dns;
using Oops.Wire.Dns.Master;
using Xunit;

namespace Oops.Tests.Wire.Dns.Master;

public sealed class MasterReaderTests
{
    [Theory]
    [InlineData("a 60 IN A 192.0.2.1\n")]
    [InlineData("a IN 60 A 192.0.2.1\n")]
    [InlineData("a in 1m a 192.0.2.1")]
    [InlineData("A.EXAMPLE.\t60\tCLASS1\tTYPE1\t192.0.2.1\r\n")]
    [InlineData("a 60 A 192.0.2.1 ; a remark with ( and \" in it\n")]
    [InlineData("a 60 A (192.0.2.1)\n")]
    [InlineData("( a\n60 ; in between (\n\n ) A 192.0.2.1\n")]
    [InlineData("\\097 60 A \\# 4 C0000201\n")]
    [InlineData("; first\n\n  \t ; second\n\r\na 60 A 192.0.2.1\n\n")]
    [InlineData("$ORIGIN a.example.\n@ 60 A 192.0.2.1\n")]
    [InlineData("$origin a\n$TTL 1m ; a remark\n@ A 192.0.2.1\n")]
    [InlineData("$TTL 60\na A ((192.0.2.1))\n")]
    public void A_record_is_the_same_however_it_is_written(string text) => Assert.Equal(["a.example 60 A 192.0.2.1", "Done"], Collected.Of(text));

    [Fact]
    public void An_owner_that_is_blank_is_the_last_one_whatever_the_origin_is_by_then() => Assert.Equal(
        ["a.example 5 A 192.0.2.1", "a.example 5 A 192.0.2.2", "a.example 5 NS ns.b.example.", "b.example 5 A 192.0.2.3", ". 5 A 192.0.2.4", "other 5 A 192.0.2.5", "Done"],
        Collected.Of("a 5 A 192.0.2.1\n\t A 192.0.2.2\n$ORIGIN b\n NS ns\n@ A 192.0.2.3\n. A 192.0.2.4\nother. A 192.0.2.5\n"));

    [Fact]
    public void A_TTL_that_is_missing_is_that_of_the_directive_else_the_last_else_of_the_SOA() => Assert.Equal(
        ["example 9 SOA . . 1 2 3 4 9", "a.example 9 A 192.0.2.1", "a.example 7 A 192.0.2.2", "a.example 9 A 192.0.2.3", "a.example 5 A 192.0.2.4", "a.example 8 A 192.0.2.5", "a.example 5 A 192.0.2.6", "Done"],
        Collected.Of("@ SOA . . 1 2 3 4 9\na A 192.0.2.1\na 7 A 192.0.2.2\na A 192.0.2.3\n$TTL 5\na A 192.0.2.4\na 8 A 192.0.2.5\na A 192.0.2.6\n"));

    [Fact]
    public void A_TTL_that_was_never_said_is_the_callers_and_then_the_last_one() => Assert.Equal(
        ["example 3600 SOA . . 1 2 3 4 9", "a.example 7 A 192.0.2.2", "a.example 7 A 192.0.2.3", "Done"],
        Collected.Of("@ SOA . . 1 2 3 4 9\na 7 A 192.0.2.2\na A 192.0.2.3\n", options: new MasterOptions { DefaultTtl = 3600 }));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("2147483647", 2147483647)]
    [InlineData("1w2d3h4m5s", 788645)]
    [InlineData("1W", 604800)]
    [InlineData("1h30", 3630)]
    public void A_TTL_may_have_units(string text, uint seconds) => Assert.Equal([$"a.example {seconds} A 192.0.2.1", "Done"], Collected.Of($"a {text} A 192.0.2.1"));

    /// <summary>text, where and why.</summary>
    [Theory]
    [InlineData("a 60 A 192.0.2", "1:8: A: '192.0.2' is no IPv4 address; write four numbers of 0 to 255 with dots")]
    [InlineData("\n\na 60 MX ( ; one\n 10\n  a..b )\n", "5:3: MX: 'a..b' is no name: a label is empty; remove the dot")]
    [InlineData("a A 192.0.2.1\n", "1:14: no TTL, and none before; write $TTL")]
    [InlineData(" 60 A 192.0.2.1\n", "1:2: no owner, and none before; write one at the beginning of the line")]
    [InlineData("a\n", "1:2: an owner without a record; write its type and data")]
    [InlineData("a 60\n", "1:5: a record without a type; write it and its data")]
    [InlineData("a 60 CH A 192.0.2.1\n", "1:6: 'CH' is another class than IN; remove the record")]
    [InlineData("a 60 CLASS3 A 192.0.2.1\n", "1:6: 'CLASS3' is another class than IN; remove the record")]
    [InlineData("a 60 NOPE 192.0.2.1\n", "1:6: 'NOPE' is no type that a zone can hold; write its name, or TYPE and its number")]
    [InlineData("a 60 ANY 192.0.2.1\n", "1:6: 'ANY' is no type that a zone can hold; write its name, or TYPE and its number")]
    [InlineData("a 60 OPT \\# 0\n", "1:6: 'OPT' is no type that a zone can hold; write its name, or TYPE and its number")]
    [InlineData("a 60 1 A 192.0.2.1\n", "1:6: '1' is no type that a zone can hold; write its name, or TYPE and its number")]
    [InlineData("a 60 \"A\" 192.0.2.1\n", "1:6: 'A' is no type that a zone can hold; write its name, or TYPE and its number")]
    [InlineData("a 60 \"\" 192.0.2.1\n", "1:6: '' is no type that a zone can hold; write its name, or TYPE and its number")]
    [InlineData("a 2147483648 A 192.0.2.1\n", "1:3: '2147483648' is no TTL; write 0 to 2147483647 seconds, or with units as 1h30m")]
    [InlineData("a 1h30x A 192.0.2.1\n", "1:3: '1h30x' is no TTL; write 0 to 2147483647 seconds, or with units as 1h30m")]
    [InlineData("\"a\" 60 A 192.0.2.1\n", "1:1: 'a' is quoted; remove the quotes")]
    [InlineData("a\x01\x80 60 \x1b A 1\n", "1:8: '?' is no type that a zone can hold; write its name, or TYPE and its number")]
    [InlineData("a 60 TXT \"b\nc\"\n", "1:10: a quote that does not end on its line; close it or write \\\"")]
    [InlineData("a 60 TXT \"b\\\nc\"\n", "1:10: a quote that does not end on its line; close it or write \\\"")]
    [InlineData("a 60 TXT \"b", "1:10: a quote that does not end on its line; close it or write \\\"")]
    [InlineData("a 60 TXT b\\\n", "1:11: a backslash at the end of a line; write \\\\ for one")]
    [InlineData("a 60 TXT b\\\r\n", "1:11: a backslash at the end of a line; write \\\\ for one")]
    [InlineData("a 60 TXT b\\", "1:11: a backslash at the end of a line; write \\\\ for one")]
    [InlineData("\n\na 60 TXT b (\n\n(b ) ; )", "3:12: a ( that is not closed; write its ) or \\(")]
    [InlineData("a 60 TXT (b))", "1:13: a ) without its (; remove it or write \\)")]
    [InlineData("$NOPE", "1:1: '$NOPE' is no directive; write \\$ if it is an owner")]
    [InlineData("$TTL", "1:5: $TTL wants 0 to 2147483647 seconds, or with units as 1h30m")]
    [InlineData("$TTL 2147483648", "1:6: $TTL wants 0 to 2147483647 seconds, or with units as 1h30m")]
    [InlineData("$TTL 5 6", "1:8: '6' is more than the directive has; remove it")]
    [InlineData("$ORIGIN", "1:8: $ORIGIN wants a name")]
    [InlineData("$ORIGIN a..b", "1:9: 'a..b' is no name: a label is empty; remove the dot")]
    [InlineData("$INCLUDE", "1:9: $INCLUDE wants a file")]
    [InlineData("$INCLUDE \"\"", "1:10: $INCLUDE wants a file")]
    [InlineData("$INCLUDE a\\007", "1:10: 'a\\007' is no path of a file; correct it")]
    [InlineData("$INCLUDE a b..c", "1:12: 'b..c' is no name: a label is empty; remove the dot")]
    [InlineData("$INCLUDE a b c", "1:14: 'c' is more than the directive has; remove it")]
    public void What_is_broken_is_told_with_its_place_and_what_to_do(string text, string why) => Assert.Equal([$"Broken: {why}"], Collected.Of(text));

    [Theory]
    [InlineData("root:$6$secret:19000:0:99999:7:::", "1:34: an owner without a record; write its type and data")]
    [InlineData("host secret", "1:6: a word is no type that a zone can hold; write its name, or TYPE and its number")]
    [InlineData("h 5 A secret", "1:7: A: a word is no IPv4 address; write four numbers of 0 to 255 with dots")]
    [InlineData("h 5secret A 1", "1:3: a word is no TTL; write 0 to 2147483647 seconds, or with units as 1h30m")]
    [InlineData("$secret", "1:1: a word is no directive; write \\$ if it is an owner")]
    public void No_word_of_an_included_file_is_told(string text, string why)
    {
        var reader = new MasterReader(DnsNameTests.Name("example."), new Collected());
        Assert.Equal(MasterReading.Include, reader.Read("$TTL 5\n$INCLUDE other\n"u8, last: true, out _));
        var child = reader.Child();
        Assert.Equal(MasterReading.Broken, child.Read(System.Text.Encoding.ASCII.GetBytes(text), last: true, out _));
        Assert.Equal(why, child.Why);
    }

    [Fact]
    public void Records_before_what_is_broken_were_given_and_none_after()
    {
        var sink = new Collected();
        var reader = new MasterReader(DnsNameTests.Name("example."), sink);
        Assert.Equal(MasterReading.Broken, reader.Read("a 5 A 192.0.2.1\nb 5 A nope\nc 5 A 192.0.2.1\n"u8, last: false, out var used));
        Assert.Equal((16, 2L), (used, reader.Line));
        Assert.Equal(MasterReading.Broken, reader.Read("c 5 A 192.0.2.1\n"u8, last: true, out used));
        Assert.Equal(0, used);
        Assert.Equal(["a.example 5 A 192.0.2.1"], sink.Records);
    }

    [Fact]
    public void An_entry_that_is_longer_than_allowed_is_refused_in_whole_and_in_pieces()
    {
        var options = new MasterOptions { MaxEntry = 40 };
        foreach (var piece in new[] { 1, 7, 1000 })
        {
            Assert.Equal(["a.example 5 TXT \"0123456789012345678901234567\"", "Done"], Collected.Of("a 5 TXT \"0123456789012345678901234567\"\n\n", piece, options));
            Assert.Equal(["Broken: 1:1: an entry of more than 40 octets; is a ( not closed?"], Collected.Of("a 5 TXT ( 01234567890\n12345678901234567890\n\n\n )", piece, options));
            Assert.Equal(["Broken: 1:1: an entry of more than 40 octets; is a ( not closed?"], Collected.Of("; 0123456789012345678901234567890123456789\n", piece, options));
        }
    }

    [Fact]
    public void Another_file_is_the_callers_to_open_and_changes_nothing_here()
    {
        var sink = new Collected();
        var reader = new MasterReader(DnsNameTests.Name("example."), sink);
        var text = "$TTL 5\na A 192.0.2.1\n$INCLUDE \"the\\032other file\" sub ; a remark\n A 192.0.2.2\n$INCLUDE plain\nb A 192.0.2.5\n"u8;
        Assert.Equal(MasterReading.Include, reader.Read(text, last: true, out var used));
        Assert.Equal(("the other file", 3L), (reader.IncludePath, reader.Line));
        text = text[used..];
        Assert.Equal(MasterReading.Done, Collected.Feed(reader.Child(), "\tA 192.0.2.3\nc A 192.0.2.4\n$ORIGIN nowhere.\n$TTL 8\nd A 192.0.2.6"u8, 3));
        Assert.Equal(MasterReading.Include, reader.Read(text, last: true, out used));
        text = text[used..];
        Assert.Equal("plain", reader.IncludePath);
        Assert.Equal(MasterReading.Done, Collected.Feed(reader.Child(), "@ A 192.0.2.7\n"u8, 3));
        Assert.Equal(MasterReading.Done, reader.Read(text, last: true, out _));
        Assert.Null(reader.IncludePath);
        Assert.Equal(["a.example 5 A 192.0.2.1", "a.example 5 A 192.0.2.3", "c.sub.example 5 A 192.0.2.4", "d.nowhere 8 A 192.0.2.6", "a.example 5 A 192.0.2.2", "example 5 A 192.0.2.7", "b.example 5 A 192.0.2.5"], sink.Records);
    }

    [Fact]
    public void A_transfer_as_dig_prints_it_is_read_with_both_its_SOAs() => Assert.Equal(
        ["example 5 SOA ns.example. host.example. 1 2 3 4 5", "a.example 5 A 192.0.2.1", "example 5 SOA ns.example. host.example. 1 2 3 4 5", "Done"],
        Collected.Of("\n; <<>> DiG 9.18 <<>> AXFR example (\n;; global options: +cmd\nexample.\t\t5\tIN\tSOA\tns.example. host.example. 1 2 3 4 5\na.example.\t5\tIN\tA\t192.0.2.1\nexample.\t\t5\tIN\tSOA\tns.example. host.example. 1 2 3 4 5\n;; Query time: 0 msec\n\n", origin: "."));

    [Fact]
    public void Reading_allocates_nothing_per_record()
    {
        var text = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Range(0, 2000).Select(i =>
            $"Host{i} 5 IN A 192.0.2.1\n 5 AAAA 2001:db8::{i}\n MX 10 mail\n TXT \"a b\" c\\032d\n RRSIG A 13 2 5 20261225224647 20261127224647 1 example. 7S615sZHtNW9OmwSyBJMpBy87ZWSWFhj73rw7DqRk6o=\n NSEC b A MX CAA\n HTTPS 1 . alpn=h2,h3 port=443 ipv4hint=192.0.2.1\n NSEC3 1 0 0 - 2vptu5timamqttgl4luu9kg21e0aor3s A\n LOC 1 N 1 E 5m\n")));
        var counted = new Counted();
        Read(text.AsSpan(0, 1000)); // a first call may load code
        var before = GC.GetAllocatedBytesForCurrentThread();
        Read(text);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
        Assert.Equal(18_000, counted.Records);

        void Read(ReadOnlySpan<byte> some)
        {
            counted.Records = 0;
            var reader = new MasterReader(DnsNameTests.Name("example."), counted);
            reader.Read(some, last: false, out _);
            Assert.Null(reader.Why);
        }
    }

    [Fact]
    public void The_line_of_a_record_is_known_while_it_is_given()
    {
        var lines = new Lines();
        lines.Reader = new MasterReader(DnsNameTests.Name("example."), lines);
        Collected.Feed(lines.Reader, "\na 5 A (\n192.0.2.1\n)\n; b\nb A 192.0.2.2\n"u8, 4);
        Assert.Equal([2, 6], lines.Seen);
    }

    sealed class Counted : IRecordSink
    {
        public int Records { get; set; }

        public void Add(in DnsName owner, DnsType type, uint ttl, ReadOnlySpan<byte> data) => Records++;
    }

    sealed class Lines : IRecordSink
    {
        public MasterReader? Reader { get; set; }

        public List<long> Seen { get; } = [];

        public void Add(in DnsName owner, DnsType type, uint ttl, ReadOnlySpan<byte> data) => Seen.Add(Reader!.Line);
    }
}
