using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Oops.Wire.Dns.Master;
using Xunit;

namespace Oops.Tests.Wire.Dns.Master;

public sealed class MasterPiecesTests
{
    static readonly string[] Entries =
    [
        "$TTL 60\n", "$ORIGIN sub\n", "\n", "\r\n", "; a remark ( \" \\\n", "a A 192.0.2.1\n", "\tAAAA 2001:db8::1 ; x\n", "b TXT \"a;(\\\"b\" c\\;d\n", "c ( ; (\n MX 10\n mail )\r\n",
        "d 1h IN SOA ns host ( 1 1h ; )\n 1m 1w 5 )\n", "e DNSKEY 257 3 13 AQ I\\\n", "f TYPE65280 \\# 4 0A00 0001\n", "$GENERATE 1-3 g$ A 192.0.2.$\n", "h NSEC a A MX\n", "i.other. A 192.0.2.9\n",
        "j RRSIG A 13 2 5 20261225224647 20261127224647 1 example. 7S615sZHtNW9OmwSyBJMpBy87ZWSWFhj73rw7DqRk6o=\n", "k A nope\n", "l TXT \"open\n", "m )\n", "n TXT \"", "o TXT \\", "p (",
    ];

    [Fact]
    public void Pieces_of_any_size_give_the_same_as_the_whole()
    {
        var texts = Gen.Elements(Entries).ListOf().Select(e => "$TTL 5\n" + string.Concat(e));
        Prop.ForAll(texts.ToArbitrary(), Gen.Choose(1, 40).ToArbitrary(), (text, piece) => Collected.Of(text).SequenceEqual(Collected.Of(text, piece))).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Every_record_of_the_vectors_is_the_same_in_a_file()
    {
        var vectors = TextVectors.Lines(TextVectors.Read("master/records.txt")).Select(l => Encoding.Latin1.GetString(l)).Where(l => !l.StartsWith('#')).Select(l => l.Split(" | ")).ToList();
        var text = string.Concat(vectors.Select(v => $"a 5 {v[0]} {v[1]} ; {v[2]}\n"));
        var expected = vectors.Select(v => $"a.example 5 {(v[0] == "TYPE1" ? "A" : v[0])} {(v[3] == "=" ? v[1] : v[3])}").Append("Done");
        Assert.Equal(expected, Collected.Of(text));
        Assert.Equal(expected, Collected.Of(text, piece: 13));
    }
}
