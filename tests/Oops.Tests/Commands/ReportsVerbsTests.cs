using Oops.Commands;
using Xunit;

namespace Oops.Tests.Commands;

public sealed class ReportsVerbsTests
{
    [Fact]
    public void Reports_has_its_verbs_and_is_understood_in_the_singular()
    {
        var reports = Root.New().Subcommands.Single(c => c.Name == "reports");
        Assert.Equal(["setup", "send", "check"], reports.Subcommands.Select(c => c.Name).Where(n => n is "setup" or "send" or "check"));
        Assert.Contains("report", reports.Aliases);
    }

    [Theory]
    [InlineData("reports", "setup", "example.net", "--check", "--parent", "192.0.2.1@5353", "--agent", "a01.example", "--json")]
    [InlineData("report", "send", "--agent", "a01.example", "www.example.net", "A-AAAA", "signature-expired")]
    [InlineData("report", "send", "--agent", "a01.example", "--to", "::1", "--tls", ".", "48", "9")]
    [InlineData("reports", "check", "a01.example", "--to", "192.0.2.1", "--zone", "example.net", "--timeout", "500ms")]
    [InlineData("reports", "--by", "zone")]
    public void What_is_right_is_taken(params string[] words) => Assert.Empty(Root.New().Parse(words).Errors);

    [Theory]
    [InlineData("--udp, --tcp, --tls: one of them", "send", "--agent", "a01.example", "--udp", "--tcp", "a.test", "A", "7")]
    [InlineData("'NOSUCH': no RR type; write A, TYPE65280 or a number from 1 to 65535", "send", "--agent", "a01.example", "a.test", "A-NOSUCH", "7")]
    [InlineData("'a..test': no domain name", "send", "--agent", "a01.example", "a..test", "A", "7")]
    [InlineData("--timeout: more than 0 and at most 1m", "check", "a01.example", "--timeout", "2m")]
    public void What_is_wrong_is_said_with_the_help_to_see(string error, params string[] words)
    {
        var parsed = Root.New().Parse(["reports", .. words]);
        Assert.Equal(error, Assert.Single(parsed.Errors).Message);
        Assert.Equal($"see oops reports {words[0]} --help", Mistyped.SeeHelp(parsed));
    }

    [Theory]
    [InlineData("send", "--agent", "a01.example", "a.test", "A")]
    [InlineData("send", "a.test", "A", "7")]
    [InlineData("check")]
    [InlineData("setup")]
    public void What_is_missing_is_said(params string[] words) => Assert.NotEmpty(Root.New().Parse(["reports", .. words]).Errors);

    [Theory]
    [InlineData("send", "--agent", ".", "a.test", "A", "7")]
    [InlineData("check", ".")]
    [InlineData("setup", "example.net", "--config", "/nowhere/oops.yaml")]
    public async Task What_cannot_be_is_2(params string[] words) =>
        Assert.Equal(Verb.Usage, await Root.New().Parse(["reports", .. words]).InvokeAsync(cancellationToken: TestContext.Current.CancellationToken));
}
