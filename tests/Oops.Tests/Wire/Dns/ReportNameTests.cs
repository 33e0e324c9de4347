using System.Text;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Wire.Dns;

/// <summary>The names of reports (RFC 9567, 6.1.1).</summary>
public sealed class ReportNameTests
{
    static readonly string Long = string.Join('.', Enumerable.Repeat(new string('x', 40), 4));

    [Theory]
    [InlineData("_er.1.broken.test.7._er.a01.agent-domain.example", "1", "broken.test", 7)]
    [InlineData("_ER.1.BROKEN.Test.7._eR.a01.agent-domain.example", "1", "broken.test", 7)]
    [InlineData("_er.1-28.www.broken.test.9._er.a01.agent-domain.example", "1-28", "www.broken.test", 9)]
    [InlineData("_er.65535.test.65535._er.a01.agent-domain.example", "65535", "test", 65535)]
    [InlineData("_er.1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16-17-18-19-20-21-22-23-24.x.0._er.a01.agent-domain.example", "1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16-17-18-19-20-21-22-23-24", "x", 0)]
    // What looks like a part of the frame may be a label of the name.
    [InlineData("_er.1._er.broken.test.7._er.a01.agent-domain.example", "1", "_er.broken.test", 7)]
    [InlineData("_er.16.foo._er.7._er.a01.agent-domain.example", "16", "foo._er", 7)]
    [InlineData("_er.1.5.6._er.a01.agent-domain.example", "1", "5", 6)]
    // The keys of the root.
    [InlineData("_er.48.6._er.a01.agent-domain.example", "48", ".", 6)]
    [InlineData(@"_er.1.a\.b\000\255.test.22._er.a01.agent-domain.example", "1", @"a\.b\000\255.test", 22)]
    public void A_report_is_read(string name, string types, string failed, int code)
    {
        Assert.Equal(ReportReading.Report, Read(name, out var report));
        Assert.Equal((types, failed, code), report);
    }

    [Theory]
    [InlineData("a01.agent-domain.example")]
    [InlineData("_er.a01.agent-domain.example")]
    [InlineData("7._er.a01.agent-domain.example")]
    [InlineData("test.7._er.a01.agent-domain.example")]
    [InlineData("broken.test.7._er.a01.agent-domain.example")]
    [InlineData("1.broken.test.7._er.a01.agent-domain.example")]
    [InlineData("_erx.1.broken.test.7._er.a01.agent-domain.example")]
    [InlineData("www.a01.agent-domain.example")]
    public void A_step_of_a_resolver_that_minimises_is_no_report_and_not_malformed(string name) => Assert.Equal(ReportReading.Prefix, Read(name, out _));

    [Theory]
    [InlineData("_er.1.broken.test.7.a01.agent-domain.example", ReportFlaw.NoTail)]
    [InlineData("_er.7.a01.agent-domain.example", ReportFlaw.NoTail)]
    [InlineData("_er._er.a01.agent-domain.example", ReportFlaw.Types)]
    [InlineData("_er.1._er.a01.agent-domain.example", ReportFlaw.Code)]
    [InlineData("_er.0.broken.test.7._er.a01.agent-domain.example", ReportFlaw.Types)]
    [InlineData("_er.01.broken.test.7._er.a01.agent-domain.example", ReportFlaw.Types)]
    [InlineData("_er.65536.broken.test.7._er.a01.agent-domain.example", ReportFlaw.Types)]
    [InlineData("_er.100000.broken.test.7._er.a01.agent-domain.example", ReportFlaw.Types)]
    [InlineData("_er.28-1.broken.test.7._er.a01.agent-domain.example", ReportFlaw.Types)]
    [InlineData("_er.1-1.broken.test.7._er.a01.agent-domain.example", ReportFlaw.Types)]
    [InlineData("_er.1-.broken.test.7._er.a01.agent-domain.example", ReportFlaw.Types)]
    [InlineData("_er.-1.broken.test.7._er.a01.agent-domain.example", ReportFlaw.Types)]
    [InlineData("_er.1--2.broken.test.7._er.a01.agent-domain.example", ReportFlaw.Types)]
    [InlineData("_er.+1.broken.test.7._er.a01.agent-domain.example", ReportFlaw.Types)]
    [InlineData("_er.A.broken.test.7._er.a01.agent-domain.example", ReportFlaw.Types)]
    [InlineData("_er.1.broken.test.65536._er.a01.agent-domain.example", ReportFlaw.Code)]
    [InlineData("_er.1.broken.test.07._er.a01.agent-domain.example", ReportFlaw.Code)]
    [InlineData("_er.1.broken.test.-7._er.a01.agent-domain.example", ReportFlaw.Code)]
    [InlineData(@"_er.1.broken.test.7\032._er.a01.agent-domain.example", ReportFlaw.Code)]
    [InlineData("_er.1.broken.test.7-8._er.a01.agent-domain.example", ReportFlaw.Code)]
    [InlineData("_er.1.broken.test._er.a01.agent-domain.example", ReportFlaw.Code)]
    public void What_begins_as_a_report_and_is_none_says_why(string name, ReportFlaw flaw)
    {
        Assert.True(DnsName.TryParse(name, out var parsed));
        Assert.Equal(ReportReading.Malformed, ReportName.Read(parsed, Agent, out var report));
        Assert.Equal(flaw, report.Flaw);
    }

