using System.Net;
using System.Net.Sockets;
using Oops.Config;
using Oops.Core;
using Oops.Sources.ErrorReports;
using Oops.Wire.Dns;
using Xunit;
using static Oops.Tests.Sources.ErrorReports.ResponderRig;

namespace Oops.Tests.Sources.ErrorReports;

/// <summary>The source at a real socket, and what the machine hears of it.</summary>
public sealed class ErrorReportsSourceTests : IAsyncDisposable
{
    const string Channel = "error-reports/ns1/reported";

    readonly RecordingEngine engine = new();
    readonly CancellationTokenSource stop = new();
    readonly string folder = Directory.CreateTempSubdirectory("oops-reports-").FullName;
    readonly int port = FreePort();
    Task running = Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task After_a_start_only_what_is_met_is_told_before_a_whole_window_has_passed()
    {
        Start("within: 1m");
        engine.Next<ChannelOpened>(o => o.Channel == Channel);
        Assert.Contains("Report received", await AskAsync(Report), StringComparison.Ordinal);
        var told = engine.Next<ZoneSignal>();
        Assert.Equal((Channel, "broken.test", 1, "7 (signature-expired)"), (told.Channel, told.Zone, told.Value, told.Detail));
        // That nobody reports the other zone is not known yet, and neither is it said to be read.
        Assert.DoesNotContain(engine.All, i => i.Input is ZoneSignal { Zone: "fine.test" } or ChannelRead);
    }

    [Fact]
    public async Task What_came_is_stored_and_counted()
    {
        var source = Start("within: 1m");
        engine.Next<ChannelOpened>();
        await AskAsync(Report);
        await AskAsync("_er.1.x.elsewhere.invalid.7._er." + Agent);
        await stop.CancelAsync();
        await Task.WhenAny(running);
        var counted = source.Counted.ToDictionary(c => c.Name, c => c.Value);
        Assert.Equal((2, 2, 1, 2), (counted["reports_stream"], counted["counted_verified"], counted["elsewhere"], counted["stored"]));
        Assert.True(File.Exists(Path.Combine(folder, "reports.db")));
    }

    [Fact]
    public void Where_nothing_can_be_verified_it_is_not_known_what_a_condition_that_asks_for_it_would_count()
    {
        // What is started here is the test's own host, which verifies nothing.
        Start("within: 1m, verified: true", ", verify: {}");
        engine.Next<ChannelOpened>(o => o.Channel == Channel);
        engine.Next<ChannelLost>(l => l.Channel == Channel && l.Why.StartsWith("reports cannot be verified: the check failed", StringComparison.Ordinal));
        Assert.DoesNotContain(engine.All, i => i.Input is ZoneSignal);
    }

    [Fact]
    public void An_address_that_is_taken_is_said_on_each_channel()
    {
        using var taken = new TcpListener(IPAddress.Loopback, port);
        taken.Start();
        Start("within: 1m");
        var lost = engine.Next<ChannelLost>(l => l.Channel == Channel);
        Assert.StartsWith("error-reports: cannot listen on 127.0.0.1:", lost.Why, StringComparison.Ordinal);
        Assert.Contains(engine.All, i => i.Input is ChannelLost { Channel: "error-reports/ns1" });
    }

