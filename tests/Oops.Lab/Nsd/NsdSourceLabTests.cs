using Oops.Lab.Harness;
using Xunit;
using NsdServer = Oops.Lab.Harness.Nsd;

namespace Oops.Lab.Nsd;

/// <summary>The source against a real NSD: what was measured of it is a test each.</summary>
public sealed class NsdSourceLabTests
{
    static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task At_the_start_all_is_read_and_listed_and_serials_of_primaries_are_asked_for_over_DNS(bool tls)
    {
        LabRequires.Programs("nsd", "nsd-control", "nsd-control-setup", "openssl");
        await using var nsd = new NsdServer { Files = ["one.test", "a\\009b.test"], Tls = tls };
        await nsd.StartAsync();
        await using var source = NsdLab.Run(nsd);
        var said = await NsdLab.UntilAsync(source, Long, "control opened", "control Answering 1", "control one.test Serial 100", "control a\\009b.test Serial 100", "control read");
        Assert.Contains("control one.test Expiry absent", said);
        Assert.Equal("control list a\\009b.test one.test .", said.Single(s => s.StartsWith("control list", StringComparison.Ordinal)));
        Assert.DoesNotContain("stats", await File.ReadAllTextAsync(nsd.Log, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_thousand_zones_are_read_and_all_their_serials_asked_for()
    {
        LabRequires.Programs("nsd", "nsd-control");
        await using var nsd = new NsdServer { Files = [.. Enumerable.Range(0, 1000).Select(i => $"z{i}.test")] };
        await nsd.StartAsync();
        await using var source = NsdLab.Run(nsd);
        var said = await NsdLab.UntilAsync(source, Long, "control list*", "control read");
        Assert.Equal(1000, said.Count(s => s.EndsWith(" Serial 100", StringComparison.Ordinal)));
        Assert.DoesNotContain(said, s => s.Contains("Serial absent", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_update_is_seen_and_when_the_zone_expires_follows_from_it(bool axfr)
    {
        LabRequires.Programs("nsd", "nsd-control", "knotd", "knotc");
        await using var primary = new PrimaryKnotd(["one.test"]);
        await primary.StartAsync();
        await using var nsd = new NsdServer { Secondary = ["one.test"], Axfr = axfr };
        await using var source = NsdLab.Run(nsd);
        await nsd.StartAsync();
        await NsdLab.UntilAsync(source, Long, "control one.test Serial 100", "control one.test Expiry *", "control one.test RefreshFailures 0");
        await primary.UpdateAsync("one.test");
        var said = await NsdLab.UntilAsync(source, Long, "control one.test Serial 101", "control one.test Expiry *");
        Assert.DoesNotContain(said, s => s.Contains("Expiry 0", StringComparison.Ordinal) || s.Contains("absent", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_broken_primary_is_a_failed_refresh_then_an_expiry_and_the_zone_recovers_with_the_old_serial_or_a_new_one(bool updated)
    {
        LabRequires.Programs("nsd", "nsd-control", "knotd", "knotc");
        await using var primary = new PrimaryKnotd(["one.test", "two.test"]);
        await primary.StartAsync();
        await using var nsd = new NsdServer { Secondary = ["one.test", "two.test"] };
        await using var source = NsdLab.Run(nsd);
        await nsd.StartAsync();
        await NsdLab.UntilAsync(source, Long, "control one.test Serial 100", "control two.test Serial 100", "control one.test Expiry *");
        await primary.DropKeyAsync("one.test");
        var said = await NsdLab.UntilAsync(source, Long, "control one.test Serial absent (expired)", "control one.test Expiry 0 (expired)", "control one.test RefreshFailures 1");
        Assert.DoesNotContain(said, s => s.StartsWith("control two.test Serial absent", StringComparison.Ordinal) || s.StartsWith("control two.test Expiry 0", StringComparison.Ordinal));
        if (updated) await primary.UpdateAsync("one.test");
        await primary.RestoreKeyAsync("one.test");
        // Without a word of the primary or of NSD: it sends no NOTIFY for the same serial.
        said = await NsdLab.UntilAsync(source, Long, $"control one.test Serial {(updated ? 101 : 100)}", "control one.test RefreshFailures 0", "control one.test Expiry *");
        Assert.NotEqual("control one.test Expiry 0 (expired)", said.Last(s => s.StartsWith("control one.test Expiry ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_zone_whose_file_is_broken_is_dropped_at_a_reload_that_says_ok_and_is_ready_when_it_was_repaired()
    {
        LabRequires.Programs("nsd", "nsd-control");
        await using var nsd = new NsdServer { Files = ["one.test", "two.test"] };
        await nsd.StartAsync();
        // Nothing is pushed: the turn of questions sees it.
        await using var source = NsdLab.Run(nsd, TimeSpan.FromSeconds(2));
        await NsdLab.UntilAsync(source, Long, "control one.test Serial 100", "control read");
        await nsd.WriteZoneAsync("one.test", "garbage\n");
        Assert.Contains("ok", await nsd.ControlAsync("reload"), StringComparison.Ordinal);
        Assert.Contains("state: master", await nsd.ControlAsync("zonestatus", "one.test"), StringComparison.Ordinal);
        var said = await NsdLab.UntilAsync(source, Long, "control one.test Serial absent (SERVFAIL, EDE 14 (Zone is configured but not loaded))");
        Assert.DoesNotContain(said, s => s.StartsWith("control two.test", StringComparison.Ordinal));
        await nsd.WriteZoneAsync("one.test", ZoneText.Of("one.test", 101, new ZoneTimers()));
        await nsd.ControlAsync("reload");
        await NsdLab.UntilAsync(source, Long, "control one.test Serial 101");
    }

    [Theory]
    [InlineData(LabProcess.Term)]
    [InlineData(LabProcess.KillNow)]
    public async Task Its_end_is_a_lost_channel_and_its_next_start_is_read_anew(int signal)
    {
        LabRequires.Programs("nsd", "nsd-control");
        await using var nsd = new NsdServer { Files = ["one.test"] };
        await nsd.StartAsync();
        await using var source = NsdLab.Run(nsd, TimeSpan.FromSeconds(1));
        await NsdLab.UntilAsync(source, Long, "control read");
        await nsd.EndAsync(signal);
        var said = await NsdLab.UntilAsync(source, Long, "control lost: *");
        // While it stops, nobody listens on the socket that is still there.
        Assert.Contains(said, s => s == $"control lost: nsd: Connection refused at {nsd.Control}" || s == $"control lost: nsd: no such socket at {nsd.Control}");
        Assert.DoesNotContain(said, s => s.Contains("Answering 0", StringComparison.Ordinal) || s.Contains("Serial absent", StringComparison.Ordinal));
        await nsd.StartAsync();
        await NsdLab.UntilAsync(source, Long, "control opened", "control one.test Serial 100", "control read");
    }

    [Fact]
    public async Task A_stopped_one_is_silent_and_not_down_and_goes_on_when_it_may()
    {
        LabRequires.Programs("nsd", "nsd-control");
        await using var nsd = new NsdServer { Files = ["one.test"] };
        await nsd.StartAsync();
        await using var source = NsdLab.Run(nsd, TimeSpan.FromSeconds(1), timeout: TimeSpan.FromSeconds(1));
        await NsdLab.UntilAsync(source, Long, "control read");
        nsd.Process.Signal(LabProcess.Stop);
        var said = await NsdLab.UntilAsync(source, Long, "control lost: nsd: silent for 1 s within an answer");
        Assert.DoesNotContain(said, s => s.Contains("Answering 0", StringComparison.Ordinal) || s.Contains("absent (", StringComparison.Ordinal));
        nsd.Process.Signal(LabProcess.Cont);
        await NsdLab.UntilAsync(source, Long, "control opened", "control read");
    }

    [Fact]
    public async Task Restarts_in_the_middle_of_reads_lose_no_zone()
    {
        LabRequires.Programs("nsd", "nsd-control");
        await using var nsd = new NsdServer { Files = [.. Enumerable.Range(0, 2000).Select(i => $"z{i}.test")] };
        await nsd.StartAsync();
        await using var source = NsdLab.Run(nsd, TimeSpan.FromSeconds(1));
        await NsdLab.UntilAsync(source, Long, "control read");
        List<string> said = [];
        for (var i = 0; i < 5; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(150 * i), TestContext.Current.CancellationToken);
            await nsd.EndAsync(LabProcess.KillNow);
            await nsd.StartAsync();
            said.AddRange(await NsdLab.UntilAsync(source, Long, "control opened", "control read"));
        }

        Assert.DoesNotContain(said, s => s.Contains("Serial absent", StringComparison.Ordinal));
        Assert.DoesNotContain(said, s => s.Contains("not in the server's list", StringComparison.Ordinal));
    }
}
