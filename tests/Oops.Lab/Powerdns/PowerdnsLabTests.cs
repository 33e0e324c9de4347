using System.Globalization;
using Oops.Lab.Harness;
using Oops.Servers;
using Oops.Sources.Powerdns;
using Xunit;

namespace Oops.Lab.Powerdns;

/// <summary>The source against a real PowerDNS Authoritative Server: what was measured of it is a test each.</summary>
public sealed class PowerdnsLabTests
{
    [Fact]
    public async Task A_thousand_zones_are_read_and_each_serial_is_the_one_that_is_served()
    {
        LabRequires.Programs("pdns_server", "pdnsutil", "sqlite3");
        await using var pdns = new Pdns { Primary = [.. Enumerable.Range(1, 1000).Select(i => $"z{i}.test")] };
        await pdns.StartAsync();
        await using var source = new RunningPart(Source(pdns));
        var said = await source.UntilAsync("all is read", s => s.Contains("api read"));
        Assert.Equal(1000, said.Count(s => s.EndsWith(".test Serial 1", StringComparison.Ordinal)));
        Assert.Equal(1000, said.Count(s => s.EndsWith(".test Expiry absent", StringComparison.Ordinal)));
        Assert.Equal(1000, said.Count(s => s.EndsWith(".test RefreshFailures 0", StringComparison.Ordinal)));
        Assert.Equal(0, source.Source.Counted.Single(c => c.Name == "failed_reads").Value);
    }

    [Fact]
    public async Task A_change_by_the_api_or_by_pdnsutil_is_asked_for_at_once()
    {
        LabRequires.Programs("pdns_server", "pdnsutil", "sqlite3");
        await using var pdns = new Pdns { Primary = ["one.test", "two.test"] };
        await pdns.StartAsync();
        await using var source = new RunningPart(Source(pdns));
        await source.HearAsync("api read");
        await Pdns.PatchAsync("one.test", "new");
        await source.HearAsync("api one.test Serial 2");
        await pdns.PdnsutilAsync("increase-serial", "two.test");
        await source.HearAsync("api two.test Serial 2");
    }

