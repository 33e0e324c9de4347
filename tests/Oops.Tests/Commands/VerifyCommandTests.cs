using System.Net.Sockets;
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
        var from = new TransferFrom();
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

    [Fact]
    public async Task A_daemon_that_hangs_is_waited_for_as_long_as_was_said()
    {
        var path = Path.Combine(folder, "hung.sock");
        using var hung = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        hung.Bind(new UnixDomainSocketEndPoint(path));
        hung.Listen();
        var began = TimeProvider.System.GetTimestamp();
        Assert.Equal(1, await Root.New().Parse(["verify", "example", "--daemon", "--socket", path, "--within", "200ms", "--otherwise", "fail"]).InvokeAsync(cancellationToken: TestContext.Current.CancellationToken));
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(4));
    }

    [Fact]
    public void Two_words_are_told_with_what_may_have_been_meant()
    {
        using var said = new StringWriter();
        Assert.True(Mistyped.Told(Root.New().Parse(["verify", "example", "zone"]), said));
        Assert.Contains("'zone'", said.ToString(), StringComparison.Ordinal);
        Assert.Contains("oops: a file is judged by `oops verify --zone NAME FILE`", said.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-", "--daemon")]
    [InlineData("zone", "--daemon", "--zone", "example")]
    [InlineData("example", "--daemon", "--last", "/nowhere")]
    [InlineData("example", "--daemon", "--from", "127.0.0.1@1", "--keys", "/nowhere", "--key", "k")]
    [InlineData("example", "--daemon", "--from", "127.0.0.1@1", "--brake", "10")]
    [InlineData("example", "--daemon", "--otherwise", "pass", "--canary", "www.test")]
    public async Task What_the_daemon_would_not_be_asked_is_refused_before(params string[] words) =>
        Assert.Equal(2, await Root.New().Parse(["verify", "--socket", Path.Combine(folder, "nobody.sock"), .. words]).InvokeAsync(cancellationToken: TestContext.Current.CancellationToken));

    [Theory]
    [InlineData(0, "pass")]
    [InlineData(1, "fail")]
    [InlineData(2, "alone")]
    public async Task Without_a_daemon_the_verdict_is_the_one_that_was_asked_for(int exit, string otherwise) =>
        Assert.Equal(exit, await Root.New().Parse(["verify", "example", "--daemon", "--socket", Path.Combine(folder, "nobody.sock"), "--otherwise", otherwise]).InvokeAsync(cancellationToken: TestContext.Current.CancellationToken));

    [Theory]
    [InlineData("--require peace: dnssec or zonemd", "--require", "peace")]
    [InlineData("--otherwise perhaps: alone, pass or fail", "--daemon", "--otherwise", "perhaps")]
    [InlineData("--policy ttl-mismtch=error: no fault 'ttl-mismtch' (did you mean 'ttl-mismatch'?); `oops schema zone-faults` lists them", "--policy", "ttl-mismtch=error")]
    [InlineData("--policy ttl-mismatch: FAULT=SEVERITY, such as ttl-mismatch=warning", "--policy", "ttl-mismatch")]
    [InlineData("--within 0s: from 1ms to 1h", "--daemon", "--within", "0s")]
    [InlineData("--within 2h: from 1ms to 1h", "--daemon", "--within", "2h")]
    [InlineData("--tls-hostname means nothing without --from ADDRESS", "--tls-hostname", "foo")]
    [InlineData("--keys means nothing without --from ADDRESS", "--daemon", "--keys", "nofile", "--key", "k")]
    [InlineData("--within means nothing without --daemon", "--within", "3s")]
    [InlineData("--otherwise means nothing without --daemon", "--otherwise", "fail")]
    [InlineData("--server means nothing without --daemon or --accept", "--server", "ns1")]
    [InlineData("--socket means nothing without --daemon or --accept", "--socket", "/nowhere")]
    [InlineData("--serial means nothing without --accept", "--serial", "7")]
    [InlineData("--serial -1: a number from 0 to 4294967295", "--accept", "--serial", "-1")]
    [InlineData("--daemon means nothing with --accept", "--accept", "--daemon")]
    [InlineData("--require means nothing with --accept", "--accept", "--require", "dnssec")]
    [InlineData("--json means nothing with --accept", "--accept", "--json")]
    [InlineData("--from means nothing with --accept", "--accept", "--from", "192.0.2.1")]
    [InlineData("--at means nothing with --daemon, which judges for now", "--daemon", "--at", "1800000000")]
    [InlineData("--last means nothing with --daemon --otherwise fail: nothing is judged without the daemon", "--daemon", "--otherwise", "fail", "--last", "x")]
    [InlineData("--key means nothing with --daemon --otherwise pass: nothing is judged without the daemon", "--daemon", "--otherwise", "pass", "--from", "127.0.0.1", "--key", "k")]
    public void What_would_not_be_applied_is_refused(string error, params string[] words) => Assert.Equal(error, Assert.Single(Root.New().Parse(["verify", "zone", .. words]).Errors).Message);

    [Theory]
    [InlineData("")]
    [InlineData("; only words\n")]
    [InlineData("other. 60 SOA ns1.other. host 1 2 3 4 5\nother. 60 NS ns1.other.\n")]
    [InlineData("a.other. 60 A 192.0.2.1\n")]
    [InlineData("sub 60 SOA ns1 host 1 2 3 4 5\nsub 60 NS ns1\nns1 60 A 192.0.2.1\n")]
    public async Task What_is_nothing_of_the_zone_was_not_judged(string text) => Assert.Equal(2, await RunAsync(text, ["--zone", "example"]));

    [Fact]
    public async Task A_zone_without_SOA_is_a_bad_zone() => Assert.Equal(1, await RunAsync("@ 60 NS ns1\nns1 60 A 192.0.2.1\n", ["--zone", "example"]));

    [Fact]
    public async Task What_cannot_be_kept_for_the_next_version_was_not_judged()
    {
        var (last, file) = (Path.Combine(folder, "last"), Path.Combine(folder, "file"));
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);
        Assert.Equal(2, await RunAsync(Zone, ["--zone", "example", "--last", Path.Combine(file, "last")]));
        // With an earlier version there is something to compare the next with.
        Assert.Equal(0, await RunAsync(Zone, ["--zone", "example", "--last", last]));
        Directory.CreateDirectory(Path.Combine(last, ".example.json.tmp"));
        Assert.Equal(0, await RunAsync(Zone, ["--zone", "example", "--last", last]));
    }

    [Fact]
    public async Task What_lost_all_its_delegations_is_braked_however_small_it_was()
    {
        var delegations = string.Concat(Enumerable.Range(0, 5).Select(i => $"d{i} 60 NS ns.other.\n"));
        string[] options = ["--zone", "example", "--last", Path.Combine(folder, "last"), "--brake", "10,100"];
        Assert.Equal(0, await RunAsync(Zone + delegations, options));
        Assert.Equal(1, await RunAsync(Zone + string.Concat(Enumerable.Range(0, 5).Select(i => $"d{i} 60 A 192.0.2.1\n")), options));
    }

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
    [InlineData("-", "--from", "127.0.0.1@1")]
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
