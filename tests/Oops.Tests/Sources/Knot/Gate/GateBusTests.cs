using Oops.DBus;
using Oops.Sources.Knot;
using Oops.Sources.Knot.Gate;
using Oops.Tests.DBus;
using Oops.Wire.DBus;
using Xunit;

namespace Oops.Tests.Sources.Knot.Gate;

/// <summary>What the bus is worth to the gate: it says where to look, and only the server itself says so.</summary>
public sealed class GateBusTests : IAsyncDisposable
{
    readonly FakeBus bus = new();
    readonly GateRig rig = new();

    public async ValueTask DisposeAsync()
    {
        await rig.DisposeAsync();
        await bus.DisposeAsync();
    }

    [Theory]
    [InlineData("s")]
    [InlineData("su")]
    public async Task Both_signatures_of_external_verify_make_it_look(string signature)
    {
        await OpenAsync(Environment.ProcessId);
        rig.Knot.Hold("a.test", 8);
        await SayAsync("a.test.", signature);
        Assert.Equal(("a.test", GateEnd.Committed), await EndAsync());
        Assert.Contains("zone-status a.test", rig.Knot.Commands);
    }

    [Fact]
    public async Task A_signal_that_comes_twice_is_one_verdict_and_one_of_a_new_version_ends_the_one_before()
    {
        await OpenAsync(Environment.ProcessId);
        rig.Judge = async (_, serial, stop) =>
        {
            if (serial == 8) await Task.Delay(-1, stop);
            return GateVerdict.Pass("good");
        };
        rig.Knot.Hold("a.test", 8);
        await SayAsync("a.test.", "su");
        await SayAsync("a.test.", "su");
        await rig.UntilAsync(() => rig.Gate.Counts[GateCount.Heard] == 2 && !rig.Judged.IsEmpty);
        await rig.NothingMoreAsync();
        rig.Knot.Hold("a.test", 9);
        await SayAsync("a.test.", "su");
        var ends = new[] { await rig.NextAsync(), await rig.NextAsync() }.OrderBy(o => o.Serial);
        Assert.Equal([(8u, GateEnd.Superseded), (9u, GateEnd.Committed)], ends.Select(o => (o.Serial, o.End)));
        Assert.Equal(["a.test 8", "a.test 9"], rig.Judged);
        Assert.Equal(["zone-commit a.test"], rig.Knot.Answers);
    }

    [Fact]
    public async Task Another_process_than_the_server_is_not_heard_and_that_is_told()
    {
        await OpenAsync(1);
        await rig.UntilAsync(() => rig.Channels.Contains($"bus d-bus: cz.nic.knotd belongs to pid 1, but the server is pid {Environment.ProcessId}"));
        rig.Knot.Hold("a.test", 8);
        await SayAsync("a.test.", "su");
        await rig.UntilAsync(() => rig.Gate.Counts[GateCount.Foreign] == 1);
        await rig.NothingMoreAsync();
        Assert.Empty(rig.Judged);
    }

    [Fact]
    public async Task What_no_zone_of_the_server_has_is_looked_at_and_left()
    {
        await OpenAsync(Environment.ProcessId);
        await SayAsync("nope.test.", "su");
        await SayAsync("-\u001b[2J.", "su");
        await SayAsync("a..b.", "su");
        await rig.UntilAsync(() => rig.Knot.Commands.Contains("zone-status nope.test"));
        await rig.NothingMoreAsync();
        Assert.Equal(1, rig.Gate.Counts[GateCount.Heard]);
        Assert.Empty(rig.Knot.Answers);
        Assert.DoesNotContain(rig.Channels, c => c.StartsWith("control knot", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_bus_that_was_away_makes_it_look_at_all_when_it_is_back()
    {
        await OpenAsync(Environment.ProcessId);
        bus.Client.Dispose();
        await rig.UntilAsync(() => rig.Channels.Contains("bus d-bus: the bus closed the connection"));
        await rig.NothingMoreAsync();
        rig.Knot.Hold("a.test", 8);
        var subscribing = SubscribeAsync(Environment.ProcessId);
        await rig.UntilAsync(() => subscribing.IsCompleted);
        await subscribing;
        Assert.Equal(("a.test", GateEnd.Committed), await EndAsync());
    }

    async Task<(string, GateEnd)> EndAsync() => await rig.NextAsync() is var outcome ? (outcome.Zone, outcome.End) : default;

    async Task OpenAsync(int pid)
    {
        // Long intervals: what is found is found by the signal.
        rig.Run(o => o with { Bus = bus.Options.Address, Interval = TimeSpan.FromHours(10), Timeout = TimeSpan.FromMinutes(10) });
        await SubscribeAsync(pid);
        await rig.UntilAsync(() => rig.Channels.Contains("control null") && rig.Channels.Any(c => c.StartsWith("bus ", StringComparison.Ordinal)));
        await rig.NothingMoreAsync();
    }

    async Task SubscribeAsync(int pid)
    {
        await bus.WelcomeAsync();
        await bus.AnswerAsync(await bus.CallAsync(), "", null);
        await bus.AnswerAsync(await bus.CallAsync(), "", null);
        await bus.AnswerAsync(await bus.CallAsync(), "s", new DBusWriter().String(":1.2"));
        await bus.AnswerAsync(await bus.CallAsync(), "u", new DBusWriter().UInt32((uint)pid));
    }

    Task SayAsync(string zone, string signature)
    {
        var body = new DBusWriter().String(zone);
        return bus.SendAsync(KnotSignalTests.Make("external_verify", signature, signature == "su" ? body.UInt32(8) : body));
    }
}
