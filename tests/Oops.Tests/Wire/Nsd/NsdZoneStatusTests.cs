using System.Text;
using Oops.Wire.Dns;
using Oops.Wire.Nsd;
using Xunit;

namespace Oops.Tests.Wire.Nsd;

public sealed class NsdZoneStatusTests
{
    static readonly DateTime At = new(2026, 11, 27, 2, 22, 41);

    [Fact]
    public void What_4_6_1_answers_is_read() => Assert.Equal(
        [
            new(".") { State = NsdZoneState.Primary },
            new("broken.test") { State = NsdZoneState.Primary },
            new("never.test") { State = NsdZoneState.Refreshing, Wait = 19 },
            new("a\\009b\\\"c\\.\\032d\\;.test") { State = NsdZoneState.Primary },
            new("gone.test") { State = NsdZoneState.Expired, Served = 7, Committed = 7, Since = At, Wait = 8 },
            new("sec.test") { State = NsdZoneState.Ok, Served = 7, Committed = 7, Since = At, Wait = 3 },
        ],
        Read(TextVectors.Lines(TextVectors.Read("nsd/zonestatus-4.6.1.txt"))));

    [Fact]
    public void The_words_of_newer_versions_and_catalog_lines_are_read() => Assert.Equal(
        [
            new("catalog1.invalid") { State = NsdZoneState.Ok, Served = 1708341939, Committed = 1708341939, Since = new(2024, 2, 19, 15, 19, 44), Wait = 3461 },
            new("example.net") { State = NsdZoneState.Ok, Served = 2024013019, Committed = 2024013020, Since = new(2024, 2, 19, 14, 25, 43), Transferring = true },
            new("example.org") { State = NsdZoneState.Primary },
        ],
        Read(TextVectors.Lines(TextVectors.Read("nsd/zonestatus-newer.txt"))));

    [Theory]
    [InlineData("zone:\ta.test\n\tstate: ok\n", true)]
    [InlineData("zone:\ta.test\n\tstate: ok\n\tserved-serial: none\n\tcommit-serial: none\n", false)]
    [InlineData("zone:\ta.test\n\tstate: ok\n\tserved-serial: \"seven\"\n\tcommit-serial: none\n", true)]
    [InlineData("zone:\ta.test\n\tstate: ok\n\tserved-serial: \"7 and a half\"\n\tcommit-serial: none\n", true)]
    [InlineData("zone:\ta.test\n\tstate: ok\n\tserved-serial: \"4294967296 since 2026-11-27T02:22:41\"\n\tcommit-serial: none\n", true)]
    [InlineData("zone:\ta.test\n\tstate: dreaming\n", true)]
    [InlineData("zone:\ta.test\n", true)]
    [InlineData("zone:\ta.test\n\tstate: master\n", false)]
    public void Half_an_answer_about_a_zone_is_told_as_such(string answer, bool cut) => Assert.Equal(cut, Assert.Single(Read(TextVectors.Lines(answer))).Cut);

    [Fact]
    public void A_time_that_is_none_leaves_the_serial() =>
        Assert.Equal(new("a.test") { State = NsdZoneState.Ok, Served = 7, Committed = 7 }, Assert.Single(Read(TextVectors.Lines("zone:\ta.test\n\tstate: ok\n\tserved-serial: \"7 since yesterday\"\n\tcommit-serial: 7\n"))));

    [Theory]
    [InlineData("\tstate: ok")]
    [InlineData("hello")]
    [InlineData("zones:\ta.test")]
    [InlineData("zone:")]
    [InlineData("zone:\ta.test\n\tno colon")]
    public void What_is_no_zonestatus_is_refused(string answer)
    {
        var reader = new NsdZoneStatusReader();
        Assert.Contains(false, TextVectors.Lines(answer).Select(l => reader.Feed(l, out _)));
    }

    [Fact]
    public void A_zone_without_end_is_refused()
    {
        var reader = new NsdZoneStatusReader();
        Assert.True(reader.Feed("zone:\ta.test"u8, out _));
        var fed = 0;
        while (reader.Feed("\tmember: x"u8, out _)) fed++;
        Assert.Equal(64, fed);
    }

    [Fact]
    public void Every_octet_in_a_name_becomes_a_name_or_none_and_never_an_octet_in_our_text()
    {
        for (var octet = 0; octet < 256; octet++)
        {
            if (octet == '\n') continue;
            var reader = new NsdZoneStatusReader();
            byte[] line = [.. "zone:\ta"u8, (byte)octet, .. "b.test"u8];
            if (!reader.Feed(line, out _)) continue;
            var zone = reader.End()!.Value.Zone;
            Assert.DoesNotContain(zone, c => c is < '!' or > '~');
            if (!DnsName.TryParse(zone, out var name)) continue;
            Assert.True(octet is '.' or '\\' || name.Wire[2] == (octet is >= 'A' and <= 'Z' ? octet + 32 : octet), $"{octet}: {zone}");
        }
    }

    [Fact]
    public void Whatever_comes_is_read_or_refused()
    {
        byte[][] corpus = [TextVectors.Read("nsd/zonestatus-4.6.1.txt"), TextVectors.Read("nsd/zonestatus-newer.txt"), TextVectors.Read("nsd/stats-4.6.1.txt")];
        FuzzRun.Mutate(corpus, 20_000, 7, (bytes, _) =>
        {
            foreach (var zone in Read(TextVectors.Lines(bytes), strict: false))
            {
                Assert.DoesNotContain(zone.Zone, c => c is < '!' or > '~');
                Assert.True(zone.Cut || zone.State is NsdZoneState.Ok or NsdZoneState.Primary or NsdZoneState.Refreshing or NsdZoneState.Expired);
            }
        });
    }

    static List<NsdZoneStatus> Read(List<byte[]> lines, bool strict = true)
    {
        var reader = new NsdZoneStatusReader();
        List<NsdZoneStatus> zones = [];
        foreach (var line in lines)
        {
            var taken = reader.Feed(line, out var zone);
            if (strict) Assert.True(taken, Encoding.Latin1.GetString(line));
            if (zone is { } complete) zones.Add(complete);
        }

        if (reader.End() is { } last) zones.Add(last);
        return zones;
    }
}
