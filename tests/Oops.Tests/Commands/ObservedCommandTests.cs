using Oops.Commands;
using Oops.Tests.Control;
using Oops.Tests.Observed;
using Xunit;

namespace Oops.Tests.Commands;

public sealed class ObservedCommandTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("oops-observed-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    string Config(string routes)
    {
        var path = Path.Combine(folder, "oops.yaml");
        File.WriteAllText(path, $$"""
            mode: observe
            servers:
              ns1: { kind: knot, address: 127.0.0.1@53, pidfile: /run/knot/knot.pid, zones: { list: [nl] } }
            sources:
              process: [ { server: ns1 } ]
              probe: [ { server: ns1, to: [192.0.2.53] } ]
            actions:
              bird: [ { name: edge, socket: /run/bird/bird.ctl, include: /run/oops/bird-*.conf } ]
            {{routes}}
            state-directory: {{folder}}
            runtime-directory: {{folder}}

            """);
        return path;
    }

    const string Routes = "routes: { anycast4: { prefixes: [192.0.2.0/24], via: edge, announce-when: [server-running, all-zones-ready] } }";

    static Task<int> RunAsync(params string[] words) => Root.New().Parse(["observed", .. words]).InvokeAsync(cancellationToken: TestContext.Current.CancellationToken);

    [Fact]
    public async Task Without_a_journal_it_fails_and_with_a_config_that_is_wrong_it_was_not_understood()
    {
        Assert.Equal(Verb.Failed, await RunAsync("--config", Config(Routes)));
        Assert.Equal(Verb.Usage, await RunAsync("--config", Config("routes: { anycast4: {} }")));
        Assert.NotEmpty(Root.New().Parse(["observed", "--since", "foo"]).Errors);
        Assert.NotEmpty(Root.New().Parse(["observed", "--limit", "0"]).Errors);
        await File.WriteAllTextAsync(Path.Combine(folder, "journal.db"), new string('x', 5000), TestContext.Current.CancellationToken);
        Assert.Equal(Verb.Failed, await RunAsync("--config", Config(Routes)));
    }

    [Fact]
    public async Task Without_a_config_it_is_the_one_of_the_daemon_that_runs()
    {
        await using var oops = await Living.StartAsync(config: Config(Routes));
        Assert.Equal(Verb.Failed, await RunAsync("nosuch", "--socket", oops.Socket, "--journal", Path.Combine(oops.Folder, "journal.db")));
        Assert.Equal(Verb.Done, await RunAsync("anycast4", "--socket", oops.Socket, "--journal", Path.Combine(oops.Folder, "journal.db")));
        Assert.Equal(0, (await oops.SayAsync("flush", new())).Exit);
    }

    [Fact]
    public async Task It_reads_a_journal_in_both_forms_and_knows_the_routes_of_both()
    {
        using var weeks = new Weeks();
        weeks.Live("""
            mode observe
            server ns1 zones nl
            source process ns1
            source knot ns1
            route other 198.51.100.0/24 rise 10s fall 1s
            announce-when other server-running
            at 0s   router edge has other withdrawn
            at 0s   healthy ns1 pid 100
            at 100s process ns1 gone "signal 9"
            at 200s expect other withdrawn
            """);
        var config = Config(Routes);
        Assert.Equal(Verb.Done, await RunAsync("--config", config, "--journal", weeks.Path, "--since", "3650d"));
        Assert.Equal(Verb.Done, await RunAsync("--config", config, "--journal", weeks.Path, "--since", "3650d", "--json", "other"));
        Assert.Equal(Verb.Done, await RunAsync("--config", config, "--journal", weeks.Path, "anycast4"));
        Assert.Equal(Verb.Failed, await RunAsync("--config", config, "--journal", weeks.Path, "nosuch"));
    }
}
