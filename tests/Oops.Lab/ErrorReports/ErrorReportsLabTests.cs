using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.ErrorReports;

/// <summary>The daemon as a monitoring agent (RFC 9567), asked by dig, kdig and a resolving BIND that minimises QNAMEs.</summary>
public sealed class ErrorReportsLabTests : IAsyncDisposable
{
    const string Agent = "a01.agent-domain.example", Address = "127.0.0.53", Resolver = "127.0.0.1";

    // The RFC's own example (section 4.1), and one of several types.
    const string Report = "_er.1.broken.test.7._er." + Agent, Both = "_er.1-28.www.broken.test.22._er." + Agent;

    const string Config = $$"""
        mode: observe
        servers: { ns1: { kind: nsd, address: 127.0.0.1, zones: { list: [broken.test, fine.test] } } }
        conditions: { reported: { kind: error-reported, codes: [signature-expired, no-reachable-authority], reports: 1, networks: 1 } }
        sources:
          error-reports: [ { server: ns1, listen: [{{Address}}, "::1@53"], agents: [ { domain: {{Agent}} } ], nsid: site-1 } ]
        """;

    readonly OopsDaemon oops = new();

    public async ValueTask DisposeAsync() => await oops.DisposeAsync();

    [Fact]
    public async Task Dig_and_kdig_report_over_TCP_and_with_cookies_and_the_condition_is_met()
    {
        LabRequires.Programs("dig", "kdig");
        await oops.StartAsync(Config);
        await ServesAsync();
        // That nobody reports it is known only once it was listened for a whole window.
        Assert.Contains(": unknown", await Explain("broken.test"), StringComparison.Ordinal);

        // Over UDP a datagram alone is sent to TCP, and dig goes there.
        string answer = await DigAsync("+nocookie", "TXT", Report);
        Assert.Contains("Truncated, retrying in TCP mode", answer, StringComparison.Ordinal);
        Assert.Contains("\"Report received\"", answer, StringComparison.Ordinal);
        await Wait.UntilAsync("the condition is met", async () => (await Explain("broken.test")).Contains(": met", StringComparison.Ordinal), state: () => oops.Process.Tail(20));
        string why = await Explain("broken.test");
        Assert.Contains("1 report of 7 (signature-expired)", why, StringComparison.Ordinal);
        Assert.Contains("Look at the end of the RRSIGs", why, StringComparison.Ordinal);
        Assert.Contains(": unknown", await Explain("fine.test"), StringComparison.Ordinal);
        await Wait.UntilAsync("it is stored", async () => (await oops.RunAsync("reports", "--zone", "broken.test", "--code", "signature-expired")).Text.Contains("broken.test", StringComparison.Ordinal), state: () => oops.Process.Tail(20));

        // A cookie of ours, learnt with the first answer, is enough over UDP.
        string first = await TextAsync("kdig", $"@{Address}", "+cookie=0123456789abcdef", "+ignore", "TXT", Both);
        Assert.Contains(" tc ", Line(first, "Flags:"), StringComparison.Ordinal);
        string cookie = Line(first, "COOKIE:").Split(':')[^1].Trim().Replace(" ", "", StringComparison.Ordinal);
        string second = await TextAsync("kdig", $"@{Address}", $"+cookie={cookie}", "+ignore", "TXT", Both);
        Assert.Contains("\"Report received\"", second, StringComparison.Ordinal);
        Assert.Matches("\"reports_cookie\",\\s*\"value\": *1\\b", (await oops.RunAsync("status", "--json")).Text);
    }