    [Fact]
    public async Task A_zone_is_not_refreshed_then_expired_by_our_computation_while_it_still_answers_and_recovers_with_the_same_serial()
    {
        LabRequires.Programs("pdns_server", "pdnsutil", "sqlite3", "knotd", "knotc");
        await using var primary = new PrimaryKnotd(["one.test", "two.test"], new ZoneTimers(Retry: 5, Expire: 30));
        await primary.StartAsync();
        await using var pdns = new Pdns { Secondary = ["one.test", "two.test"] };
        await pdns.StartAsync();
        await using var source = new RunningPart(Source(pdns));
        await source.UntilAsync("both are refreshed", s => s.Contains("api one.test RefreshFailures 0") && s.Contains("api two.test RefreshFailures 0") && s.Contains("api one.test Serial 100"));

        await primary.DropKeyAsync("one.test");
        var said = await source.UntilAsync("it expires", s => s.Exists(w => w.StartsWith("api one.test Expiry 0", StringComparison.Ordinal)));
        var failed = said.FindIndex(w => w == "api one.test RefreshFailures 1");
        Assert.InRange(failed, 0, said.FindIndex(w => w.StartsWith("api one.test Expiry 0", StringComparison.Ordinal)));
        Assert.Contains("api one.test Expiry 0 (not refreshed for more than its SOA's expire value of 30 s; the server serves it all the same)", said);
        // The trap: it is served on, and nothing but the time says that it should not be.
        Assert.DoesNotContain(said, w => w.StartsWith("api one.test Serial", StringComparison.Ordinal));
        Assert.DoesNotContain(said, w => w.StartsWith("api two.test Expiry 0", StringComparison.Ordinal));
        Assert.DoesNotContain(said, w => w.StartsWith("api two.test RefreshFailures 2", StringComparison.Ordinal));

        await primary.RestoreKeyAsync("one.test");
        await primary.NotifyAsync("one.test");
        said = await source.UntilAsync("it is refreshed", s => s.Contains("api one.test RefreshFailures 0"));
        Assert.Contains(said, w => w.StartsWith("api one.test Expiry ", StringComparison.Ordinal) && !w.StartsWith("api one.test Expiry 0", StringComparison.Ordinal));
        Assert.DoesNotContain(said, w => w.StartsWith("api one.test Serial", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_update_by_transfer_ends_an_expiry_with_a_new_serial()
    {
        LabRequires.Programs("pdns_server", "pdnsutil", "sqlite3", "knotd", "knotc");
        await using var primary = new PrimaryKnotd(["one.test"]);
        await primary.StartAsync();
        await using var pdns = new Pdns { Secondary = ["one.test"] };
        await pdns.StartAsync();
        await using var source = new RunningPart(Source(pdns));
        await source.UntilAsync("it is refreshed", s => s.Contains("api one.test RefreshFailures 0") && s.Contains("api one.test Serial 100"));
        primary.Process.Signal(LabProcess.Stop);
        await source.UntilAsync("it expires", s => s.Exists(w => w.StartsWith("api one.test Expiry 0", StringComparison.Ordinal)));
        primary.Process.Signal(LabProcess.Cont);
        await primary.UpdateAsync("one.test");
        await source.UntilAsync("it is updated", s => s.Contains("api one.test Serial 101") && s.Contains("api one.test RefreshFailures 0"));
    }

    [Fact]
    public async Task A_transfer_that_is_refused_while_the_serial_is_told_is_a_failed_refresh()
    {
        LabRequires.Programs("pdns_server", "pdnsutil", "sqlite3", "knotd", "knotc");
        await using var primary = new PrimaryKnotd(["one.test"], new ZoneTimers(Expire: 60));
        await primary.StartAsync();
        await using var pdns = new Pdns { Secondary = ["one.test"] };
        await pdns.StartAsync();
        await Wait.UntilAsync("it is transferred", async () => (await Pdns.HttpAsync("/zones"))?.Contains("\"serial\": 100", StringComparison.Ordinal) == true, TimeSpan.FromSeconds(30));
        // Its SOA is asked for without a key, and answered; the transfer needs one.
        await pdns.SqlAsync("delete from domainmetadata;");
        await using var source = new RunningPart(Source(pdns));
        await source.UntilAsync("it is refreshed", s => s.Contains("api one.test RefreshFailures 0") && s.Contains("api one.test Serial 100"));
        await primary.UpdateAsync("one.test");
        var said = await source.UntilAsync("it is not refreshed", s => s.Contains("api one.test RefreshFailures 1"));
        Assert.DoesNotContain("api one.test Serial 101", said);
    }

    [Fact]
    public async Task A_zone_that_was_never_transferred_is_not_served_and_nothing_is_said_of_its_expiry()
    {
        LabRequires.Programs("pdns_server", "pdnsutil", "sqlite3");
        await using var pdns = new Pdns { Secondary = ["never.test"], Primary = ["one.test"] };
        await pdns.StartAsync();
        await using var source = new RunningPart(Source(pdns));
        var said = await source.UntilAsync("all is read", s => s.Contains("api read"));
        Assert.Contains("api never.test Serial absent (REFUSED)", said);
        Assert.DoesNotContain(said, s => s.Contains("never.test Expiry", StringComparison.Ordinal) || s.Contains("never.test RefreshFailures", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_wrong_key_or_no_TLS_is_told_and_nothing_is_claimed()
    {
        LabRequires.Programs("pdns_server", "pdnsutil", "sqlite3");
        await using var pdns = new Pdns { Primary = ["one.test"] };
        await pdns.StartAsync();
        var directory = Harness.Lab.FreshDirectory("wrong");
        await using (var source = new RunningPart(Source(pdns, ApiKey.File(directory, "wrong"))))
        {
            var said = await source.HearAsync("api lost: powerdns: 401: the key is wrong, or our address is not allowed, at 127.0.0.1:8081/api/v1/servers/localhost");
            Assert.DoesNotContain(said, s => s.Contains("opened", StringComparison.Ordinal));
            // A changed file counts at once.
            ApiKey.File(directory);
            await source.HearAsync("api opened", "api read");
        }

        var authority = Path.Combine(directory, "ca.pem");
        await File.WriteAllTextAsync(authority, Certificate());
        await using var secure = new RunningPart(Source(pdns, authority: authority));
        var heard = await secure.HearAsync("api lost: powerdns: *");
        Assert.DoesNotContain(heard, s => s.Contains("opened", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_end_is_a_refusal_and_says_nothing_of_how_it_ended()
    {
        LabRequires.Programs("pdns_server", "pdnsutil", "sqlite3");
        await using var pdns = new Pdns { Primary = ["one.test"] };
        await pdns.StartAsync();
        await using var source = new RunningPart(Source(pdns));
        foreach (var signal in new[] { LabProcess.Term, LabProcess.KillNow })
        {
            await source.HearAsync("api opened", "api read");
            await pdns.EndAsync(signal);
            var said = await source.HearAsync("api lost: powerdns: Connection refused*");
            // Neither is told beforehand: it has no word for stopping.
            Assert.DoesNotContain(said, s => s.Contains("Stopping", StringComparison.Ordinal) || s.Contains("Answering 0", StringComparison.Ordinal) || s.Contains("Serial absent", StringComparison.Ordinal));
            await pdns.StartAsync();
        }
    }

    [Fact]
    public async Task A_stopped_process_is_a_silence_and_no_zone_is_missing_because_of_it()
    {
        LabRequires.Programs("pdns_server", "pdnsutil", "sqlite3");
        await using var pdns = new Pdns { Primary = ["one.test", "two.test"] };
        await pdns.StartAsync();
        await using var source = new RunningPart(Source(pdns, timeout: 1));
        await source.HearAsync("api read");
        pdns.Process.Signal(LabProcess.Stop);
        var said = await source.UntilAsync("it is lost", s => s.Contains("api lost: powerdns: silent for 1 s at 127.0.0.1:8081"));
        Assert.DoesNotContain(said, s => s.Contains("Serial", StringComparison.Ordinal) || s.Contains("Answering 0", StringComparison.Ordinal));
        pdns.Process.Signal(LabProcess.Cont);
        await source.HearAsync("api opened", "api one.test Serial 1", "api read");
    }

    [Fact]
    public async Task A_restart_in_the_middle_of_a_read_leaves_what_was_read()
    {
        LabRequires.Programs("pdns_server", "pdnsutil", "sqlite3");
        await using var pdns = new Pdns { Primary = [.. Enumerable.Range(1, 3000).Select(i => $"z{i}.test")] };
        await pdns.StartAsync();
        await using var source = new RunningPart(Source(pdns));
        await source.UntilAsync("all is read", s => s.Contains("api read"));
        for (var round = 0; round < 4; round++)
        {
            // A look may just be under way: one follows the other.
            await Task.Delay(TimeSpan.FromMilliseconds(130 * round));
            await pdns.EndAsync(LabProcess.KillNow);
            await pdns.StartAsync();
        }

        var said = await source.UntilAsync("it is read again", s => s.LastIndexOf("api read") > s.FindLastIndex(w => w.StartsWith("api lost", StringComparison.Ordinal)));
        Assert.DoesNotContain(said, s => s.Contains("absent (not in", StringComparison.Ordinal) || s.Contains("Serial absent", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_rate_is_that_of_the_counters_and_falls_again()
    {
        LabRequires.Programs("pdns_server", "pdnsutil", "sqlite3", "dnsperf");
        await using var pdns = new Pdns { Primary = ["one.test"] };
        await pdns.StartAsync();
        await using var source = new RunningPart(Source(pdns));
        await source.HearAsync("rate QueryRate *");
        await using (Dnsperf.Start(Pdns.Dns, "www.one.test", 500))
            await source.UntilAsync("the rate rises", s => s.Exists(w => Rate(w) > 100));
        await source.UntilAsync("the rate falls", s => s.Exists(w => Rate(w) is >= 0 and < 50));
    }

    static long Rate(string words) => words.StartsWith("rate QueryRate ", StringComparison.Ordinal) ? long.Parse(words["rate QueryRate ".Length..], CultureInfo.InvariantCulture) : -1;

    static PowerdnsSource Source(Pdns pdns, string? keyFile = null, string? authority = null, int timeout = 5)
    {
        var file = keyFile ?? pdns.KeyFile;
        var api = new HttpApiOptions("powerdns", Pdns.Api, TimeSpan.FromSeconds(timeout)) { ReadKey = () => SecretFile.Read(file) };
        return new PowerdnsSource(new PowerdnsOptions("ns1", Recursor: false, api, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)) { Address = Pdns.Dns, ListsZones = true, Authority = authority });
    }

    static string Certificate()
    {
        using var key = System.Security.Cryptography.ECDsa.Create();
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=somebody", key, System.Security.Cryptography.HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        return certificate.ExportCertificatePem();
    }
}
