using System.Globalization;
using System.Text;
using Oops.Wire.Bind;
using Oops.Wire.Json;
using Xunit;

namespace Oops.Tests.Wire.Bind;

public sealed class BindZonesReaderTests
{
    const string Head = """{"json-stats-version":"1.8","boot-time":"2026-11-27T02:30:08.699Z","config-time":"2026-11-27T02:30:08.735Z","current-time":"2026-11-27T02:30:14.739Z","version":"9.20.1",""";

    static readonly DateTime Loaded = Time("02:42:07");

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(100_000)]
    public void A_secondary_has_loaded_expired_and_never_loaded_zones(int piece)
    {
        var (reader, zones, fault) = Read(Recorded("secondary-9.18.json"), piece);
        Assert.Null(fault);
        List<BindZone> expected =
        [
            new("_default", "never.test", true, null, null, null, Time("02:42:59")),
            new("_default", "nofile.test", true, null, null, null, Time("02:43:05")),
            new("_default", "one.test", true, 100, Loaded, Time("02:42:30"), Time("02:42:25")),
            new("_default", "own.test", false, 100, Time("02:42:05"), null, null),
            new("_default", "signed.test", false, 104, Loaded, null, null),
            new("_default", "two.test", true, null, Loaded, Time("02:42:15"), Time("02:43:07")),
        ];
        Assert.Equal(expected, zones);
        Assert.Equal(("2026-11-27T02:42:07.171Z", "9.18.49-1~deb12u3-Debian"), (reader.BootTime, reader.Version));
        Assert.Equal(Time("02:42:22.839"), reader.Now);
        Assert.Equal(["_default", "_bind"], reader.Views);
    }

    [Fact]
    public void A_primary_has_no_times_but_that_of_the_load_and_one_name_for_a_signed_zone()
    {
        var (_, zones, fault) = Read(Recorded("primary-9.18.json"));
        Assert.Null(fault);
        Assert.Equal(["broken.test ", "one.test 100", "signed.test 102", "we\\\"ird\\032x\\\\y\\200\\.dot.test 7"], zones.Select(z => $"{z.Name} {z.Serial}"));
        Assert.Null(zones[0].Loaded);
        Assert.True(Oops.Wire.Dns.DnsName.TryParse(zones[3].Name, out var name));
        Assert.Equal("\u000fwe\"ird x\\yÈ.dot\u0004test\0", Encoding.Latin1.GetString(name.Wire));
    }

    [Fact]
    public void Each_zone_is_told_with_its_view_and_what_is_not_served_from_its_own_data_is_passed_over()
    {
        var (reader, zones, fault) = Read(Recorded("views-9.18.json"));
        Assert.Null(fault);
        Assert.Equal(["in one.test", "in rpz.x", "out one.test", "out two.test"], zones.Select(z => $"{z.View} {z.Name}").Order(StringComparer.Ordinal));
        Assert.Equal(["in", "out", "_bind"], reader.Views);
    }

    [Fact]
    public void Words_of_9_16_are_understood()
    {
        var (_, zones, fault) = Read(Zones("""{"name":"a.test","class":"IN","serial":1,"type":"master","loaded":"2026-11-27T02:30:08Z"},{"name":"b.test","class":"IN","serial":4294967295,"type":"slave","loaded":"2026-11-27T02:30:08Z","expires":"2026-11-27T03:30:08Z","refresh":"2026-11-27T02:40:08Z"}"""));
        Assert.Null(fault);
        Assert.Equal([(false, 1u), (true, 4294967295u)], zones.Select(z => (z.Secondary, z.Serial!.Value)));
    }

    [Theory]
    [InlineData("""{"name":"a.test","class":"IN","serial":"100","type":"primary","loaded":"2026-11-27T02:30:08Z"}""", null)]
    [InlineData("""{"name":"a.test","class":"IN","serial":"-","type":"primary","loaded":"2026-11-27T02:30:08Z"}""", "a.test has a serial that is none: -")]
    [InlineData("""{"name":"a.test","class":"IN","serial":-1,"type":"primary","loaded":"2026-11-27T02:30:08Z"}""", "a.test has a serial that is none: -1")]
    [InlineData("""{"name":"a.test","class":"IN","serial":4294967296,"type":"primary","loaded":"2026-11-27T02:30:08Z"}""", "a.test has a serial that is none: 4294967296")]
    [InlineData("""{"name":"a.test","class":"IN","serial":1.5,"type":"primary","loaded":"2026-11-27T02:30:08Z"}""", "a.test has a serial that is none: 1.5")]
    [InlineData("""{"name":"a.test","class":"IN","serial":true,"type":"primary","loaded":"2026-11-27T02:30:08Z"}""", "a.test has a serial that is none: true")]
    [InlineData("""{"name":"a.test","class":"IN","serial":1,"type":"primary"}""", "a.test has no times, or none that can be read")]
    [InlineData("""{"name":"a.test","class":"IN","serial":1,"type":"primary","loaded":"yesterday"}""", "a.test has no times, or none that can be read")]
    [InlineData("""{"name":"a.test","class":"IN","serial":1,"type":"primary","loaded":1764210608}""", "a.test has no times, or none that can be read")]
    [InlineData("""{"name":"a.test","class":"IN","serial":1,"type":"secondary","loaded":"2026-11-27T02:30:08Z","refresh":"2026-11-27T02:30:08Z"}""", "a.test has no times, or none that can be read")]
    [InlineData("""{"name":"a.test","class":"IN","serial":1,"type":"secondary","loaded":"2026-11-27T02:30:08Z","expires":"2026-11-27T02:30:08Z"}""", "a.test has no times, or none that can be read")]
    [InlineData("""{"name":"a.test","class":"IN","serial":1,"loaded":"2026-11-27T02:30:08Z"}""", "a.test is of a type that we do not know: ")]
    [InlineData("""{"name":"a.test","class":"IN","serial":1,"type":"leader","loaded":"2026-11-27T02:30:08Z"}""", "a.test is of a type that we do not know: leader")]
    [InlineData("""{"name":"a.test","serial":1,"type":"primary","loaded":"2026-11-27T02:30:08Z"}""", "no class of a.test")]
    [InlineData("""{"class":"IN","serial":1,"type":"primary","loaded":"2026-11-27T02:30:08Z"}""", "a zone without a name")]
    [InlineData("""{"name":"a\u001b[2Jb","class":"IN","serial":1,"type":"x","loaded":"2026-11-27T02:30:08Z"}""", "a?[2Jb is of a type that we do not know: x")]
    [InlineData("""{"name":"a.test","class":"CH","serial":1,"type":"leader"}""", null)]
    [InlineData("""{"name":"a.test","class":"IN","type":"mirror"}""", null)]
    public void What_named_does_not_write_so_is_a_fault_and_no_guess(string zone, string? says)
    {
        var (_, zones, fault) = Read(Zones(zone));
        Assert.Equal(says, fault);
        if (says is not null) Assert.Empty(zones);
    }

    [Fact]
    public void Zones_before_the_servers_time_cannot_be_judged()
    {
        var (_, zones, fault) = Read("""{"views":{"_default":{"zones":[{"name":"a.test","class":"IN","serial":1,"type":"primary","loaded":"2026-11-27T02:30:08Z"}]}},"current-time":"2026-11-27T02:30:14.739Z"}""");
        Assert.Equal("no current-time before the zones", fault);
        Assert.Empty(zones);
    }

    [Fact]
    public void Lists_of_zones_elsewhere_are_none()
    {
        var (reader, zones, fault) = Read(Head + """ "zones":[{"name":"a.test"}],"more":{"_default":{"zones":[{"name":"b.test"}]}},"views":{"_default":{}}}""");
        Assert.Null(fault);
        Assert.Empty(zones);
        // A view without zones has no list.
        Assert.Equal(["_default"], reader.Views);
        (_, _, fault) = Read(Head + """ "views":{"_default":{"zones":{"name":"c.test"}}}}""");
        Assert.Equal("the zones of view _default are no list", fault);
    }

    [Fact]
    public void Views_without_end_are_a_fault()
    {
        var views = string.Join(',', Enumerable.Range(0, 1001).Select(i => $"\"v{i}\":{{\"zones\":[]}}"));
        var (_, _, fault) = Read(Head + $"\"views\":{{{views}}}}}");
        Assert.Equal("more than 1000 views", fault);
    }

    [Fact]
    public void Whatever_comes_nothing_is_thrown_and_no_zone_is_without_a_name()
    {
        var corpus = Directory.GetFiles(Path.Combine(Repository.Root, "tests/vectors/bind"), "*.json").Select(File.ReadAllBytes).ToList();
        FuzzRun.Mutate(corpus, 20_000, 9, (bytes, random) =>
        {
            var reader = new BindZonesReader(z => Assert.NotEqual("", z.Name));
            var pieces = new JsonPieces(reader.Take);
            for (var at = 0; at < bytes.Length;)
            {
                var length = random.Next(1, 500);
                if (!pieces.Feed(bytes.AsSpan(at, Math.Min(length, bytes.Length - at)), false)) return;
                at += length;
            }

            pieces.Feed([], true);
            _ = (reader.Now, reader.BootTime, reader.Version, reader.Fault);
        });
    }

    [Theory]
    [InlineData("2026-11-27T02:30:08Z", true)]
    [InlineData("2024-02-29T23:59:59.999Z", true)]
    [InlineData("1970-01-01T00:00:00Z", true)]
    [InlineData("2023-02-29T00:00:00Z", false)]
    [InlineData("2026-13-01T00:00:00Z", false)]
    [InlineData("2026-00-01T00:00:00Z", false)]
    [InlineData("2026-11-27T24:00:00Z", false)]
    [InlineData("1969-12-31T23:59:59Z", false)]
    [InlineData("2026-11-27T02:30:08", false)]
    [InlineData("2026-11-27T02:30:08,999Z", false)]
    [InlineData("2026-11-27T02:30:08.9x9Z", false)]
    [InlineData("2026-11-27 02:30:08Z", false)]
    [InlineData("", false)]
    public void A_time_is_in_one_of_two_forms(string text, bool good)
    {
        Assert.Equal(good, BindTime.TryParse(Encoding.ASCII.GetBytes(text), out var time));
        if (good) Assert.Equal(DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal), time);
    }

    static string Zones(string zones) => Head + "\"views\":{\"_default\":{\"zones\":[" + zones + "]}}}";

    static (BindZonesReader Reader, List<BindZone> Zones, string? Fault) Read(string text, int piece = 100_000)
    {
        List<BindZone> zones = [];
        var reader = new BindZonesReader(zones.Add);
        var pieces = new JsonPieces(reader.Take);
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var at = 0; at < bytes.Length; at += piece) pieces.Feed(bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)), false);
        pieces.Feed([], true);
        return (reader, zones, pieces.Fault ?? reader.Fault);
    }

    static string Recorded(string name) => File.ReadAllText(Path.Combine(Repository.Root, "tests/vectors/bind", name));

    static DateTime Time(string text) => DateTime.Parse("2026-11-27T" + text + "Z", CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal);
}
