namespace Oops.Lab.Matrix.Plans;

/// <summary>The zones of a secondary: updated, not refreshed until they expire, behind, and a thousand of them.</summary>
internal static class Secondary
{
    const int Many = 1000;

    public static Plan Ixfr { get; } = Update(Rows.Ixfr, "IXFR", differences: true);

    public static Plan Axfr { get; } = Update(Rows.Axfr, "AXFR", differences: false);

    static readonly TimeSpan Soon = TimeSpan.FromSeconds(4), SoonComputed = TimeSpan.FromSeconds(24);

    /// <summary>The primary dies; the zone expires; the primary comes back with a new serial, so that its return can be seen.</summary>
    public static Plan Expire { get; } = Expiry(8, Soon, Rows.NotRefreshed, Rows.Expiring, Rows.Expired);

    /// <summary>The same with a longer life: of a server whose expiry is computed, and does not run out by itself.</summary>
    public static Plan ExpireComputed { get; } = Expiry(34, SoonComputed, Rows.NotRefreshed, Rows.Expiring, Rows.Expired);

    /// <summary>The same of a server that says nothing of it before.</summary>
    public static Plan ExpireUntold { get; } = Expiry(8, Soon, Rows.Expired);

    // The conditions in trouble have the names of their rows.
    static Plan Expiry(int seconds, TimeSpan before, params string[] bad) => new([.. bad, Rows.Ready], new() { Timers = new(Refresh: 2, Retry: 1, Expire: seconds), ExpiringBefore = before }, async stage =>
    {
        string zone = stage.Zone;
        foreach (string row in bad)
            await stage.BelievesAsync($"{row}/{zone}", "not-met");
        await stage.BelievesAsync($"zone-ready/{zone}", "met");
        var broken = DateTimeOffset.UtcNow;
        await stage.Primary.BreakAsync();
        var gone = stage.Node.ExpiredAt is { } told ? await told(zone) : await stage.Truth.UntilAsync(zone, Truth.Denied);
        var met = new Dictionary<string, Seen>();
        foreach (string row in bad)
            met[row] = await stage.SeenAsync($"{row}/{zone}", "met", broken, row switch { Rows.NotRefreshed => broken, Rows.Expiring => gone - before, _ => gone });
        var notReady = stage.Node.ServesForEver ? await RemovedAsync(stage, zone, $"zone-ready/{zone}") : await stage.SeenAsync($"zone-ready/{zone}", "not-met", broken, gone);
        var repaired = DateTimeOffset.UtcNow;
        uint serial = await stage.Primary.UpdateAsync(zone);
        await stage.Primary.StartAsync();
        if (stage.Node.ServesForEver) await stage.Node.ReturnZoneAsync(zone);
        await stage.Primary.NotifyAsync(zone);
        var back = await stage.Truth.SerialAsync(zone, serial);
        var turns = new Dictionary<string, Turn>();
        foreach (string row in bad)
            turns[row] = new(met[row], await stage.SeenAsync($"{row}/{zone}", "not-met", repaired, back));
        turns[Rows.Ready] = new(await stage.SeenAsync($"zone-ready/{zone}", "met", repaired, back), notReady);
        return turns;
    });

    /// <summary>The primary has a newer zone and does not give it away.</summary>
    public static Plan Behind { get; } = new([Rows.Stale], new(), async stage =>
    {
        string zone = stage.Zone;
        await stage.BelievesAsync($"stale/{zone}", "not-met");
        await stage.Primary.GiveAsync(false);
        var from = DateTimeOffset.UtcNow;
        uint serial = await stage.Primary.UpdateAsync(zone);
        var newer = await stage.PrimaryTruth.SerialAsync(zone, serial);
        var stale = await stage.SeenAsync($"stale/{zone}", "met", from, newer + TimeSpan.FromSeconds(1));
        await stage.Primary.GiveAsync(true);
        var gives = DateTimeOffset.UtcNow;
        serial = await stage.Primary.UpdateAsync(zone);
        var same = await stage.Truth.SerialAsync(zone, serial);
        return new() { [Rows.Stale] = new(stale, await stage.SeenAsync($"stale/{zone}", "not-met", gives, same)) };
    });

    /// <summary>A server with a thousand zones starts; then one of them is taken away.</summary>
    public static Plan Thousand { get; } = new([Rows.AllReady], new() { Zones = [.. Enumerable.Range(0, Many).Select(i => $"z{i:0000}.test")], ProbesZones = false }, async stage =>
    {
        await stage.BelievesAsync("all-zones-ready", "met");
        await stage.Node.Process.EndAsync(patience: TimeSpan.FromSeconds(30));
        var from = DateTimeOffset.UtcNow;
        await stage.Node.LaunchAsync();
        var all = await stage.Truth.AllAsync(stage.Zones);
        var ready = await stage.SeenAsync("all-zones-ready", "met", from, all);
        var notReady = await RemovedAsync(stage, stage.Zone, "all-zones-ready");
        await stage.Node.ReturnZoneAsync(stage.Zone);
        return new() { [Rows.AllReady] = new(ready, notReady) };
    });

    static Plan Update(string row, string how, bool differences) => new([row], new() { Differences = differences }, async stage =>
    {
        // One update in a while, not one after the other: the notify source asks for a zone at once, and then only after its spacing of a second.
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        int given = stage.Primary.Given(how);
        var from = DateTimeOffset.UtcNow;
        uint serial = await stage.Primary.UpdateAsync(stage.Zone);
        var seen = await stage.Truth.SerialAsync(stage.Zone, serial);
        var turn = new Turn(await stage.SeenAsync($"zone-updated/{stage.Zone}", "*", from, seen), null);
        return stage.Primary.Given(how) > given ? new() { [row] = turn } : throw new InvalidOperationException($"the zone was not given away by {how}: {stage.Primary.Process.Tail()}");
    })
    { Quick = true };

    static async Task<Seen> RemovedAsync(Stage stage, string zone, string condition)
    {
        var from = DateTimeOffset.UtcNow;
        await stage.Node.RemoveZoneAsync(zone);
        var gone = await stage.Truth.UntilAsync(zone, Truth.Denied);
        return await stage.SeenAsync(condition, "not-met", from, gone);
    }
}
