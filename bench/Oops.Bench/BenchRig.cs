using Oops.Lab.Harness;

namespace Oops.Bench;

/// <summary>The real servers that a bench of the whole daemon stands on: upstream BIRD, local BIRD, a bus and a knotd with the zones.</summary>
internal sealed class BenchRig(IReadOnlyList<string> zones) : IAsyncDisposable
{
    public UpstreamBird Upstream { get; } = new();

    public Bird Bird { get; } = new();

    public DbusDaemon Bus { get; } = new();

    public Knotd Knot { get; private set; } = null!;

    /// <summary>What is not installed here, in words; null: nothing.</summary>
    public static string? Missing => Oops.Lab.Harness.Lab.Missing("knotd", "knotc", "bird", "dbus-daemon");

    public async Task StartAsync()
    {
        await Upstream.StartAsync();
        await Bird.StartAsync();
        await Bus.StartAsync();
        Knot = new() { Files = zones, BusAddress = Bus.Address };
        await Knot.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Knot is not null) await Knot.DisposeAsync();
        await Bus.DisposeAsync();
        await Bird.DisposeAsync();
        await Upstream.DisposeAsync();
    }
}
