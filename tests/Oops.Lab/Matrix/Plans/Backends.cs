using Oops.Lab.Harness;

namespace Oops.Lab.Matrix.Plans;

/// <summary>A server that has none of its own to say: the only one that it asks is stopped.</summary>
internal static class Backends
{
    /// <summary>The condition's name.</summary>
    public const string None = "no-backends";

    public static Plan Down { get; } = new([Rows.Backends], new(), async stage =>
    {
        await stage.BelievesAsync(None, "not-met");
        // At any phase of its checks.
        await Task.Delay(TimeSpan.FromMilliseconds(500 + Random.Shared.Next(1000)));
        var stopped = DateTimeOffset.UtcNow;
        stage.Primary.Process.Signal(LabProcess.Stop);
        var down = await stage.SeenAsync(None, "met", stopped);
        var goes = DateTimeOffset.UtcNow;
        stage.Primary.Process.Signal(LabProcess.Cont);
        return new() { [Rows.Backends] = new(down, await stage.SeenAsync(None, "not-met", goes)) };
    })
    { Quick = true };
}
