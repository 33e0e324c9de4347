namespace Oops.Lab.Matrix.Plans;

/// <summary>The zones of a secondary: updated, not refreshed until they expire, behind, and a thousand of them.</summary>
internal static class Secondary
{
    const int Many = 1000;

    public static Plan Ixfr { get; } = Update(Rows.Ixfr, "IXFR", differences: true);

    public static Plan Axfr { get; } = Update(Rows.Axfr, "AXFR", differences: false);

    /// <summary>The primary dies; the zone expires; the primary comes back with a new serial, so that its return can be seen.</summary>
    public static Plan Expire { get; } = Expiry(8, TimeSpan.FromSeconds(4));

    /// <summary>The same with a longer life: of a server whose expiry is computed, and does not run out by itself.</summary>
    public static Plan ExpireComputed { get; } = Expiry(34, TimeSpan.FromSeconds(24));

    static Plan Expiry(int seconds, TimeSpan before) => new([Rows.NotRefreshed, Rows.Expiring, Rows.Expired, Rows.Ready], new() { Timers = new(Refresh: 2, Retry: 1, Expire: seconds), ExpiringBefore = before }, async stage =>
    {
        string zone = stage.Zone;
        foreach (string bad in (string[])["not-refreshed", "expiring", "expired"])
            await stage.BelievesAsync($"{bad}/{zone}", "not-met");
        await stage.BelievesAsync($"zone-ready/{zone}", "met");
        var broken = DateTimeOffset.UtcNow;
        await stage.Primary.BreakAsync();
        var gone = stage.Node.ExpiredAt is { } told ? await told(zone) : await stage.Truth.UntilAsync(zone, Truth.Denied);
        var notRefreshed = await stage.SeenAsync($"not-refreshed/{zone}", "met", broken);
        var expiring = await stage.SeenAsync($"expiring/{zone}", "met", broken, gone - before);
        var expired = await stage.SeenAsync($"expired/{zone}", "met", broken, gone);
        var notReady = stage.Node.DropZone is { } drop ? await DroppedAsync(stage, zone, drop) : await stage.SeenAsync($"zone-ready/{zone}", "not-met", broken, gone);
        var repaired = DateTimeOffset.UtcNow;
        uint serial = await stage.Primary.UpdateAsync(zone);
        await stage.Primary.StartAsync();
        if (stage.Node.DropZone is not null) await stage.Node.ReturnZoneAsync(zone);
        await stage.Primary.NotifyAsync(zone);
        var back = await stage.Truth.SerialAsync(zone, serial);
        return new()
        {
            [Rows.NotRefreshed] = new(notRefreshed, await stage.SeenAsync($"not-refreshed/{zone}", "not-met", repaired, back)),
            [Rows.Expiring] = new(expiring, await stage.SeenAsync($"expiring/{zone}", "not-met", repaired, back)),
            [Rows.Expired] = new(expired, await stage.SeenAsync($"expired/{zone}", "not-met", repaired, back)),
            [Rows.Ready] = new(await stage.SeenAsync($"zone-ready/{zone}", "met", repaired, back), notReady),
        };
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

    /// <summary>A server with a thousand zones starts; then its primary dies, and they expire.</summary>
    public static Plan Thousand { get; } = new([Rows.AllReady], new() { Zones = [.. Enumerable.Range(0, Many).Select(i => $"z{i:0000}.test")], ProbesZones = false }, async stage =>
    {
        await stage.BelievesAsync("all-zones-ready", "met");
        await stage.Node.Process.EndAsync(patience: TimeSpan.FromSeconds(30));
        var from = DateTimeOffset.UtcNow;
        await stage.Node.LaunchAsync();
        var all = await stage.Truth.AllAsync(stage.Zones);
        var ready = await stage.SeenAsync("all-zones-ready", "met", from, all);
        var begun = DateTimeOffset.UtcNow;
        string victim = stage.Zone;
        await stage.Node.RemoveZoneAsync(victim);
        var gone = await stage.Truth.UntilAsync(victim, Truth.Denied);
        var notReady = await stage.SeenAsync("all-zones-ready", "not-met", begun, gone);
        await stage.Node.ReturnZoneAsync(victim);
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

    static async Task<Seen> DroppedAsync(Stage stage, string zone, Func<string, Task> drop)
    {
        var from = DateTimeOffset.UtcNow;
        await drop(zone);
        var gone = await stage.Truth.UntilAsync(zone, Truth.Denied);
        return await stage.SeenAsync($"zone-ready/{zone}", "not-met", from, gone);
    }
}
