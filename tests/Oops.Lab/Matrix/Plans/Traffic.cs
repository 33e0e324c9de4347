using System.Globalization;
using System.Net;
using Oops.Lab.Harness;

namespace Oops.Lab.Matrix.Plans;

/// <summary>Queries: a flood, and names that give Extended DNS Errors.</summary>
internal static class Traffic
{
    const int PerSecond = 3000;

    public static Plan Flood { get; } = new([Rows.RateHigh, Rows.RateRising], new(), async stage =>
    {
        await stage.BelievesAsync("rate-high", "not-met");
        await stage.BelievesAsync("rate-rising", "not-met");
        var begins = DateTimeOffset.UtcNow;
        await using var flood = Asking.Start(stage.Node.Address, stage.Node.Probed, PerSecond);
        var high = await stage.SeenAsync("rate-high", "met", begins);
        var rising = await stage.SeenAsync("rate-rising", "met", begins);
        var ends = DateTimeOffset.UtcNow;
        await flood.EndAsync();
        return new()
        {
            [Rows.RateHigh] = new(high, await stage.SeenAsync("rate-high", "not-met", begins.AddMilliseconds(high.Ms), ends)),
            [Rows.RateRising] = new(rising, await stage.SeenAsync("rate-rising", "not-met", begins.AddMilliseconds(rising.Ms), ends)),
        };
    })
    { BeforeAsync = WakeAsync };

    public static Plan Errors { get; } = new([Rows.Errors], new(), async stage =>
    {
        await stage.BelievesAsync("extended-error", "not-met");
        var begins = DateTimeOffset.UtcNow;
        await using var flood = Asking.Start(stage.Node.Address, stage.Node.ErrorName, 50);
        var met = await stage.SeenAsync("extended-error", "met", begins);
        var ends = DateTimeOffset.UtcNow;
        await flood.EndAsync();
        return new() { [Rows.Errors] = new(met, await stage.SeenAsync("extended-error", "not-met", ends)) };
    })
    { BeforeAsync = WakeAsync, Quick = true };

    // libfstrm connects when there is something to send.
    static async Task WakeAsync(Stage stage)
    {
        await using var gentle = Asking.Start(stage.Node.Address, stage.Node.Probed, 5);
        await stage.BelievesAsync("rate-high", "not-met");
    }
}

/// <summary>dnsperf at a steady rate, with names that were not asked for before.</summary>
internal static class Asking
{
    public static LabProcess Start(IPEndPoint server, string name, int perSecond)
    {
        string folder = Harness.Lab.FreshDirectory("asking");
        string queries = Path.Combine(folder, "queries");
        string once = Guid.NewGuid().ToString("N")[..8];
        File.WriteAllLines(queries, name.Contains('%', StringComparison.Ordinal) ? Enumerable.Range(0, 5000).Select(i => $"{name.Replace("%", $"{once}-{i}", StringComparison.Ordinal)} A") : [$"{name} A"]);
        return LabProcess.Start(Path.Combine(folder, "output"), ["dnsperf", "-e", "-O", "suppress=timeout", "-s", server.Address.ToString(), "-p", server.Port.ToString(CultureInfo.InvariantCulture), "-d", queries,
            "-Q", perSecond.ToString(CultureInfo.InvariantCulture), "-l", "300", "-c", "2", "-q", "100", "-t", "1"]);
    }
}
