using Oops.Commands;
using Xunit;

namespace Oops.Tests.Commands;

public sealed class VerifyCommandTests : IDisposable
{
    const string Zone = "$TTL 60\n@ SOA ns1 host 1 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.1\nns1 300 A 192.0.2.2\n";

    readonly string folder = Directory.CreateTempSubdirectory("oops-verify-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(0)]
    [InlineData(0, "--json")]
    [InlineData(0, "--at", "2026-12-24T18:00:00Z", "--threads", "1", "--all")]
    [InlineData(0, "--at", "1800000000")]
    [InlineData(0, "--policy", "ttl-mismatch=ignore")]
    [InlineData(1, "--policy", "ttl-mismatch=error")]
    [InlineData(1, "--require", "dnssec")]
    [InlineData(1, "--require", "zonemd")]
    public async Task It_passes_or_not_by_what_is_asked(int exit, params string[] options) => Assert.Equal(exit, await RunAsync(Zone, ["--zone", "example", .. options]));

    [Theory]
    [InlineData("--policy", "no-such=error")]
    [InlineData("--policy", "ttl-mismatch")]
    [InlineData("--policy", "ttl-mismatch=fatal")]
    [InlineData("--policy", "ttl-mismatch=2")]
    [InlineData("--require", "peace")]
    [InlineData("--at", "9999-12-31T00:00:00Z")]
    [InlineData("--at", "0001-01-01T00:00:00Z")]
    [InlineData("--at", "soon")]
    [InlineData("--threads", "0")]
    [InlineData("--brake", "much")]
    [InlineData("--brake", "1,2,3")]
    [InlineData("--canary", "a..b")]
    [InlineData("--otherwise", "perhaps")]
    [InlineData("--from", "ns1.example")]
    [InlineData("--from", "192.0.2.1:53")]
    [InlineData("--tls-pin", "abc")]
    [InlineData("--most-records", "9")]
    [InlineData("--most-bytes", "1M")]
    [InlineData("--transfer-timeout", "soon")]
    public void What_it_does_not_understand_is_an_error_of_the_line(params string[] options) => Assert.NotEmpty(Root.New().Parse(["verify", "zone", "--zone", "example", .. options]).Errors);

    [Theory]
    [InlineData(false, "--tls-ca", "authorities.pem")]
    [InlineData(false, "--tls-ca", "authorities.pem", "--tls-pin", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData(true, "--tls-hostname", "ns1.example", "--tls-ca", "authorities.pem", "--tls-pin", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    public void Authorities_vouch_for_a_name(bool taken, params string[] options)
    {
        var from = new VerifyFrom();
        var command = new System.CommandLine.Command("verify");
        foreach (var option in from.Options)
            command.Add(option);
        Assert.Equal(taken, from.Open(command.Parse(["--from", "127.0.0.1", .. options]), null) is not null);
    }

    [Theory]
    [InlineData("@ SOA ns1 host 1 2 3\n")]
    [InlineData("$INCLUDE nowhere\n")]
    [InlineData("$INCLUDE zone\n")]
    [InlineData("@ 60 TXT \"open\n")]
    public async Task A_text_that_cannot_be_read_was_not_judged(string text) => Assert.Equal(2, await RunAsync(text, ["--zone", "example"]));

    [Fact]
    public async Task The_size_is_compared_with_the_last_version_that_passed()
    {
        string[] options = ["--zone", "example", "--last", Path.Combine(folder, "last"), "--brake", "10%,1"];
        Assert.Equal(0, await RunAsync(Zone, options));
        Assert.Equal(1, await RunAsync(Zone + "a 60 A 192.0.2.1\nb 60 A 192.0.2.1\n", options));
        Assert.Equal(0, await RunAsync(Zone + "a 60 A 192.0.2.1\n", options));
        Assert.Equal(0, await RunAsync(Zone + "a 60 A 192.0.2.1\nb 60 A 192.0.2.1\n", options));
        await File.WriteAllTextAsync(Path.Combine(folder, "last", "example.json"), "?", TestContext.Current.CancellationToken);
        Assert.Equal(2, await RunAsync(Zone, options));
        Assert.Equal(2, await RunAsync(Zone, ["--zone", "example", "--brake", "10"]));
        Assert.Equal(1, await RunAsync(Zone, ["--zone", "example", "--canary", "www.example"]));
        Assert.Equal(2, await RunAsync(Zone, ["--zone", "example", "--canary", "www.test"]));
    }

    [Theory]
    [InlineData(0, "pass")]
    [InlineData(1, "fail")]
    [InlineData(2, "alone")]
    public async Task Without_a_daemon_the_verdict_is_the_one_that_was_asked_for(int exit, string otherwise) =>
        Assert.Equal(exit, await Root.New().Parse(["verify", "example", "--daemon", "--socket", Path.Combine(folder, "nobody.sock"), "--otherwise", otherwise]).InvokeAsync(cancellationToken: TestContext.Current.CancellationToken));

    [Fact]
    public async Task An_included_file_is_read_beside_the_one_that_names_it_and_a_pipe_is_none()
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "hosts"), "x 60 A 192.0.2.9\n", TestContext.Current.CancellationToken);
        Assert.Equal(0, await RunAsync(Zone + "$INCLUDE hosts sub\n", ["--zone", "example"]));
        Assert.Equal(2, await RunAsync(Zone + "$INCLUDE /dev/null\n", ["--zone", "example"]));
    }

    [Fact]
    public async Task Without_a_name_or_a_file_it_says_what_is_missing()
    {
        Assert.Equal(2, await RunAsync(Zone, []));
        Assert.Equal(2, await Root.New().Parse(["verify", Path.Combine(folder, "nowhere"), "--zone", "example"]).InvokeAsync(cancellationToken: TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("example", "--zone", "example", "--from", "127.0.0.1@1")]
    [InlineData("not..a.name", "--from", "127.0.0.1@1")]
    [InlineData("example", "--from", "127.0.0.1@1", "--key", "k")]
    [InlineData("example", "--from", "127.0.0.1@1", "--keys", "/nowhere", "--key", "k")]
    [InlineData("example", "--from", "127.0.0.1@1", "--tls-ca", "/nowhere")]
    [InlineData("example", "--from", "127.0.0.1@1")]
    [InlineData]
    public async Task A_zone_that_cannot_be_had_was_not_judged(params string[] words) =>
        Assert.Equal(2, await Root.New().Parse(["verify", .. words]).InvokeAsync(cancellationToken: TestContext.Current.CancellationToken));

    async Task<int> RunAsync(string text, string[] options)
    {
        var path = Path.Combine(folder, "zone");
        await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
        return await Root.New().Parse(["verify", path, .. options]).InvokeAsync(cancellationToken: TestContext.Current.CancellationToken);
    }
}
