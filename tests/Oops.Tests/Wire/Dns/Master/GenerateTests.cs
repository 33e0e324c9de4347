using System.Text;
using Oops.Wire.Dns.Master;
using Xunit;

namespace Oops.Tests.Wire.Dns.Master;

public sealed class GenerateTests
{
    [Theory]
    [InlineData("$GENERATE 1-3 h$ 5 IN A 192.0.2.$", "h1.example 5 A 192.0.2.1", "h2.example 5 A 192.0.2.2", "h3.example 5 A 192.0.2.3")]
    [InlineData("$GENERATE 0-5/5 h${3,4,d} IN 5 A 192.0.2.$ ; a remark", "h0003.example 5 A 192.0.2.0", "h0008.example 5 A 192.0.2.5")]
    [InlineData("$generate 10-10 h${-20,4} 5 PTR ${0,0,x}.${0,3,X}.${0,3,o}.$$.\\$", "h-010.example 5 PTR a.00a.012.\\$.\\$.example.")]
    [InlineData("$GENERATE 35-35 ${0,3,n}.${0,3,N}.${0,0,n} 5 CNAME @", "3.2.3.2.3.2.example 5 CNAME example.")]
    [InlineData("$GENERATE 171-171 ${0,8,n}x 5 CNAME ${0,7,N}", "b.a.0.0.x.example 5 CNAME b.a.0.0.example.")]
    [InlineData("$GENERATE 1-1 @ 5 MX \"1$ mail\\$\"", "example 5 MX 11 mail\\$.example.")]
    [InlineData("$GENERATE 1-1 a 5 TXT \\$$", "a.example 5 TXT \"$1\"")]
    [InlineData("$GENERATE 1-1 a 5 TYPE65280 \"\\# 1 0$\"", "a.example 5 TYPE65280 \\# 1 01")]
    public void Records_are_made_as_BIND_makes_them(string text, params string[] records) => Assert.Equal([.. records, "Done"], Collected.Of(text));

    [Fact]
    public void The_last_owner_and_TTL_stay_what_they_were() => Assert.Equal(
        ["a.example 7 A 192.0.2.1", "h1.example 7 A 192.0.2.2", "a.example 7 A 192.0.2.3", "Done"],
        Collected.Of("a 7 A 192.0.2.1\n$GENERATE 1-1 h$ A 192.0.2.2\n A 192.0.2.3\n"));

    [Theory]
    [InlineData("$GENERATE", "10: $GENERATE wants a range as 1-10 or 1-10/2, of 0 to 2147483647")]
    [InlineData("$GENERATE 2-1 a 5 A 192.0.2.1", "11: $GENERATE wants a range as 1-10 or 1-10/2, of 0 to 2147483647")]
    [InlineData("$GENERATE 1-2/0 a 5 A 192.0.2.1", "11: $GENERATE wants a range as 1-10 or 1-10/2, of 0 to 2147483647")]
    [InlineData("$GENERATE 1-2147483648 a 5 A 192.0.2.1", "11: $GENERATE wants a range as 1-10 or 1-10/2, of 0 to 2147483647")]
    [InlineData("$GENERATE 1-2", "14: $GENERATE wants an owner, a type and data")]
    [InlineData("$GENERATE 1-2 a", "16: $GENERATE wants a type and data")]
    [InlineData("$GENERATE 1-2 \"a\" 5 A 192.0.2.1", "15: the owner is quoted; remove the quotes")]
    [InlineData("$GENERATE 1-2 a 5 A", "20: $GENERATE wants data; put quotes around more than one word")]
    [InlineData("$GENERATE 1-2 a 5 MX 10 mail", "25: 'mail' is more than $GENERATE has; put quotes around data of more than one word")]
    [InlineData("$GENERATE 1-2 a NOPE 192.0.2.1", "17: 'NOPE' is no type that a zone can hold; write its name, or TYPE and its number")]
    [InlineData("$GENERATE 1-2 a..$ 5 A 192.0.2.1", "15: 'a..1' is no name: a label is empty; remove the dot")]
    [InlineData("$GENERATE 1-2 a${0 5 A 192.0.2.1", "15: ${...} is no format; write ${offset,width,base} with a base of d, o, x, X, n or N")]
    [InlineData("$GENERATE 1-2 a${} 5 A 192.0.2.1", "15: ${...} is no format; write ${offset,width,base} with a base of d, o, x, X, n or N")]
    [InlineData("$GENERATE 1-2 a${0,256} 5 A 192.0.2.1", "15: ${...} is no format; write ${offset,width,base} with a base of d, o, x, X, n or N")]
    [InlineData("$GENERATE 1-2 a${0,1,q} 5 A 192.0.2.1", "15: ${...} is no format; write ${offset,width,base} with a base of d, o, x, X, n or N")]
    [InlineData("$GENERATE 1-2 a${0,1,d,} 5 A 192.0.2.1", "15: ${...} is no format; write ${offset,width,base} with a base of d, o, x, X, n or N")]
    [InlineData("$GENERATE 1-2 a${2147483647} 5 A 192.0.2.1", "15: $GENERATE makes a number beyond 31 bits; correct its offset")]
    [InlineData("$GENERATE 1-2 a 5 A 192.0.2.25$$", "21: A: '192.0.2.25$' is no IPv4 address; write four numbers of 0 to 255 with dots")]
    [InlineData("$GENERATE 1-2 a A 192.0.2.1", "19: no TTL, and none before; write $TTL")]
    [InlineData("$GENERATE 1-2000000 a 5 A 192.0.2.1", "11: $GENERATE makes more than 1000000 records of 256 octets; write a smaller range")]
    public void What_is_broken_is_told_with_its_place(string text, string why) => Assert.Equal([$"Broken: 1:{why}"], Collected.Of(text));

    [Fact]
    public void What_all_directives_of_a_text_make_is_bounded()
    {
        const string six = "$GENERATE 1-6 a$ 5 A 192.0.2.1\n";
        var options = new MasterOptions { MaxGenerated = 10 };
        Assert.StartsWith("Broken: 2:11: $GENERATE makes more than 10 records", Collected.Of(six + six, options: options)[^1], StringComparison.Ordinal);
        Assert.StartsWith("Broken: 1:11: $GENERATE makes more than 10 records", Collected.Of($"$GENERATE 1-6 a$ 5 TXT {new string('x', 255)}\n", options: options)[^1], StringComparison.Ordinal);
        // By what is made, and not by the template.
        Assert.StartsWith("Broken: 1:11: $GENERATE makes more than 10 records", Collected.Of("$GENERATE 1-5 a$ 5 TXT \"${0,255} ${0,255} ${0,255}\"\n", options: options)[^1], StringComparison.Ordinal);

        var reader = new MasterReader(DnsNameTests.Name("example."), new Collected(), options);
        Assert.Equal(MasterReading.Include, reader.Read(Encoding.Latin1.GetBytes("$INCLUDE other\n" + six), last: true, out var used));
        Assert.Equal(MasterReading.Done, Collected.Feed(reader.Child(), Encoding.Latin1.GetBytes(six), 100));
        Assert.Equal(MasterReading.Broken, reader.Read(Encoding.Latin1.GetBytes(six), last: true, out _));
        Assert.Equal(15, used);
    }
}
