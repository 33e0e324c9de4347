using System.Globalization;
using System.Net;
using Oops.Lab.Harness;
using Oops.Servers;
using Oops.Sources.Powerdns;
using Xunit;

namespace Oops.Lab.Powerdns;

/// <summary>The source against a real PowerDNS Recursor.</summary>
public sealed class RecursorLabTests
{
    [Fact]
    public async Task It_answers_has_no_zones_and_its_end_is_a_refusal()
    {
        LabRequires.Programs("pdns_recursor");
        await using var recursor = new Recursor();
        await recursor.StartAsync();
        await using var source = new RunningPart(Source(recursor));
        var said = await source.HearAsync("api opened", "api Answering 1", "api read");
        Assert.DoesNotContain(said, s => s.Contains("forwarded.test", StringComparison.Ordinal));
        foreach (var signal in new[] { LabProcess.Term, LabProcess.KillNow })
        {
            await recursor.EndAsync(signal);
            await source.HearAsync("api lost: powerdns: Connection refused*");
            await recursor.StartAsync();
            await source.HearAsync("api opened", "api read");
        }
    }

    [Fact]
    public async Task A_stopped_process_is_a_silence()
    {
        LabRequires.Programs("pdns_recursor");
        await using var recursor = new Recursor();
        await recursor.StartAsync();
        await using var source = new RunningPart(Source(recursor));
        await source.HearAsync("api read");
        recursor.Process.Signal(LabProcess.Stop);
        var said = await source.HearAsync("api lost: powerdns: silent for 2 s at 127.0.0.1:8082");
        Assert.DoesNotContain("api Answering 0", said);
        recursor.Process.Signal(LabProcess.Cont);
        await source.HearAsync("api opened", "api read");
    }

    [Fact]
    public async Task An_authoritative_servers_api_is_not_taken_for_its()
    {
        LabRequires.Programs("pdns_server", "pdnsutil", "sqlite3");
        await using var pdns = new Pdns { Primary = ["one.test"] };
        await pdns.StartAsync();
        await using var source = new RunningPart(Source(pdns.KeyFile, Pdns.Api));
        await source.HearAsync("api lost: powerdns: at 127.0.0.1:8081 answers 'authoritative', not the API of a recursor");
    }

    [Fact]
    public async Task The_rate_counts_queries_over_both_transports_once_and_falls_again()
    {
        LabRequires.Programs("pdns_recursor", "dnsperf");
        await using var recursor = new Recursor();
        await recursor.StartAsync();
        await using var source = new RunningPart(Source(recursor));
        await source.HearAsync("rate QueryRate *");
        // Nobody is there to forward to, and an answer of SERVFAIL is cached.
        await using (Dnsperf.Start(new(IPAddress.Loopback, Recursor.Port), "www.forwarded.test", 300))
            await source.UntilAsync("the rate rises", s => s.Exists(w => Rate(w) > 60));
        await source.UntilAsync("the rate falls", s => s.Exists(w => Rate(w) is >= 0 and < 30));
    }

    static long Rate(string words) => words.StartsWith("rate QueryRate ", StringComparison.Ordinal) ? long.Parse(words["rate QueryRate ".Length..], CultureInfo.InvariantCulture) : -1;

    static PowerdnsSource Source(Recursor recursor) => Source(recursor.KeyFile, Recursor.Api);

    static PowerdnsSource Source(string keyFile, IPEndPoint at) =>
        new(new PowerdnsOptions("r1", Recursor: true, new HttpApiOptions("powerdns", at, TimeSpan.FromSeconds(2)) { ReadKey = () => SecretFile.Read(keyFile) }, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)));
}