    [Theory]
    [InlineData("", "no source checks what is reported, so it would never be met; add 'verify: {}' to sources.error-reports[0], or remove 'verified'")]
    [InlineData(", verify: {}", "")]
    public void A_condition_that_is_verified_needs_a_source_that_verifies(string verify, string says)
    {
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", Config("agents: [ { domain: a.example } ]" + verify, "within: 30m, verified: true")));
        if (loaded.Config is not null && loaded.Errors.Ok) PolicyCompiler.Compile(loaded.Config, Wiring.Of(loaded, loaded.Config), loaded.Errors, "");
        Assert.Equal(says.Length == 0, loaded.Errors.Ok);
        Assert.Contains(says, string.Join('\n', loaded.Errors.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("agents: [ { domain: . } ]", "the root is no agent domain")]
    [InlineData("agents: [ { domain: a.example }, { domain: b.a.example } ]", "b.a.example is inside a.example")]
    [InlineData("agents: [ { domain: a.example, nameservers: [ { name: ns.a.example } ] } ]", "nobody else knows its addresses")]
    [InlineData("agents: [ { domain: a.example, nameservers: [ { name: ns.b.example, addresses: [192.0.2.1] } ] } ]", "its own zone has its addresses")]
    [InlineData("agents: [ { domain: a.broken.test } ]", "is inside broken.test, of which it is to hear")]
    [InlineData("agents: [ { domain: a.example } ], delegating: [other.test]", "is not one of the zones")]
    [InlineData("agents: [ { domain: a.example, ttl: 1h } ]", "within: 2h or more")]
    [InlineData("agents: [ { domain: a.example } ], verify: { spacing: 100ms, again: 1d }", "is more than can be remembered")]
    [InlineData("agents: [ { domain: a.example } ], verify: { resolver: [one.example] }", "is a name; write the IP address")]
    public void What_is_wrong_in_the_config_is_said(string agents, string says)
    {
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", Config(agents + ", zones: [broken.test, fine.test]", "within: 30m")));
        if (loaded.Config is not null && loaded.Errors.Ok) PolicyCompiler.Compile(loaded.Config, Wiring.Of(loaded, loaded.Config), loaded.Errors, "");
        Assert.Contains(says, string.Join('\n', loaded.Errors.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("e5e973e5a6b2a43f48e7dc849e37bfcf\n", 1, "")]
    [InlineData("# rollover\nstaging: 0x445536bcd2513298075a5d379663c962\nactive: e5e973e5a6b2a43f48e7dc849e37bfcf\n", 2, "")]
    [InlineData("", 0, "secrets:1: holds no secret")]
    [InlineData("e5e973e5a6b2a43f48e7dc849e37bfcf\nxyz\n", 0, "secrets:2: not a secret; write 32 hexadecimal digits")]
    public void Secrets_of_cookies_are_read_as_NSD_writes_them(string text, int many, string problem)
    {
        var (secrets, why) = CookieSecrets.Parse(text, "secrets");
        Assert.Equal(many * ServerCookie.SecretSize, secrets?.Length ?? 0);
        if (many > 0) Assert.StartsWith("e5e973e5", Convert.ToHexStringLower(secrets!), StringComparison.Ordinal);
        else Assert.Contains(problem.Replace("secrets:1: holds", "secrets: holds", StringComparison.Ordinal), why, StringComparison.Ordinal);
    }

    ErrorReportsSource Start(string within, string more = "")
    {
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", Config($"agents: [ {{ domain: {Agent} }} ], zones: [broken.test, fine.test]{more}", within)));
        Assert.True(loaded.Errors.Ok, string.Join('\n', loaded.Errors.Lines));
        var source = (ErrorReportsSource)loaded.Config!.Sources.ErrorReports.Single().Create(loaded.Config);
        running = source.RunAsync(engine, stop.Token);
        return source;
    }

    string Config(string source, string within) => $$"""
        mode: observe
        state-directory: {{folder}}
        servers: { ns1: { kind: nsd, address: 127.0.0.1, zones: { list: [broken.test, fine.test] } } }
        conditions: { reported: { kind: error-reported, codes: [7], reports: 1, networks: 1, {{within}} } }
        sources: { error-reports: [ { server: ns1, listen: [127.0.0.1@{{port}}], {{source}} } ] }

        """;

    async Task<string> AskAsync(string name)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, stop.Token);
        var query = Query(name);
        await client.GetStream().WriteAsync((byte[])[(byte)(query.Length >> 8), (byte)query.Length, .. query], stop.Token);
        var head = new byte[2];
        await client.GetStream().ReadExactlyAsync(head, stop.Token);
        var response = new byte[head[0] << 8 | head[1]];
        await client.GetStream().ReadExactlyAsync(response, stop.Token);
        return string.Join('\n', new Answered(query, response).Records);
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
