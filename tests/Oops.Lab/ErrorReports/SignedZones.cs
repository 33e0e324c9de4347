using Oops.Lab.Harness;

namespace Oops.Lab.ErrorReports;

/// <summary>A named with two signed zones: fine.test, and broken.test whose signatures have expired; and their trust anchors.</summary>
internal sealed class SignedZones : IAsyncDisposable
{
    public const string Address = "127.0.0.1";

    readonly string directory = Harness.Lab.FreshDirectory("signed");
    LabProcess? named;

    /// <summary>The keys of both.</summary>
    public string Anchors => Path.Combine(directory, "anchors");

    public async Task StartAsync()
    {
        await SignAsync("fine.test", "-s", "-3600", "-e", "+86400");
        await SignAsync("broken.test", "-s", "20200101000000", "-e", "20200201000000");
        await File.WriteAllLinesAsync(Anchors, Directory.GetFiles(directory, "K*.key").SelectMany(File.ReadAllLines).Where(l => l.Contains(" DNSKEY 257 ", StringComparison.Ordinal)));
        string config = Path.Combine(directory, "named.conf");
        await File.WriteAllTextAsync(config, $$"""
            options { directory "{{directory}}"; pid-file none; session-keyfile none; listen-on port 53 { {{Address}}; }; listen-on-v6 { none; }; recursion no; dnssec-validation no; };
            controls { };
            zone "fine.test" { type primary; file "fine.test.signed"; };
            zone "broken.test" { type primary; file "broken.test.signed"; };
            """);
        named = LabProcess.Start(Path.Combine(directory, "named.log"), Side.Node, null, "named", "-g", "-c", config);
        await Wait.UntilAsync("named answers", async () => (await OopsDaemon.RunProgramAsync("dig", $"@{Address}", "+norec", "+short", "+tries=1", "SOA", "broken.test")).Text.Contains("hostmaster", StringComparison.Ordinal), step: TimeSpan.FromMilliseconds(100), state: () => named.Tail());
    }

    public async ValueTask DisposeAsync()
    {
        if (named is not null) await named.DisposeAsync();
    }

    async Task SignAsync(string zone, params string[] times)
    {
        string plain = Path.Combine(directory, zone + ".plain");
        await File.WriteAllTextAsync(plain, "$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\nwww A 192.0.2.1\n");
        await OopsDaemon.DoProgramAsync("dnssec-keygen", "-q", "-a", "ECDSAP256SHA256", "-f", "KSK", "-K", directory, zone);
        await OopsDaemon.DoProgramAsync("dnssec-keygen", "-q", "-a", "ECDSAP256SHA256", "-K", directory, zone);
        await OopsDaemon.DoProgramAsync(["dnssec-signzone", "-q", "-S", "-P", "-K", directory, "-d", directory, "-o", zone, .. times, "-f", Path.Combine(directory, zone + ".signed"), plain]);
    }
}
