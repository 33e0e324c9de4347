using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.ErrorReports;

/// <summary>`oops reports check`, `send` and `setup` against the daemon, and against real servers that are not made for it.</summary>
public sealed class AgentCheckLabTests : IAsyncDisposable
{
    const string Agent = "a01.agent-domain.example", Address = "127.0.0.53";

    static string Config(string kind, string zone = "broken.test", string more = "") => $$"""
        mode: observe
        servers: { ns1: { kind: {{kind}}, address: 127.0.0.1, zones: { list: [{{zone}}] } } }
        conditions: { reported: { kind: error-reported, codes: [signature-expired], reports: 1, networks: 1 } }
        sources:
          error-reports: [ { server: ns1, listen: [{{Address}}], agents: [ { domain: {{Agent}} } ]{{more}} } ]
        """;

    readonly OopsDaemon oops = new();

    public async ValueTask DisposeAsync() => await oops.DisposeAsync();

    [Fact]
    public async Task Our_own_agent_passes_all_and_counts_what_is_sent_for_a_zone_of_its()
    {
        await oops.StartAsync(Config("nsd"));
        await ServesAsync();
        var (code, text) = await OopsAsync("reports", "check", Agent, "--to", Address);
        Assert.True(code == 0, text);
        Assert.Contains(" 0 wrong, 0 to be known, 0 could not be asked", text, StringComparison.Ordinal);

        (code, text) = await OopsAsync("report", "send", "--agent", Agent, "--to", Address, "www.broken.test", "A-AAAA", "signature-expired");
        Assert.True(code == 0, text);
        Assert.Contains("UDP, client cookie: NOERROR TC", text, StringComparison.Ordinal);
        Assert.Contains("TCP, server cookie: NOERROR TXT \"Report received\", not again for 600 s", text, StringComparison.Ordinal);
        (code, text) = await OopsAsync("report", "send", "--agent", Agent, "--to", Address, "--udp", "www.broken.test", "A", "7");
        Assert.Equal((1, true), (code, text.Contains("UDP: NOERROR TC", StringComparison.Ordinal)));
        // The name of the check is of no zone here; what was sent is of one.
        await Wait.UntilAsync("it is stored", async () => (await oops.RunAsync("reports", "--zone", "broken.test")).Text.Contains("www.broken.test", StringComparison.Ordinal), state: () => oops.Process.Tail(20));
        Assert.DoesNotContain("oops-test", (await oops.RunAsync("reports", "--zone", "broken.test")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_TLS_too_with_a_certificate_that_nobody_issued()
    {
        var folder = Harness.Lab.FreshDirectory("tls");
        var (chain, secret) = (Path.Combine(folder, "chain.pem"), Path.Combine(folder, "key.pem"));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=agent.test", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        await File.WriteAllTextAsync(chain, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(secret, key.ExportPkcs8PrivateKeyPem());
        await oops.StartAsync(Config("nsd", more: $", tls: {{ listen: [{Address}], certificate: {chain}, key: {secret} }}"));
        await ServesAsync();
        var (code, text) = await OopsAsync("reports", "check", Agent, "--to", Address, "--tls");
        Assert.True(code == 0, text);
        Assert.Contains(" 0 wrong, 0 to be known, 0 could not be asked", text, StringComparison.Ordinal);
        (code, text) = await OopsAsync("reports", "send", "--agent", Agent, "--to", Address, "--tls", "www.broken.test", "A", "signature-expired");
        Assert.True(code == 0, text);
        Assert.Contains("TLS: NOERROR TXT \"Report received\", not again for 600 s", text, StringComparison.Ordinal);
        // TCP is no TLS.
        (code, text) = await OopsAsync("reports", "send", "--agent", Agent, "--to", $"{Address}@53", "--tls", "--timeout", "1s", "www.broken.test", "A", "7");
        Assert.Equal((1, true), (code, text.Contains("TLS: no answer over TLS", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_static_zone_of_NSD_with_a_wildcard_takes_what_is_forged_and_what_is_malformed_and_denies_nothing()
    {
        LabRequires.Programs("nsd", "nsd-control");
        await using var nsd = await NsdAsync("*._er TXT \"Report received\"\n");
        var (code, checks) = await CheckAsync();
        Assert.Equal(1, code);
        Assert.Equal("ok", checks["report"].State);
        Assert.Equal("ok", checks["several-types"].State);
        Assert.Equal("ok", checks["never-denied"].State);
        Assert.Equal("ok", checks["letter-case"].State);
        Assert.Equal("ok", checks["edns-version"].State);
        Assert.Equal(("wrong", "NOERROR TXT \"Report received\""), checks["udp"]);
        Assert.Equal(("note", "as a good report: NOERROR TXT \"Report received\""), checks["malformed-type-0"]);
        Assert.Equal(("note", "as a good report: NOERROR TXT \"Report received\""), checks["malformed-no-front"]);
        Assert.Equal(("ok", "NXDOMAIN"), checks["malformed-no-tail"]);
        Assert.Equal(("ok", "5 s"), checks["suppression"]);
        Assert.Equal(["udp", "udp-no-edns"], checks.Where(c => c.Value.State == "wrong").Select(c => c.Key));
    }

    [Fact]
    public async Task A_zone_of_NSD_without_one_denies_reports()
    {
        LabRequires.Programs("nsd", "nsd-control");
        await using var nsd = await NsdAsync("");
        var (code, checks) = await CheckAsync();
        Assert.Equal(1, code);
        Assert.Equal(("wrong", "NXDOMAIN"), checks["report"]);
        Assert.Equal(("wrong", "NXDOMAIN"), checks["minimised-er"]);
        Assert.StartsWith("NXDOMAIN for ", checks["never-denied"].Found, StringComparison.Ordinal);
        Assert.Equal("ok", checks["soa"].State);
    }

    [Fact]
    public async Task With_NSD_the_delegation_and_the_agent_are_right_and_the_option_is_missing()
    {
        LabRequires.Programs("nsd", "nsd-control");
        await using var nsd = new Harness.Nsd { Files = ["broken.test", "agent-domain.example"] };
        await nsd.WriteZoneAsync("agent-domain.example", ZoneText.Of("agent-domain.example", 1, new ZoneTimers()) + $"a01 NS ns.a01\nns.a01 A {Address}\n");
        await nsd.StartAsync();
        await oops.StartAsync(Config("nsd"));
        await ServesAsync();
        var (code, text) = await OopsAsync("reports", "setup", "broken.test", "--config", oops.ConfigPath, "--check", "--parent", "127.0.0.1");
        Assert.Equal(1, code);
        Assert.Contains($"wrong    ns1 127.0.0.1: its answer has no Report-Channel; write report-channel: {Agent}, which takes NSD whose nsd.conf(5) has report-channel (merged in 2026)", text, StringComparison.Ordinal);
        Assert.Contains($"ok       delegation of {Agent}: NS ns.{Agent}", text, StringComparison.Ordinal);
        Assert.Contains($"ok       delegation of {Agent}: ns.{Agent} at {Address}", text, StringComparison.Ordinal);
        Assert.Contains("no DS: it is not signed", text, StringComparison.Ordinal);
        Assert.Contains($"ok       agent at {Address}: a report over UDP without a cookie: NOERROR TC", text, StringComparison.Ordinal);
        Assert.Contains($"ok       agent at {Address}: Report-Channel: none in ", text, StringComparison.Ordinal);
        Assert.Single(text.Split('\n'), l => !l.StartsWith("ok ", StringComparison.Ordinal));

        // Glue that is not as the config has it, and a DS.
        await nsd.WriteZoneAsync("agent-domain.example", ZoneText.Of("agent-domain.example", 2, new ZoneTimers()) + "a01 NS ns.a01\na01 DS 1 13 2 00000000000000000000000000000000000000000000000000000000000000aa\nns.a01 A 127.0.0.54\n");
        await nsd.ControlAsync("reload", "agent-domain.example");
        await Wait.UntilAsync("the zone is loaded", async () => (text = (await OopsAsync("reports", "setup", "broken.test", "--config", oops.ConfigPath, "--check", "--parent", "127.0.0.1")).Text).Contains("there is a DS", StringComparison.Ordinal), state: () => text);
        Assert.Contains($"wrong    delegation of {Agent}: ns.{Agent} is at 127.0.0.54; the config has {Address}", text, StringComparison.Ordinal);
        Assert.Contains("unasked  agent at 127.0.0.54: SOA over TCP: port unreachable over TCP", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_Knot_DNS_the_version_that_has_the_option_is_told()
    {
        LabRequires.Programs("knotd", "knotc");
        await using var knot = new Knotd { Files = ["broken.test"] };
        await knot.StartAsync();
        await MissesAsync("knot", $"write mod-dnserr with report-channel: {Agent}, which takes Knot DNS from 3.5.4");
    }

    [Fact]
    public async Task With_BIND_the_version_that_has_the_option_is_told()
    {
        LabRequires.Programs("named", "rndc");
        await using var named = new Named { Files = ["broken.test"] };
        await named.StartAsync();
        await MissesAsync("bind", $"write send-report-channel {Agent}.;, which takes BIND from 9.21.3");
    }

    /// <summary>The server does not know the agent domain either, which is no wrong delegation.</summary>
    async Task MissesAsync(string kind, string remedy)
    {
        await oops.StartAsync(Config(kind));
        await ServesAsync();
        string text = "";
        await Wait.UntilAsync("the zone is served", async () => (text = (await OopsAsync("reports", "setup", "broken.test", "--config", oops.ConfigPath, "--check", "--parent", "127.0.0.1")).Text).Contains($"wrong    ns1 127.0.0.1: its answer has no Report-Channel; {remedy}", StringComparison.Ordinal), TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(200), () => text);
        Assert.Contains($"unasked  delegation of {Agent}: 127.0.0.1 could not be asked: it says REFUSED", text, StringComparison.Ordinal);
        Assert.Contains($"ok       agent at {Address}: a report over TCP: NOERROR TXT \"Report received\"", text, StringComparison.Ordinal);
    }

    static async Task<Harness.Nsd> NsdAsync(string records)
    {
        var nsd = new Harness.Nsd { Files = [Agent] };
        await nsd.WriteZoneAsync(Agent, ZoneText.Of(Agent, 1, new ZoneTimers()) + records);
        await nsd.StartAsync();
        return nsd;
    }

    static async Task<(int Code, Dictionary<string, (string State, string Found)> Checks)> CheckAsync()
    {
        var (code, text) = await OopsAsync("reports", "check", Agent, "--to", "127.0.0.1", "--json");
        using var json = JsonDocument.Parse(text);
        return (code, json.RootElement.GetProperty("checks").EnumerateArray().ToDictionary(c => c.GetProperty("id").GetString()!, c => (c.GetProperty("state").GetString()!, c.GetProperty("found").GetString()!)));
    }

    Task ServesAsync() => Wait.UntilAsync("the agent domain is served", async () => (await OopsAsync("report", "send", "--agent", Agent, "--to", Address, "--tcp", "oops-test.invalid", "A", "0")).Code == 0, state: () => oops.Process.Tail(20));

    static Task<(int Code, string Text)> OopsAsync(params string[] words) => OopsDaemon.RunProgramAsync([OopsDaemon.Binary!, .. words]);
}
