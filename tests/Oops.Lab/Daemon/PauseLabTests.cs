using System.Diagnostics;
using Oops.Core;
using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Daemon;

/// <summary>Our own process stands still (a laptop's lid, a hypervisor, a debugger): SIGSTOP, SIGCONT.</summary>
public sealed class PauseLabTests
{
    /// <summary>Longer than every timeout of a probe (3 x 800 ms) and every interval; 20 s in the long run.</summary>
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(Environment.GetEnvironmentVariable("OOPS_LONG") == "1" ? 20 : 6);

    [Fact]
    public async Task A_pause_of_ours_moves_nothing_while_the_server_is_well_and_what_died_meanwhile_is_withdrawn_at_once()
    {
        await using var node = new Node();
        await node.StartAsync();
        int before = node.Changes;

        node.Oops.Process.Signal(LabProcess.Stop);
        await Wait.StaysAsync("the route", node.AnnouncedAsync, Pause);
        node.Oops.Process.Signal(LabProcess.Cont);
        // Longer than three tries of a probe: if what was late were believed, it would show.
        await Wait.StaysAsync("the route", node.AnnouncedAsync, TimeSpan.FromSeconds(3.5));
        Assert.Equal(before, node.Changes);
        Assert.Equal(RouteState.Announced, (await node.RouteAsync()).State);

        node.Oops.Process.Signal(LabProcess.Stop);
        await node.Knot.EndAsync(LabProcess.KillNow);
        await Wait.StaysAsync("the route, of which nobody is there to say otherwise", node.AnnouncedAsync, TimeSpan.FromSeconds(2));
        var watch = Stopwatch.StartNew();
        node.Oops.Process.Signal(LabProcess.Cont);
        await node.Upstream.LacksAsync(Harness.Lab.Prefix4, Node.Soon);
        TestContext.Current.TestOutputHelper?.WriteLine($"withdrawn {watch.Elapsed.TotalMilliseconds:0} ms after SIGCONT");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(1), $"{watch.Elapsed.TotalMilliseconds:0} ms");
    }
}