    [Theory]
    [InlineData(new[] { 1 }, "broken.test", 7, "_er.1.broken.test.7._er.a01.agent-domain.example")]
    [InlineData(new[] { 28, 1, 28 }, "broken.test", 7, "_er.1-28.broken.test.7._er.a01.agent-domain.example")]
    [InlineData(new[] { 0 }, "broken.test", 7, null)]
    [InlineData(new int[0], "broken.test", 7, null)]
    [InlineData(new[] { 48 }, ".", 6, "_er.48.6._er.a01.agent-domain.example")]
    public void A_report_is_made(int[] types, string failed, int code, string? expected)
    {
        Assert.True(DnsName.TryParse(failed, out var name));
        Assert.Equal(expected is not null, ReportName.TryMake(types.Select(t => (DnsType)t), name, (ushort)code, Agent, out var made));
        Assert.Equal(expected ?? "", made.ToString());
    }

    [Fact]
    public void What_would_be_too_long_is_not_made()
    {
        var most = $"{Long}.{new string('y', 52)}";
        Assert.True(DnsName.TryParse(most + "y", out var name));
        Assert.False(ReportName.TryMake([DnsType.A], name, 7, Agent, out _));
        Assert.True(DnsName.TryParse(most, out name));
        Assert.True(ReportName.TryMake([DnsType.A], name, 7, Agent, out var made));
        Assert.Equal(ReportReading.Report, ReportName.Read(made, Agent, out var report));
        Assert.Equal(DnsName.MaxLength, made.Wire.Length);
        Assert.Equal(most, report.Name().ToString());
    }

    [Fact]
    public void A_label_of_types_is_told_one_by_one()
    {
        List<int> told = [];
        ReadOnlySpan<byte> label = "1-28-65535"u8;
        while (ReportName.TryNextType(ref label, out var type)) told.Add((int)type);
        Assert.Equal([1, 28, 65535], told);
    }

    /// <summary>Whatever stands below the agent domain is one of the three, and a report is the same when it is made of its parts again.</summary>
    [Fact]
    public void Any_name_is_read_and_a_report_has_one_name()
    {
        var random = new Random(4711);
        string[] parts = ["_er", "1", "28", "1-28", "7", "test", "broken", "65535", "65536", "0", "x-y", "\\000", "-", "_ER"];
        var reports = 0;
        for (var i = 0; i < 20_000; i++)
        {
            string[] labels = [.. Enumerable.Range(0, random.Next(7)).Select(_ => parts[random.Next(parts.Length)])];
            // Half of them in the frame of a report.
            var text = string.Join('.', random.Next(2) == 0 ? ["_er", .. labels, "_er", "a01.agent-domain.example"] : labels.Append("a01.agent-domain.example"));
            Assert.True(DnsName.TryParse(text, out var name));
            if (ReportName.Read(name, Agent, out var report) != ReportReading.Report) continue;
            reports++;
            List<DnsType> types = [];
            for (var rest = report.Types; ReportName.TryNextType(ref rest, out var type);) types.Add(type);
            Assert.True(ReportName.TryMake(types, report.Name(), report.Code, Agent, out var again));
            Assert.Equal(name, again);
        }
        Assert.True(reports > 200, $"{reports} reports");
    }

    static DnsName Agent => DnsName.TryParse("a01.agent-domain.example", out var agent) ? agent : default;

    static ReportReading Read(string text, out (string Types, string Name, int Code) report)
    {
        Assert.True(DnsName.TryParse(text, out var name));
        var reading = ReportName.Read(name, Agent, out var found);
        report = reading == ReportReading.Report ? (Encoding.ASCII.GetString(found.Types), found.Name().ToString(), found.Code) : default;
        return reading;
    }
}
