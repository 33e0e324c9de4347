using Oops.Sources.Knot.Gate;
using Oops.Tests.Wire.Dns;
using Xunit;

namespace Oops.Tests.Sources.Knot.Gate;

/// <summary>The same file as knotd's: those of %s were read off knotd 3.5.8, the others are in its src/knot/conf/conf.c.</summary>
public sealed class DumpPathTests
{
    [Theory]
    [InlineData("/n/%s.zone", "a.test", "/n/a.test.zone")]
    [InlineData("/n/%s.zone", ".", "/n/.zone")]
    [InlineData("/n/%s", "b/c.test", "/n/b_c.test")]
    [InlineData("/n/%s", "\\.\\.", "/n/\\.\\.")]
    [InlineData("/n/%s", "a\\000b.test", "/n/a\\000b.test")]
    [InlineData("/n/%s", "a\\035b!.test", "/n/a\\035b\\!.test")]
    [InlineData("/n/%%/%c[0]/%c[0-2]/x", "abc.test", "/n/%/a/abc/x")]
    [InlineData("/n/%c[3-9]%c[200]", "abc.de", "/n/.de.")]
    [InlineData("/n/%l[0]/%l[1]/%l[2]", "abc.test", "/n/test/abc/")]
    [InlineData("/n/%l[0]", ".", "/n/")]
    [InlineData("/n/all", "a.test", "/n/all")]
    public void It_is_where_knotd_writes(string pattern, string zone, string path) => Assert.Equal(path, DumpPath.Parse(pattern, out _)!.Of(DnsNameTests.Name(zone)));

    [Fact]
    public void No_zone_leads_out_of_the_folder()
    {
        var pattern = DumpPath.Parse("/n/%s", out _)!;
        Assert.All((string[])["../x", "/etc/passwd", "a/../../b", "..\\.", "\\.\\./\\.\\."], zone => Assert.True(
            !Oops.Wire.Dns.DnsName.TryParse(zone, out var name) || Path.GetDirectoryName(Path.GetFullPath(pattern.Of(name)!)) == "/n"));
    }

    [Fact]
    public void What_knotd_finds_too_long_is_nowhere()
    {
        var long240 = string.Join('.', Enumerable.Repeat("\\001\\001\\001\\001\\001\\001\\001\\001\\001\\001\\001\\001\\001\\001\\001", 15));
        Assert.Null(DumpPath.Parse("/n/%s", out _)!.Of(DnsNameTests.Name(long240)));
        Assert.Null(DumpPath.Parse("/" + new string('a', 1023), out _)!.Of(DnsNameTests.Name("a")));
    }

    [Theory]
    [InlineData("%s.zone")]
    [InlineData("")]
    [InlineData("/n/%")]
    [InlineData("/n/%x")]
    [InlineData("/n/%c")]
    [InlineData("/n/%c[")]
    [InlineData("/n/%c[]")]
    [InlineData("/n/%c[2-1]")]
    [InlineData("/n/%c[256]")]
    [InlineData("/n/%l[0-1]")]
    [InlineData("/n/%l[-1]")]
    [InlineData("/n/\0")]
    public void A_pattern_that_is_not_knotds_is_refused_with_a_reason(string pattern)
    {
        Assert.Null(DumpPath.Parse(pattern, out var why));
        Assert.NotEmpty(why);
    }
}
