using System.Net;
using Oops.Lab.Harness;
using Oops.Servers;
using Xunit;
using NsdServer = Oops.Lab.Harness.Nsd;

namespace Oops.Lab.Nsd;

/// <summary>NSD's control over TLS with the certificates of nsd-control-setup, and its statistics.</summary>
public sealed class NsdAccessLabTests
{
    static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Certificates_that_do_not_fit_have_a_reason_and_are_counted()
    {
        LabRequires.Programs("nsd", "nsd-control", "nsd-control-setup", "openssl");
        await using var nsd = new NsdServer { Files = ["one.test"], Tls = true };
        await nsd.StartAsync();
        var other = Harness.Lab.FreshDirectory("other-keys");
        Assert.Equal(0, (await OopsDaemon.RunProgramAsync(Harness.Lab.Find("nsd-control-setup")!, "-d", other)).Code);

        // Another authority than the server's.
        var way = NsdLab.Way(nsd) with { Keys = new(Path.Combine(other, "nsd_server.pem"), nsd.Key, nsd.Cert) };
        await using (var source = NsdLab.Run(nsd, way: way))
            await NsdLab.UntilAsync(source, Long, "control lost: nsd: the certificate at 127.0.0.1@8952 is not the one of `server-cert`");
        Assert.True(way.Counts[LineFault.Tls] > 0);

        // A certificate of ours that another authority issued.
        way = NsdLab.Way(nsd) with { Keys = new(nsd.ServerCert, Path.Combine(other, "nsd_control.key"), Path.Combine(other, "nsd_control.pem")) };
        await using (var source = NsdLab.Run(nsd, way: way))
            await NsdLab.UntilAsync(source, Long, "control lost: nsd: *");
        Assert.True(way.Counts[LineFault.Tls] > 0);

        way = NsdLab.Way(nsd) with { Keys = new(nsd.ServerCert, nsd.Key, "/nonexistent.pem") };
        await using (var source = NsdLab.Run(nsd, way: way))
            await NsdLab.UntilAsync(source, Long, $"control lost: nsd: {nsd.ServerCert}, {nsd.Key}, /nonexistent.pem: *");

        // Those that were wrong are read anew once they were put right.
        string copy = Path.Combine(other, "copy.pem");
        File.Copy(Path.Combine(other, "nsd_server.pem"), copy);
        way = NsdLab.Way(nsd) with { Keys = new(copy, nsd.Key, nsd.Cert) };
        await using (var source = NsdLab.Run(nsd, way: way))
        {
            await NsdLab.UntilAsync(source, Long, "control lost: nsd: the certificate*");
            File.Copy(nsd.ServerCert, copy, overwrite: true);
            await NsdLab.UntilAsync(source, Long, "control opened", "control read");
        }
    }

    [Fact]
    public async Task A_server_that_speaks_no_TLS_there_has_a_reason()
    {
        LabRequires.Programs("nsd", "nsd-control", "nsd-control-setup", "openssl");
        await using var keys = new NsdServer { Files = ["one.test"], Tls = true };
        await keys.StartAsync();
        // Its DNS port: whatever comes back is no handshake.
        var way = NsdLab.Way(keys, TimeSpan.FromSeconds(2)) with { Address = new(IPAddress.Loopback, 53) };
        await using var source = NsdLab.Run(keys, way: way);
        await NsdLab.UntilAsync(source, Long, "control lost: nsd: *");
        Assert.True(way.Counts[LineFault.Tls] + way.Counts[LineFault.Silent] > 0);
    }

    [Fact]
    public async Task Looks_at_the_statistics_of_an_old_version_are_not_made_unless_asked_for()
    {
        LabRequires.Programs("nsd", "nsd-control");
        await using var nsd = new NsdServer { Files = ["one.test"] };
        await nsd.StartAsync();
        string version = (await nsd.ControlAsync("status")).Split('\n')[0]["version: ".Length..];
        await using var source = new Knot.RunningSource(new Oops.Sources.Nsd.NsdSource(new("ns1", NsdLab.Way(nsd), new(IPAddress.Loopback, 53), true, TimeSpan.FromSeconds(60), null)));
        if (Oops.Wire.Text.ControlText.IsAtLeast(version, 4, 8))
        {
            await NsdLab.UntilAsync(source, Long, "rate opened", "rate QueryRate *");
            return;
        }

        await NsdLab.UntilAsync(source, Long, "control read", $"rate lost: nsd: {version} forks all its servers*");
        Assert.DoesNotContain("stats_noreset", await File.ReadAllTextAsync(nsd.Log, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_query_rate_is_met_under_a_load_and_no_longer_after_it()
    {
        LabRequires.Programs("nsd", "nsd-control", "dnsperf");
        await using var nsd = new NsdServer { Files = ["one.test"] };
        await nsd.StartAsync();
        await using var oops = new OopsDaemon();
        await oops.StartAsync($$"""
            mode: observe
            servers: { ns1: { kind: nsd, address: 127.0.0.1, control: {{nsd.Control}} } }
            conditions: { busy: { kind: query-rate-high, threshold: 50 } }
            sources: { nsd: [ { server: ns1, rate-interval: 1s } ] }
            """);
        await StateAsync(oops, "not-met");
        string questions = Path.Combine(Harness.Lab.FreshDirectory("dnsperf"), "questions");
        await File.WriteAllTextAsync(questions, "www.one.test A\n", TestContext.Current.CancellationToken);
        await using var load = LabProcess.Start(questions + ".log", "dnsperf", "-s", "127.0.0.1", "-d", questions, "-Q", "300", "-l", "120");
        await StateAsync(oops, "met");
        await load.EndAsync(LabProcess.Int);
        await StateAsync(oops, "not-met");
    }

    static Task StateAsync(OopsDaemon oops, string state)
    {
        var seen = "";
        return Wait.UntilAsync($"busy is {state}", async () => (seen = (await oops.RunAsync("explain", "condition/busy/ns1", "--json")).Text).Contains($"\"state\":\"{state}\"", StringComparison.Ordinal),
            Long, TimeSpan.FromMilliseconds(200), () => seen);
    }
}
