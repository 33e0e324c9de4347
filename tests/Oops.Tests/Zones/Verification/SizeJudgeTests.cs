using Oops.Tests.Wire.Dns;
using Oops.Zones.Verification;
using Xunit;

namespace Oops.Tests.Zones.Verification;

public sealed class SizeJudgeTests : IDisposable
{
    const string Text = "$TTL 60\n@ SOA ns1 host 1 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.1\nwww TXT x\nsub NS ns1\n";

    readonly string folder = Directory.CreateTempSubdirectory("oops-last-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(10, 5, 100, 106, false)]
    [InlineData(10, 5, 100, 111, true)]
    [InlineData(10, 5, 100, 89, true)]
    [InlineData(10, 5, 10, 15, false)]
    [InlineData(10, 5, 10, 16, true)]
    [InlineData(0, 0, 10, 10, false)]
    [InlineData(0, 0, 10, 11, true)]
    [InlineData(10, 5, 0, 6, true)]
    [InlineData(10, 5, 0, 5, false)]
    [InlineData(10, 100, 18, 0, true)]
    [InlineData(10, 100, 5, 0, true)]
    [InlineData(10, 100, 5, 2, true)]
    [InlineData(10, 100, 18, 8, true)]
    [InlineData(10, 100, 18, 9, false)]
    [InlineData(10, 100, 18, 100, false)]
    [InlineData(10, 100, 4, 0, false)]
    [InlineData(60, 100, 18, 8, false)]
    [InlineData(60, 100, 18, 7, true)]
    public void A_change_is_too_much_when_it_is_more_than_both_or_takes_more_than_half(double percent, long least, long was, long now, bool tooMuch) => Assert.Equal(tooMuch, new SizeLimit(percent, least).IsExceeded(was, now));

    [Theory]
    [InlineData(5, 5, 1, "")]
    [InlineData(8, 5, 1, "size-records")]
    [InlineData(5, 8, 1, "size-rrsets")]
    [InlineData(5, 5, 4, "size-delegations")]
    public void Records_RRsets_and_delegations_are_compared_each(long records, long rrsets, long delegations, string fault)
    {
        using var zone = new SignedZone(Text);
        Assert.Equal(fault, zone.Faults(Options with { Brake = new SizeBrake(new ZoneNumbers(records, 4, rrsets, delegations, 0), 1, new SizeLimit(10, 1)) }));
    }

    [Fact]
    public void A_canary_has_to_be_there()
    {
        using var zone = new SignedZone(Text);
        Assert.Equal("", zone.Faults(Options with { Canaries = [SignedZone.Name("www.example"), SignedZone.Name("other.zone")] }));
        Assert.Equal("canary-missing", zone.Faults(Options with { Canaries = [SignedZone.Name("gone.example")] }));
    }

    [Fact]
    public void What_passed_last_is_kept_for_each_zone()
    {
        var last = new LastPassed(Path.Combine(folder, "made"));
        using var zone = new SignedZone(Text);
        var report = VerifyReport.Of(zone.Verdict(), default);
        Assert.Null(last.Read(zone.Apex, out var why));
        Assert.Null(why);
        Assert.Null(last.Write(zone.Apex, report));
        Assert.Equal(report.Numbers, last.Read(zone.Apex, out _)!.Numbers);
    }

    [Theory]
    [InlineData("{", "is no report")]
    [InlineData("[]", "is no report")]
    [InlineData("""{"v":1,"zone":"other","pass":true,"errors":0,"warnings":0,"numbers":{"records":1,"names":1,"rrsets":1,"delegations":1,"checked":1},"findings":[],"seconds":1}""", "is a report of another zone")]
    public void A_file_that_is_something_else_is_told(string text, string problem)
    {
        var last = new LastPassed(folder);
        File.WriteAllText(last.PathOf(DnsNameTests.Name("example")), text);
        Assert.Null(last.Read(DnsNameTests.Name("example"), out var why));
        Assert.Contains(problem, why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("example.nl", "example.nl.json")]
    [InlineData(".", "@.json")]
    [InlineData("..\\047etc", null)]
    [InlineData("a\\047b", "a%2Fb.json")]
    public void A_zones_name_is_a_files_name_whatever_is_in_it(string zone, string? file)
    {
        if (file is not null)
            Assert.Equal(Path.Combine(folder, file), new LastPassed(folder).PathOf(SignedZone.Name(zone)));
        else
            Assert.False(Oops.Wire.Dns.DnsName.TryParse(zone, out _));
    }

    [Fact]
    public void The_longest_names_have_files_of_their_own()
    {
        var last = new LastPassed(folder);
        var label = string.Concat(Enumerable.Repeat(@"\001", 60));
        using var zone = new SignedZone("$TTL 60\n@ SOA ns1 host 1 2 3 4 5\n@ NS ns1\n", $"{label}.{label}.{label}.a");
        using var other = new SignedZone("$TTL 60\n@ SOA ns1 host 1 2 3 4 5\n@ NS ns1\n", $"{label}.{label}.{label}.b");
        Assert.Null(last.Write(zone.Apex, VerifyReport.Of(zone.Verdict(), default)));
        Assert.NotNull(last.Read(zone.Apex, out var why));
        Assert.Null(why);
        Assert.Null(last.Read(other.Apex, out why));
        Assert.Null(why);
    }

    static VerifyOptions Options => new() { Now = SignedZone.Now };
}
