using System.Text.Json;
using Oops.Core;
using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Daemon;

/// <summary>A node in observe mode beside a real knotd and a real BIRD: what is provoked by hand is seen, what is not was never exercised, and the router is told nothing.</summary>
public sealed class ObservedLabTests
{
    [Fact]
    public async Task A_kill_9_in_observe_is_seen_once_and_what_was_not_provoked_is_never_exercised()
    {
        LabRequires.Programs("knotd", "knotc", "bird");
        await using var node = new Node { Mode = "observe", Withdraw = "[server-down, closed, {is: not zone-ready, share: 50%, for: 1m, relative: false}]" };
        await node.StartObservingAsync();

        await node.Knot.EndAsync(LabProcess.KillNow);
        await Wait.UntilAsync("it would be withdrawn", async () => await node.RouteAsync() is { State: RouteState.Withdrawn, Shadow: true }, state: node.State);
        await node.Knot.StartAsync();
        await Wait.UntilAsync("it would be announced again", async () => await node.RouteAsync() is { State: RouteState.Announced }, TimeSpan.FromSeconds(20), state: node.State);
        Assert.False(await node.AnnouncedAsync());

        var seen = await SeenAsync(node);
        Assert.True(seen.GetProperty("running").GetBoolean());
        var withdraw = Assert.Single(seen.GetProperty("withdraws").GetProperty("newest").EnumerateArray());
        Assert.True(withdraw.GetProperty("observed").GetBoolean());
        Assert.Equal("ns1/server-down", Assert.Single(withdraw.GetProperty("causes").EnumerateArray()).GetString());
        Assert.Equal("announced", withdraw.GetProperty("ended").GetString());
        Assert.InRange(withdraw.GetProperty("out_for").GetDouble(), 0.01, 30);
        Assert.Equal([("server-down", 1), ("closed", 0), ("not zone-ready, share 50%, for 1m, not relative", 0)], Causes(seen));
        Assert.Equal(0, seen.GetProperty("misses").GetProperty("count").GetInt32());

        // Without the daemon, too; the time since it ended is a gap.
        await node.Oops.Process.EndAsync();
        (int code, string text) = await ObservedAsync(node);
        Assert.True(code == 0, text);
        Assert.Contains("oops does not run", text, StringComparison.Ordinal);
        Assert.Contains("seen 1 time", text, StringComparison.Ordinal);
        Assert.Contains("never exercised: oops signal closed ns1 met", text, StringComparison.Ordinal);

        // And what it was is so after a restart, for the observed route as for one that acts.
        await node.Oops.LaunchAsync();
        await Wait.UntilAsync("it is announced as before", async () => await node.RouteAsync() is { State: RouteState.Announced, Shadow: true }, TimeSpan.FromSeconds(20), state: node.State);
        seen = await SeenAsync(node);
        Assert.Equal(2, seen.GetProperty("starts").GetProperty("count").GetInt32());
        Assert.Equal(1, seen.GetProperty("gaps").GetProperty("count").GetInt32());
        Assert.Equal([("server-down", 1), ("closed", 0), ("not zone-ready, share 50%, for 1m, not relative", 0)], Causes(seen));
        Assert.Equal(1, seen.GetProperty("withdraws").GetProperty("count").GetInt32());
    }

    static List<(string? Entry, int Seen)> Causes(JsonElement seen) =>
        [.. seen.GetProperty("causes").EnumerateArray().Where(c => c.GetProperty("list").GetString() == "withdraw-when").Select(c => (c.GetProperty("entry").GetString(), c.GetProperty("seen").GetInt32()))];

    static async Task<JsonElement> SeenAsync(Node node)
    {
        (int code, string text) = await ObservedAsync(node, "--json");
        Assert.True(code == 0, text);
        return JsonDocument.Parse(text).RootElement;
    }

    static Task<(int Code, string Text)> ObservedAsync(Node node, params string[] more) =>
        OopsDaemon.RunProgramAsync([OopsDaemon.Binary!, "observed", "--since", "1h", "--config", node.Oops.ConfigPath, .. more]);
}
