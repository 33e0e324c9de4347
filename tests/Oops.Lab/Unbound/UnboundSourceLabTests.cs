using System.Net;
using Oops.Lab.Harness;
using Oops.Lab.Knot;
using Oops.Lab.Nsd;
using Oops.Servers;
using Oops.Sources.Unbound;
using Xunit;

namespace Oops.Lab.Unbound;

/// <summary>The source against a real Unbound.</summary>
public sealed class UnboundSourceLabTests
{
    static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_resolver_without_auth_zones_answers(bool tls)
    {
        LabRequires.Programs("unbound", "unbound-control", "unbound-control-setup", "openssl");
        await using var unbound = new UnboundServer { Tls = tls };
        await unbound.StartAsync();
        await using var source = Run(unbound);
        var said = await NsdLab.UntilAsync(source, Long, "control opened", "control Answering 1", "control read");
        Assert.DoesNotContain(said, s => s.StartsWith("control list", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_thousand_auth_zones_are_read_and_listed()
    {
        LabRequires.Programs("unbound", "unbound-control");
        await using var unbound = new UnboundServer { Files = [.. Enumerable.Range(0, 1000).Select(i => $"z{i}.test")] };
        await unbound.StartAsync();
        await using var source = Run(unbound);
        var said = await NsdLab.UntilAsync(source, Long, "control list*", "control read");
        Assert.Equal(1000, said.Count(s => s.EndsWith(" Serial 100", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(101)]
    public async Task An_auth_zone_expires_without_its_primary_and_recovers(uint serial)
    {
        LabRequires.Programs("unbound", "unbound-control", "nsd", "nsd-control");
        await using var primary = new PrimaryNsd("sec.test");
        await primary.StartAsync();
        await using var unbound = new UnboundServer { Files = ["file.test"], Secondary = ["sec.test"] };
        await unbound.StartAsync();
        await using var source = Run(unbound, TimeSpan.FromSeconds(2));
        await NsdLab.UntilAsync(source, Long, "control sec.test Serial 100", "control file.test Serial 100");
        await primary.EndAsync();
        var said = await NsdLab.UntilAsync(source, Long, "control sec.test Serial absent (expired)", "control sec.test Expiry 0 (expired)");
        Assert.DoesNotContain(said, s => s.StartsWith("control file.test", StringComparison.Ordinal));
        primary.Serial = serial;
        await primary.StartAsync();
        await NsdLab.UntilAsync(source, TimeSpan.FromSeconds(120), $"control sec.test Serial {serial}", "control sec.test Expiry absent");
    }

    [Theory]
    [InlineData(LabProcess.Term)]
    [InlineData(LabProcess.KillNow)]
    public async Task Its_end_is_a_lost_channel_and_its_next_start_is_read_anew(int signal)
    {
        LabRequires.Programs("unbound", "unbound-control");
        await using var unbound = new UnboundServer { Files = ["one.test"] };
        await unbound.StartAsync();
        await using var source = Run(unbound, TimeSpan.FromSeconds(1));
        await NsdLab.UntilAsync(source, Long, "control read");
        await unbound.EndAsync(signal);
        var said = await NsdLab.UntilAsync(source, Long, "control lost: *");
        Assert.DoesNotContain(said, s => s.Contains("Answering 0", StringComparison.Ordinal) || s.Contains("Serial absent", StringComparison.Ordinal));
        await unbound.StartAsync();
        await NsdLab.UntilAsync(source, Long, "control opened", "control one.test Serial 100", "control read");
    }

    [Fact]
    public async Task A_stopped_one_is_silent_and_not_down_and_goes_on_when_it_may()
    {
        LabRequires.Programs("unbound", "unbound-control");
        await using var unbound = new UnboundServer();
        await unbound.StartAsync();
        await using var source = Run(unbound, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        await NsdLab.UntilAsync(source, Long, "control read");
        unbound.Process.Signal(LabProcess.Stop);
        var said = await NsdLab.UntilAsync(source, Long, "control lost: unbound: silent for 1 s within an answer");
        Assert.DoesNotContain(said, s => s.Contains("Answering 0", StringComparison.Ordinal));
        unbound.Process.Signal(LabProcess.Cont);
        await NsdLab.UntilAsync(source, Long, "control opened", "control read");
    }

    [Fact]
    public async Task The_query_rate_rises_and_falls_with_a_load_and_its_counters_are_not_reset()
    {
        LabRequires.Programs("unbound", "unbound-control", "dnsperf");
        await using var unbound = new UnboundServer { Files = ["one.test"] };
        await unbound.StartAsync();
        await using var source = Run(unbound, rate: TimeSpan.FromSeconds(1));
        await NsdLab.UntilAsync(source, Long, "rate opened", "rate QueryRate 0");
        string questions = Path.Combine(Harness.Lab.FreshDirectory("dnsperf"), "questions");
        await File.WriteAllTextAsync(questions, "www.one.test A\n", TestContext.Current.CancellationToken);
        await using var load = LabProcess.Start(questions + ".log", "dnsperf", "-s", "127.0.0.1", "-d", questions, "-Q", "300", "-l", "120");
        await Wait.UntilAsync("the rate is seen", () => source.Engine.Take().Exists(s => s.StartsWith("rate QueryRate ", StringComparison.Ordinal) && Rate(s) > 50), Long);
        await load.EndAsync(LabProcess.Int);
        await NsdLab.UntilAsync(source, Long, "rate QueryRate 0");
        Assert.DoesNotContain("total.num.queries=0\n", await unbound.ControlAsync("stats_noreset"), StringComparison.Ordinal);
    }

    static long Rate(string word) => long.Parse(word["rate QueryRate ".Length..], System.Globalization.CultureInfo.InvariantCulture);

    static RunningSource Run(UnboundServer unbound, TimeSpan? interval = null, TimeSpan? timeout = null, TimeSpan? rate = null)
    {
        var way = new LineControlOptions("unbound", "UBCT1", unbound.Control, timeout ?? TimeSpan.FromSeconds(5))
        {
            Address = unbound.Tls ? new(IPAddress.Loopback, 8953) : null,
            Keys = unbound.Tls ? new(unbound.ServerCert, unbound.Key, unbound.Cert) : null,
        };
        return new(new UnboundSource(new UnboundOptions("r1", way, true, interval ?? TimeSpan.FromSeconds(60), rate ?? TimeSpan.Zero)));
    }
}
