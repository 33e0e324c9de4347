using System.Text;
using Oops.Wire.Dns;
using Oops.Wire.Dns.Master;
using Xunit;

namespace Oops.Tests.Wire.Dns.Master;

public sealed class RecordTextTests
{
    static readonly DnsName Origin = DnsNameTests.Name("example.");

    /// <summary>type, text, wire, as it is written.</summary>
    public static TheoryData<string, string, string, string> Records()
    {
        var data = new TheoryData<string, string, string, string>();
        foreach (var words in Vectors("master/records.txt"))
            data.Add(words[0], words[1], words[2], words[3] == "=" ? words[1] : words[3]);
        return data;
    }

    /// <summary>type, text, why it is none.</summary>
    public static TheoryData<string, string, string> Broken()
    {
        var data = new TheoryData<string, string, string>();
        foreach (var words in Vectors("master/broken.txt"))
            data.Add(words[0], words[1], words[2]);
        return data;
    }

    [Theory]
    [MemberData(nameof(Records))]
    public void Text_is_data_and_data_is_text(string type, string text, string wire, string written)
    {
        Assert.True(TryParse(type, text, out var data, out var why), why);
        Assert.Null(why);
        Assert.Equal(wire, Convert.ToHexStringLower(data));
        Assert.Equal(written, RecordText.Write(Type(type), data));
        Assert.True(TryParse(type, written, out var again, out why), why);
        Assert.Equal(data, again);
    }

