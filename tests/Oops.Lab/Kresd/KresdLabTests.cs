using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Oops.Lab.Harness;
using Oops.Servers;
using Oops.Sources.Kresd;
using Xunit;

namespace Oops.Lab.Kresd;

/// <summary>The source against a real Knot Resolver.</summary>
public sealed class KresdLabTests
{
    static readonly IPEndPoint Dns = new(IPAddress.Loopback, Harness.Kresd.Port);
    static readonly IPEndPoint Web = new(IPAddress.Loopback, 8453);

    [Fact]
    public async Task The_control_socket_answers_and_its_end_is_told_by_the_kernel()
    {
        LabRequires.Programs("kresd");
        await using var kresd = new Harness.Kresd();
        await kresd.StartAsync();
        await using var source = new RunningPart(Source(kresd.Control));
        foreach (var signal in new[] { LabProcess.Term, LabProcess.KillNow })
        {
            await source.HearAsync("control opened", "control Answering 1", "control read");
            await kresd.EndAsync(signal);
            var said = await source.HearAsync("control lost: kresd: *");
            Assert.DoesNotContain(said, s => s.Contains("Stopping", StringComparison.Ordinal) || s == "control Answering 0");
            await kresd.StartAsync();
        }
    }

    [Fact]
    public async Task A_stopped_process_is_a_silence()
    {
        LabRequires.Programs("kresd");
        await using var kresd = new Harness.Kresd();
        await kresd.StartAsync();
        await using var source = new RunningPart(Source(kresd.Control));
        await source.HearAsync("control read");
        kresd.Process.Signal(LabProcess.Stop);
        await source.HearAsync($"control lost: kresd: no answer within 2 s at {kresd.Control}");
        kresd.Process.Signal(LabProcess.Cont);
        await source.HearAsync("control opened", "control read");
    }

    [Fact]
    public async Task One_of_two_instances_may_be_missing_but_then_the_rate_is_not_known()
    {
        LabRequires.Programs("kresd");
        await using var first = new Harness.Kresd();
        await using var second = new Harness.Kresd();
        await first.StartAsync();
        await second.StartAsync();
        await using var source = new RunningPart(Source(first.Control, second.Control));
        await source.HearAsync("control opened", "rate QueryRate *");
        await second.EndAsync(LabProcess.KillNow);
        var said = await source.HearAsync("rate lost: kresd: *");
        Assert.DoesNotContain(said, s => s.StartsWith("control lost", StringComparison.Ordinal));
        await second.StartAsync();
        said = await source.HearAsync("rate opened", "rate QueryRate *");
        Assert.DoesNotContain(said, s => s.StartsWith("control lost", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_rate_of_both_instances_is_added_up_and_falls_again()
    {
        LabRequires.Programs("kresd", "dnsperf");
        await using var first = new Harness.Kresd();
        await using var second = new Harness.Kresd();
        await first.StartAsync();
        await second.StartAsync();
        await using var source = new RunningPart(Source(first.Control, second.Control));
        await source.HearAsync("rate QueryRate *");
        await using (Dnsperf.Start(Dns, "www.one.test", 400))
            await source.UntilAsync("the rate rises", s => s.Exists(w => Rate(w) > 80));
        await source.UntilAsync("the rate falls", s => s.Exists(w => Rate(w) is >= 0 and < 40));
    }

    [Fact]
    public async Task Without_its_module_stats_it_answers_and_the_rate_is_not_known()
    {
        LabRequires.Programs("kresd");
        await using var kresd = new Harness.Kresd { Stats = false };
        await kresd.StartAsync();
        await using var source = new RunningPart(Source(kresd.Control));
        await source.UntilAsync("both are told", s => s.Contains("control read") && s.Contains("rate lost: kresd: it does not count queries: its module stats is not loaded"));
    }

    [Fact]
    public async Task The_module_http_tells_the_same_over_plain_HTTP_and_over_TLS_only_to_whom_its_certificate_is_known()
    {
        LabRequires.Programs("kresd");
        await using var kresd = new Harness.Kresd { Web = Web };
        await kresd.StartAsync();
        await using (var plain = new RunningPart(OverWeb(null)))
            await plain.UntilAsync("all is told", s => s.Contains("web Answering 1") && s.Contains("web read") && s.Exists(w => w.StartsWith("rate QueryRate", StringComparison.Ordinal)));

        var authority = Path.Combine(Harness.Lab.FreshDirectory("wrong"), "ca.pem");
        using var key = ECDsa.Create();
        using var other = new CertificateRequest("CN=somebody", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        await File.WriteAllTextAsync(authority, other.ExportCertificatePem());
        await using var wrong = new RunningPart(OverWeb(authority));
        var said = await wrong.HearAsync("web lost: kresd: its certificate is not that of the configured authority, at 127.0.0.1:8453");
        Assert.DoesNotContain("web opened", said);
        // The certificate that it made for itself; a changed file counts at once.
        await File.WriteAllTextAsync(authority, await Its());
        await wrong.HearAsync("web opened", "web Answering 1");
    }

    static async Task<string> Its()
    {
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(Web);
        string? pem = null;
        await using var tls = new System.Net.Security.SslStream(socket.GetStream(), leaveInnerStreamOpen: false, (_, certificate, _, _) =>
        {
            using var copy = new X509Certificate2(certificate!);
            pem = copy.ExportCertificatePem();
            return pem.Length > 0;
        });
        await tls.AuthenticateAsClientAsync("localhost");
        return pem!;
    }

    static long Rate(string words) => words.StartsWith("rate QueryRate ", StringComparison.Ordinal) ? long.Parse(words["rate QueryRate ".Length..], CultureInfo.InvariantCulture) : -1;

    static KresdSource Source(params string[] controls) => new(new KresdOptions("r1", controls, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)));

    static KresdSource OverWeb(string? authority) =>
        new(new KresdOptions("r1", [], TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)) { Web = new HttpApiOptions("kresd", Web, TimeSpan.FromSeconds(2)), Authority = authority });
}
