using Oops.Lab.Harness;
using Oops.Sources.SdNotify;
using Xunit;

namespace Oops.Lab.Systemd;

/// <summary>Real servers whose NOTIFY_SOCKET is ours: what they say, and that none of it is a word about zones.</summary>
public sealed class SdNotifyLabTests : IAsyncDisposable
{
    readonly string directory = Harness.Lab.FreshDirectory("notify");
    LabProcess? server;

    string Listen => Path.Combine(directory, "notify");

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
    }

    [Fact]
    public async Task Bind_says_ready_while_a_secondary_zone_has_no_data_and_that_is_no_word_of_the_zone()
    {
        LabRequires.Programs("named", "kdig");
        var source = New(out var sources);
        await using var running = sources;
        await running.HearAsync("ns1 opened");
        await File.WriteAllTextAsync(Path.Combine(directory, "named.conf"), $$"""
            options { directory "{{directory}}"; listen-on port 5301 { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; pid-file "{{directory}}/named.pid"; session-keyfile "{{directory}}/session.key"; };
            controls { };
            zone "one.test" { type secondary; primaries { 192.0.2.1; }; file "one.test"; };

            """);
        Start("named", "-g", "-c", Path.Combine(directory, "named.conf"));
        running.Engine.Pid = server!.Pid;
        Assert.Equal(["ns1 Stopping 0"], await running.HearAsync("ns1 Stopping 0"));
        string answer = (await OopsDaemon.RunProgramAsync(Harness.Lab.Find("kdig")!, "@127.0.0.1", "-p", "5301", "one.test", "SOA")).Text;
        Assert.Contains("SERVFAIL", answer, StringComparison.Ordinal);
        server.Signal(LabProcess.Term);
        Assert.Equal(["ns1 Stopping 1"], await running.HearAsync("ns1 Stopping 1"));
        Assert.Equal(0, Counted(source, "not_forwarded"));
    }

    [Fact]
    public async Task Nsd_says_reloading_and_ready_for_each_transfer_and_that_moves_nothing()
    {
        LabRequires.Programs("nsd", "knotd");
        await using var primary = new PrimaryKnotd(["one.test"]);
        await primary.StartAsync();
        var source = New(out var sources);
        await using var running = sources;
        await running.HearAsync("ns1 opened");
        await File.WriteAllTextAsync(Path.Combine(directory, "nsd.conf"), $$"""
            server:
              ip-address: {{Harness.Lab.Node4}}@53
              username: ""
              chroot: ""
              zonesdir: "{{directory}}"
              database: ""
              pidfile: "{{directory}}/nsd.pid"
              xfrdfile: "{{directory}}/xfrd.state"
              zonelistfile: "{{directory}}/zone.list"
              xfrdir: "{{directory}}"
            remote-control:
              control-enable: no
            key:
              name: {{PrimaryKnotd.KeyName("one.test")}}
              algorithm: hmac-sha256
              secret: "{{PrimaryKnotd.Secret}}"
            zone:
              name: one.test
              zonefile: one.test.zone
              request-xfr: {{Harness.Lab.Upstream4}} {{PrimaryKnotd.KeyName("one.test")}}
              allow-notify: {{Harness.Lab.Upstream4}} NOKEY

            """);
        Start("nsd", "-d", "-c", Path.Combine(directory, "nsd.conf"));
        running.Engine.Pid = server!.Pid;
        await running.HearAsync("ns1 Stopping 0");
        await Wait.UntilAsync("NSD has the zone", () => server.Tail().Contains("is updated to 100", StringComparison.Ordinal), TimeSpan.FromSeconds(30), state: () => server.Tail());
        for (var i = 0; i < 2; i++)
            await TransferAsync(source, primary);
        Assert.Empty(running.Engine.Take());
        server.Signal(LabProcess.Term);
        Assert.Equal(["ns1 Stopping 1"], await running.HearAsync("ns1 Stopping 1"));
    }

    [Theory]
    [InlineData("knotd")]
    [InlineData("unbound")]
    public async Task Knot_and_unbound_say_that_they_stop(string program)
    {
        LabRequires.Programs(program);
        New(out var sources);
        await using var running = sources;
        await running.HearAsync("ns1 opened");
        string config = Path.Combine(directory, "server.conf");
        await File.WriteAllTextAsync(config, program == "knotd"
            ? $"server:\n    rundir: \"{directory}\"\n    listen: 127.0.0.1@5301\ndatabase:\n    storage: \"{directory}\"\n"
            : $"server:\n  interface: 127.0.0.1@5301\n  chroot: \"\"\n  username: \"\"\n  directory: \"{directory}\"\n  pidfile: \"\"\n  do-daemonize: no\n");
        Start(program == "knotd" ? ["knotd", "-c", config] : ["unbound", "-d", "-c", config]);
        running.Engine.Pid = server!.Pid;
        await running.HearAsync("ns1 Stopping 0");
        server.Signal(LabProcess.Term);
        await running.HearAsync("ns1 Stopping 1");
    }

    [Fact]
    public async Task A_server_starts_and_stops_also_where_nobody_listens_any_more()
    {
        LabRequires.Programs("knotd");
        New(out var sources);
        await sources.HearAsync("ns1 opened");
        await sources.DisposeAsync();
        string config = Path.Combine(directory, "server.conf");
        await File.WriteAllTextAsync(config, $"server:\n    rundir: \"{directory}\"\n    listen: 127.0.0.1@5301\ndatabase:\n    storage: \"{directory}\"\n");
        Start("knotd", "-c", config);
        await Wait.UntilAsync("knotd answers", () => File.Exists(Path.Combine(directory, "knot.sock")), TimeSpan.FromSeconds(20), state: () => server!.Tail());
        await server!.EndAsync(patience: TimeSpan.FromSeconds(20));
        Assert.Equal(0, server.ExitCode);
    }

    SdNotifySource New(out RunningSources sources)
    {
        var source = new SdNotifySource(new SdNotifyTarget("ns1", Listen, null));
        sources = new RunningSources(source);
        return source;
    }

    void Start(params string[] argv) =>
        server = LabProcess.Start(Path.Combine(directory, "server.log"), Side.Node, new Dictionary<string, string> { ["NOTIFY_SOCKET"] = Listen }, argv);

    static long Counted(SdNotifySource source, string name) => source.Counted.Single(c => c.Name == name).Value;

    // At least one RELOADING and one READY more; a NOTIFY may be lost while the server reloads.
    async Task TransferAsync(SdNotifySource source, PrimaryKnotd primary)
    {
        var before = Counted(source, "received");
        await primary.UpdateAsync("one.test");
        await Wait.UntilAsync("NSD has told of a transfer", async () =>
        {
            if (Counted(source, "received") >= before + 2) return true;
            await primary.NotifyAsync("one.test");
            return false;
        }, TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(300), () => server!.Tail());
    }
}