    [Fact]
    public async Task A_resolver_that_minimises_gets_through()
    {
        LabRequires.Programs("named", "dig");
        await oops.StartAsync(Config);
        await ServesAsync();
        string directory = Lab.Harness.Lab.FreshDirectory("resolver");
        await File.WriteAllTextAsync(Path.Combine(directory, "named.conf"), $$"""
            options {
                directory "{{directory}}"; pid-file none; session-keyfile none; listen-on port 53 { {{Resolver}}; }; listen-on-v6 { none; };
                recursion yes; allow-query { any; }; allow-recursion { any; }; qname-minimization strict; dnssec-validation no; empty-zones-enable no;
            };
            controls { };
            zone "{{Agent}}" { type static-stub; server-addresses { {{Address}}; }; };
            """);
        await using var named = LabProcess.Start(Path.Combine(directory, "named.log"), Side.Node, null, "named", "-g", "-c", Path.Combine(directory, "named.conf"));
        string answer = "";
        await Wait.UntilAsync("the resolver answers", async () => (answer = await TextAsync("dig", $"@{Resolver}", "+tries=1", "TXT", Both)).Contains("status: NOERROR", StringComparison.Ordinal),
            TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(200), () => answer + named.Tail());
        Assert.Contains("\"Report received\"", answer, StringComparison.Ordinal);
        await Wait.UntilAsync("the condition is met", async () => (await Explain("broken.test")).Contains(": met", StringComparison.Ordinal), state: () => oops.Process.Tail(20));
        Assert.Contains("22 (no-reachable-authority)", await Explain("broken.test"), StringComparison.Ordinal);
        // It asked for the names above on its way, and none of them was denied.
        Assert.Contains("NOERROR", await TextAsync("dig", $"@{Resolver}", "A", "22._er." + Agent), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_a_name_server_as_any_and_what_strangers_write_never_reaches_a_terminal_raw()
    {
        LabRequires.Programs("dig");
        await oops.StartAsync(Config);
        await ServesAsync();
        Assert.Contains("ns." + Agent, await DigAsync("+short", "NS", Agent), StringComparison.Ordinal);
        Assert.Contains("REFUSED", await DigAsync("A", "example.net"), StringComparison.Ordinal);
        Assert.Contains("Transfer failed", await DigAsync("AXFR", Agent), StringComparison.Ordinal);
        Assert.Contains("site-1", await DigAsync("+nsid", "SOA", Agent), StringComparison.Ordinal);
        Assert.Contains("Invalid report", await DigAsync("+tcp", "TXT", "_er.0.broken.test.7._er." + Agent), StringComparison.Ordinal);
        Assert.Contains("status: NOERROR", await TextAsync("dig", "@::1", "+tcp", "TXT", Report), StringComparison.Ordinal);
        await DigAsync("+tcp", "TXT", $@"_er.1.\027[31m\010%s\255.broken.test.7._er.{Agent}");
        await Wait.UntilAsync("the condition is met", async () => (await Explain("broken.test")).Contains(": met", StringComparison.Ordinal), state: () => oops.Process.Tail(20));
        foreach (string shown in new[] { await Explain("broken.test"), (await oops.RunAsync("status")).Text, await File.ReadAllTextAsync(oops.Process.Output) })
            Assert.DoesNotContain(shown, c => (c < ' ' && c != '\n') || c == '\u007f' || c == '\uFFFD');
    }

    [Fact]
    public async Task A_true_report_is_confirmed_and_a_forged_one_pages_nobody()
    {
        LabRequires.Programs("named", "dnssec-signzone", "dig");
        LabRequires.Nothing(Oops.Native.NativeLibraries.TryLoad(Oops.Native.NativeLibraries.UnboundResolver, out string why) ? null : why);
        await using var zones = new SignedZones();
        await zones.StartAsync();
        await oops.StartAsync($$"""
            mode: observe
            servers: { ns1: { kind: bind, address: {{SignedZones.Address}}, zones: { list: [broken.test, fine.test] } } }
            conditions:
              reported: { kind: error-reported, codes: [signature-expired], reports: 1, networks: 1 }
              sure: { kind: error-reported, codes: [signature-expired], reports: 1, networks: 1, verified: true }
            sources:
              error-reports: [ { server: ns1, listen: [{{Address}}], agents: [ { domain: {{Agent}} } ], verify: { resolver: [{{SignedZones.Address}}], trust-anchor: {{zones.Anchors}}, spacing: 100ms } } ]
            """);
        await ServesAsync();
        await DigAsync("+tcp", "TXT", "_er.1.www.fine.test.7._er." + Agent);
        await DigAsync("+tcp", "TXT", "_er.1.www.broken.test.7._er." + Agent);
        await Wait.UntilAsync("the true report is confirmed", async () => (await ExplainSure("broken.test")).Contains(": met", StringComparison.Ordinal), TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(200), () => oops.Process.Tail(20));
        string why1 = await ExplainSure("broken.test");
        Assert.Contains("1 report of 7 (signature-expired), confirmed here,", why1, StringComparison.Ordinal);
        Assert.Matches(@"confirmed at 20\d\d-\d\d-\d\dT[0-9:]{8}Z: www\.broken\.test A: bogus \(.*signature expired", why1);
        // The forged one was looked at, too, and found to be none.
        string stored = "";
        await Wait.UntilAsync("both checks are stored", async () => (stored = (await oops.RunAsync("reports", "--json")).Text).Contains("not-confirmed", StringComparison.Ordinal) && stored.Contains("\"check\":\"confirmed\"", StringComparison.Ordinal), TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(200), () => stored);
        Assert.Contains("A: secure, 1 server asked, all well", stored, StringComparison.Ordinal);
        Assert.DoesNotContain(": met", await ExplainSure("fine.test"), StringComparison.Ordinal);
        Assert.Contains(": met", await Explain("fine.test"), StringComparison.Ordinal);
        string status = (await oops.RunAsync("status", "--json")).Text;
        Assert.Matches("\"checks_confirmed\",\\s*\"value\": *1\\b", status);
        Assert.Matches("\"checks_not_confirmed\",\\s*\"value\": *1\\b", status);
    }

    async Task<string> ExplainSure(string zone) => (await oops.RunAsync("explain", $"condition/sure/ns1/{zone}")).Text;

    Task ServesAsync() => Wait.UntilAsync("the agent domain is served", async () => (await DigAsync("+short", "+tries=1", "SOA", Agent)).Contains("hostmaster", StringComparison.Ordinal), state: () => oops.Process.Tail(20));

    async Task<string> Explain(string zone) => (await oops.RunAsync("explain", $"condition/reported/ns1/{zone}")).Text;

    static string Line(string text, string with) => text.Split('\n').FirstOrDefault(l => l.Contains(with, StringComparison.Ordinal)) ?? throw new InvalidOperationException($"no {with} in:\n{text}");

    static async Task<string> TextAsync(params string[] program) => (await OopsDaemon.RunProgramAsync(program)).Text;

    static Task<string> DigAsync(params string[] arguments) => TextAsync(["dig", $"@{Address}", .. arguments]);
}
