using Oops.Actions.Git;
using Oops.Tests.Wire.Dns;
using Xunit;

namespace Oops.Tests.Actions.Git;

public sealed class GitFileTests
{
    [Theory]
    [InlineData("Example.NET", "example.net", "example.net.")]
    [InlineData(".", "root", ".")]
    [InlineData("root", @"\114oot", "root.")]
    [InlineData("0/25.2.0.192.in-addr.arpa", @"0\04725.2.0.192.in-addr.arpa", "0/25.2.0.192.in-addr.arpa.")]
    [InlineData("-rf.example", @"\045rf.example", "-rf.example.")]
    [InlineData("*.example", @"\042.example", "*.example.")]
    [InlineData(@"\.\./etc.example", @"\046\046\047etc.example", @"\.\./etc.example.")]
    [InlineData(@"a\010b\032c", @"a\010b\032c", @"a\010b\032c.")]
    public void A_zones_file_is_called_as_the_zone_and_leads_nowhere(string zone, string name, string owner) =>
        Assert.Equal(new GitFile(name, owner), GitFile.Of(DnsNameTests.Name(zone)));

    [Fact]
    public void The_message_is_the_one_of_nsnotify2git()
    {
        Assert.Equal("example IN SOA 4294967295", GitFile.Of(DnsNameTests.Name("example"))!.Message(uint.MaxValue));
        Assert.Equal("root IN SOA 0", GitFile.Of(DnsNameTests.Name("."))!.Message(0));
    }

    [Fact]
    public void A_name_that_no_file_can_have_is_no_file() =>
        Assert.Null(GitFile.Of(DnsNameTests.Name(string.Join('.', Enumerable.Repeat(new string('-', 50), 4)) + "." + string.Concat(Enumerable.Repeat(@"\001", 40)))));

    [Theory]
    [InlineData("Ada Lovelace <ada@example.net>", true)]
    [InlineData("oops <oops@localhost>", true)]
    [InlineData("<oops@localhost>", false)]
    [InlineData("oops", false)]
    [InlineData("oops <a b>", false)]
    [InlineData("oops <a>\n<b>", false)]
    public void Who_commits_has_a_name_and_an_address(string text, bool good) => Assert.Equal(good, GitAuthor.Of(text) is not null);
}