    [Theory]
    [MemberData(nameof(Records))]
    public void Data_goes_into_no_smaller_space_and_is_the_same_as_octets_of_an_unknown_type(string type, string text, string wire, string written)
    {
        for (var room = 0; room < wire.Length / 2; room++)
        {
            Assert.False(RecordText.TryParse(Type(type), Latin1(text), Origin, new byte[room], out var length, out var why));
            Assert.True(length == 0 && why is not null);
        }

        var escapes = text.Count(c => c == '\\'); // of a list of protocols: they need room on the way
        Assert.True(RecordText.TryParse(Type(type), Latin1(text), Origin, new byte[wire.Length / 2 + escapes], out _, out _));
        Assert.True(TryParse(type, $@"\# {wire.Length / 2} {wire}", out var data, out var wrong), wrong);
        Assert.Equal(written, RecordText.Write(Type(type), data));
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void What_is_no_data_is_told_with_its_place(string type, string text, string expected)
    {
        Assert.False(TryParse(type, text, out _, out var why));
        Assert.Equal(expected, why);
    }

    [Fact]
    public void Every_type_with_a_form_of_its_own_has_a_vector()
    {
        var seen = Vectors("master/records.txt").Select(w => Type(w[0])).ToHashSet();
        Assert.Empty(RecordTypes.WithFields.Where(t => !seen.Contains(t)).Select(TypeNames.Of));
    }

    [Theory]
    [InlineData("A", "c00002")]
    [InlineData("A", "c000020100")]
    [InlineData("NS", "c00c")]
    [InlineData("NS", "0161")]
    [InlineData("NS", "")]
    [InlineData("TXT", "")]
    [InlineData("TXT", "0541")]
    [InlineData("MX", "00")]
    [InlineData("SOA", "000000000000")]
    [InlineData("NSEC", "00000100")]
    [InlineData("NSEC", "00000180")]
    [InlineData("NSEC", "0001014000024000")]
    [InlineData("NSEC", "0000024000")]
    [InlineData("NSEC3", "0100000000")]
    [InlineData("NSEC3", "010000000000")]
    [InlineData("NXT", "004000")]
    [InlineData("DS", "ec450501")]
    [InlineData("LOC", "00a21613800000008000000000989680")]
    [InlineData("LOC", "001216139369d2018000000000989680")]
    [InlineData("APL", "0003080101")]
    [InlineData("APL", "00012001")]
    [InlineData("APL", "000121020a01")]
    [InlineData("APL", "00012002" + "0a00")]
    [InlineData("IPSECKEY", "0a0100c000")]
    [InlineData("HIP", "0002000120")]
    [InlineData("HIP", "010200002001")]
    [InlineData("SVCB", "00010000030001")]
    [InlineData("SVCB", "00010000030002003500010003026832")]
    [InlineData("SVCB", "000100" + "00030002003500030002" + "0035")]
    [InlineData("SVCB", "000100" + "00010000")]
    [InlineData("SVCB", "000100" + "0001000100")]
    [InlineData("SVCB", "000100" + "00020001" + "00")]
    [InlineData("SVCB", "000100" + "00000004" + "00040001")]
    [InlineData("SVCB", "000100" + "00040003" + "c00002")]
    [InlineData("CAA", "0000")]
    [InlineData("CAA", "00012d41")]
    [InlineData("RRSIG", "00000d0000000e10ffffffff000000000001000000")]
    [InlineData("OPT", "")]
    [InlineData("TYPE65280", "00")]
    public void What_its_type_does_not_allow_is_written_as_octets(string type, string wire)
    {
        var data = Convert.FromHexString(wire);
        var text = RecordText.Write(Type(type), data);
        Assert.Equal($@"\# {data.Length} {Convert.ToHexString(data)}".TrimEnd(), text);
    }

    [Fact]
    public void What_is_written_is_printable_whatever_the_data_is()
    {
        var random = new Random(1);
        var data = new byte[64];
        var space = new byte[RecordData.MaxSize];
        for (var i = 0; i < 20_000; i++)
        {
            var type = (DnsType)random.Next(1, 270);
            random.NextBytes(data);
            for (var n = 0; n < 8; n++) data[random.Next(data.Length)] = (byte)random.Next(4);
            var part = data.AsSpan(0, random.Next(data.Length));
            var text = RecordText.Write(type, part);
            Assert.DoesNotContain(text, c => c is < ' ' or > '~');
            Assert.True(RecordText.TryParse(type, Latin1(text), default, space, out var length, out var why) || !RecordText.IsWellFormed(type, part), $"{type} {text}: {why}");
            if (why is null) Assert.True(Canonical(type, part).SequenceEqual(space.AsSpan(0, length)), $"{type} {text}");
        }
    }

    [Fact]
    public void The_longest_data_and_the_longest_name_fit()
    {
        var longest = string.Join('.', Enumerable.Repeat(new string('a', 63), 3)) + "." + new string('b', 61) + ".";
        Assert.True(TryParse("NS", longest, out var name, out _));
        Assert.Equal(255, name.Length);
        Assert.False(TryParse("NS", longest[..^1] + "b.", out _, out var why));
        Assert.Contains("longer than 255 octets", why, StringComparison.Ordinal);
        Assert.False(TryParse("NS", longest[..^3], out _, out why)); // with the origin behind it
        Assert.Contains("longer than 255 octets", why, StringComparison.Ordinal);
        Assert.True(TryParse("TYPE65280", $@"\# 65535 {new string('0', 131070)}", out var data, out _));
        Assert.Equal(65535, data.Length);
        Assert.True(TryParse("OPENPGPKEY", Convert.ToBase64String(data), out _, out _));
        Assert.False(TryParse("OPENPGPKEY", Convert.ToBase64String(data) + "AAAA", out _, out why));
        Assert.Contains("longer than 65535 octets", why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_relative_name_without_an_origin_is_refused()
    {
        Assert.False(RecordText.TryParse(DnsType.Ns, "ns"u8, default, new byte[300], out _, out var why));
        Assert.Equal("column 1: 'ns' is relative, and there is no origin; end it with a dot", why);
        Assert.False(RecordText.TryParse(DnsType.Ns, "@"u8, default, new byte[300], out _, out _));
        Assert.True(RecordText.TryParse(DnsType.Ns, "ns."u8, default, new byte[300], out _, out _));
    }

    [Theory]
    [InlineData("10 mail ; a remark", true)]
    [InlineData("(10 ; one\n mail ; two\n)\n", true)]
    [InlineData("10\nmail", false)]
    [InlineData("10 mail\n20 mail", false)]
    public void One_entry_is_one_line_or_stands_in_parentheses(string text, bool right) => Assert.Equal(right, TryParse("MX", text, out _, out _));

    static byte[] Canonical(DnsType type, ReadOnlySpan<byte> data)
    {
        var into = new byte[RecordData.MaxSize];
        return RecordText.IsWellFormed(type, data) && RecordData.TryExpand(data, new DnsRecord { Type = type, Data = data }, into, out var length) ? into[..length] : data.ToArray();
    }

    static bool TryParse(string type, string text, out byte[] data, out string? why)
    {
        var into = new byte[RecordData.MaxSize];
        var parsed = RecordText.TryParse(Type(type), Latin1(text), Origin, into, out var length, out why);
        data = into[..length];
        return parsed;
    }

    [Fact]
    public void To_look_without_a_text_finds_what_writing_finds_and_allocates_nothing()
    {
        var random = new Random(4);
        foreach (var type in RecordTypes.WithFields)
        {
            for (var n = 0; n < 3000; n++)
            {
                var data = new byte[random.Next(30)];
                random.NextBytes(data);
                // Small numbers are sizes, keys and windows that fit.
                for (var i = 0; i < data.Length; i++)
                    data[i] = random.Next(3) == 0 ? data[i] : (byte)(data[i] & 7);
                var before = GC.GetAllocatedBytesForCurrentThread();
                var looked = RecordText.IsWellFormed(type, data);
                Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
                Assert.True(looked == (RecordTypes.IsOfUnknownForm(type, data) || new RecordPrinter(data, new System.Text.StringBuilder()).Write(RecordTypes.FieldsOf(type)!)), $"{type} {Convert.ToHexString(data)}");
            }
        }
    }

    static DnsType Type(string name) => TypeNames.TryParse(name, out var type) ? type : throw new FormatException(name);

    static byte[] Latin1(string text) => Encoding.Latin1.GetBytes(text);

    static IEnumerable<string[]> Vectors(string path) => TextVectors.Lines(TextVectors.Read(path)).Select(l => Encoding.Latin1.GetString(l)).Where(l => !l.StartsWith('#')).Select(l => l.Split(" | "));

    /// <summary>RFC 1876, 2; RFC 4025, 2.3; RFC 8777, 4.2.3.</summary>
    [Theory]
    [InlineData("LOC", "01121613800000008000000000989680")]
    [InlineData("IPSECKEY", "0A0400")]
    [InlineData("AMTRELAY", "0A84")]
    public void Data_of_a_kind_that_is_not_defined_yet_are_kept_as_they_are(string type, string data)
    {
        Assert.True(TypeNames.TryParse(System.Text.Encoding.ASCII.GetBytes(type), out var known));
        var octets = Convert.FromHexString(data);
        Assert.True(RecordText.IsWellFormed(known, octets));
        var text = RecordText.Write(known, octets);
        Assert.Equal($@"\# {octets.Length} {data}", text);
        var into = new byte[100];
        Assert.True(RecordText.TryParse(known, System.Text.Encoding.ASCII.GetBytes(text), default, into, out var length, out _));
        Assert.Equal(octets, into[..length]);
    }
}
