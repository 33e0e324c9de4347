using Oops.Core;
using Oops.Sources.Process;
using Oops.Tests.Native;
using Xunit;

namespace Oops.Tests.Sources.Process;

/// <summary>A real process that does nothing, looked at at the times that a test says.</summary>
public sealed class WorkSamplerTests : IDisposable
{
    static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    readonly ChildProcess server = new("sleep", "60");
    readonly WorkSampler sampler = new(Window);

    // One that is still being started works, and waits for a CPU.
    public WorkSamplerTests() => Assert.True(SpinWait.SpinUntil(() => File.ReadAllText($"/proc/{server.Pid}/stat").Contains("(sleep) S ", StringComparison.Ordinal), TimeSpan.FromSeconds(20)));

    [Fact]
    public void Idle_is_who_did_nothing_over_a_window()
    {
        Assert.Null(Look(0));
        Assert.Null(Look(0.5));
        Assert.True(Look(1.0) is { Idle: true, Over.TotalSeconds: 1 });
    }

    [Fact]
    public void Over_a_gap_in_which_we_stood_still_nothing_was_measured()
    {
        Assert.Null(Look(0));
        Assert.Null(Look(0.5));
        // The host was suspended, or we were starved: whoever did nothing meanwhile could do nothing.
        Assert.Null(Look(20));
        Assert.Null(Look(20.5));
        Assert.True(Look(21) is { Idle: true, Over.TotalSeconds: 1 });
    }

    [Fact]
    public void What_was_seen_before_the_silence_does_not_count()
    {
        Assert.Null(Look(0));
        Assert.Null(Look(1, since: 0.5));
        Assert.Null(Look(1.4, since: 0.5));
        Assert.True(Look(2, since: 0.5) is { Idle: true, Over.TotalSeconds: 1 });
    }

    public void Dispose() => server.Dispose();

    Finding? Look(double second, double since = 0) => sampler.Sample(server.Pid, At(second), At(since));

    static At At(double second) => new(TimeSpan.FromSeconds(1000 + second).Ticks);
}
