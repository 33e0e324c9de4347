using Oops.Lab.Harness;
using Oops.Sources.Knot;
using Oops.Wire.Knot;
using Xunit;

namespace Oops.Lab.Knot;

public sealed class KnotControlLabTests
{
    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task A_real_knotd_says_who_it_is_and_what_it_serves()
    {
        LabRequires.Programs("knotd", "knotc");
        await using var knot = new Knotd { Files = ["one.test", "two.test"] };
        await knot.StartAsync();
        await using var control = await OpenAsync(knot.Control);
        Assert.Equal(knot.Process.Pid, control.PeerPid);
        Assert.StartsWith("3.", (await control.VersionAsync(default)).Version, StringComparison.Ordinal);

        var zones = new List<KnotZoneStatus>();
        Assert.Null(await control.ZoneStatusAsync([], zones.Add, default));
        Assert.Equal(["one.test.", "two.test."], zones.Select(z => z.Zone).Order());
        Assert.All(zones, z => Assert.True(z is { Loaded: true, Serial: 100, Role: KnotRole.Master }));

        zones.Clear();
        Assert.Null(await control.ZoneStatusAsync(["two.test", "nope.test", "ONE.test."], zones.Add, default));
        Assert.Equal([("two.test.", null), ("nope.test", "no such zone found"), ("one.test.", null)], zones.Select(z => (z.Zone, z.Error)));
    }

    [Fact]
    public async Task Nobody_listens_where_knotd_was_killed()
    {
        LabRequires.Programs("knotd", "knotc");
        await using var knot = new Knotd { Files = ["one.test"] };
        await knot.StartAsync();
        await knot.EndAsync(LabProcess.KillNow);
        var opened = await KnotControl.OpenAsync(knot.Control, Timeout, TimeProvider.System, default);
        Assert.True(opened.Nobody);
        Assert.Contains("Connection refused", opened.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_open_session_keeps_others_waiting_on_3_2_so_ours_end_at_once()
    {
        LabRequires.Programs("knotd", "knotc");
        await using var knot = new Knotd { Files = ["one.test"] };
        await knot.StartAsync();
        await using (var held = await OpenAsync(knot.Control))
        {
            Assert.Null(await held.AskAsync(new KnotRequest("status"), static (in KnotUnit _) => true, default));
            await using var second = await KnotControlAsync(knot.Control, TimeSpan.FromMilliseconds(500));
            var (version, why) = await second.VersionAsync(default);
            if (version is not null) Assert.False(version.StartsWith("3.2", StringComparison.Ordinal), "knotd 3.2 serves sessions in parallel after all");
            else Assert.StartsWith("knot: silent for", why, StringComparison.Ordinal);
        }

        await using var third = await OpenAsync(knot.Control);
        Assert.NotNull((await third.VersionAsync(default)).Version);
    }

    static Task<KnotControl> OpenAsync(string path) => KnotControlAsync(path, Timeout);

    static async Task<KnotControl> KnotControlAsync(string path, TimeSpan timeout)
    {
        var opened = await KnotControl.OpenAsync(path, timeout, TimeProvider.System, default);
        return opened.Control ?? throw new InvalidOperationException(opened.Why);
    }
}
