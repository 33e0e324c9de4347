namespace Oops.Lab.Matrix.Plans;

/// <summary>A zone that expires at a server which says nothing of it before.</summary>
internal static class Lapse
{
    public static Plan Quiet { get; } = new([Rows.Expired, Rows.Ready], new() { Timers = new(Refresh: 2, Retry: 1, Expire: 8) }, async stage =>
    {
        string zone = stage.Zone;
        await stage.BelievesAsync($"expired/{zone}", "not-met");
        await stage.BelievesAsync($"zone-ready/{zone}", "met");
        var broken = DateTimeOffset.UtcNow;
        await stage.Primary.BreakAsync();
        var gone = await stage.Truth.UntilAsync(zone, Truth.Denied);
        var expired = await stage.SeenAsync($"expired/{zone}", "met", broken, gone);
        var notReady = await stage.SeenAsync($"zone-ready/{zone}", "not-met", broken, gone);
        var repaired = DateTimeOffset.UtcNow;
        uint serial = await stage.Primary.UpdateAsync(zone);
        await stage.Primary.StartAsync();
        await stage.Primary.NotifyAsync(zone);
        var back = await stage.Truth.SerialAsync(zone, serial);
        return new()
        {
            [Rows.Expired] = new(expired, await stage.SeenAsync($"expired/{zone}", "not-met", repaired, back)),
            [Rows.Ready] = new(await stage.SeenAsync($"zone-ready/{zone}", "met", repaired, back), notReady),
        };
    });
}
