using System.Net;
using Oops.Config;
using Oops.Core;
using Oops.Engine;
using Oops.Routers;
using Oops.Tests.Sources;
using Xunit;

namespace Oops.Tests.Routers;

/// <summary>Real commands: only what one says by its exit code counts.</summary>
public sealed class UpstreamWatchTests
{
    [Theory]
    [InlineData("echo seen; exit 0", State.Met, "exit code 0: seen")]
    [InlineData("echo none >&2; exit 1", State.NotMet, "exit code 1: none")]
    [InlineData("echo connection refused >&2; exit 2", State.Unknown, "exit code 2: connection refused")]
    [InlineData("kill -9 $$", State.Unknown, "killed by SIGKILL")]
    [InlineData("sleep 60", State.Unknown, "timed out")]
    [InlineData("echo $OOPS_ROUTE $OOPS_PREFIXES at $OOPS_SITE", State.Met, "exit code 0: anycast 192.0.2.0/24 2001:db8::/48 at ams1")]
    public async Task What_is_known_comes_by_the_exit_code(string script, State state, string says)
    {
        var seen = await FirstAsync(["/bin/sh", "-c", script]);
        Assert.StartsWith(says, seen.Says, StringComparison.Ordinal);
        Assert.Equal(("anycast", state), (seen.Route, seen.State));
    }

    [Fact]
    public async Task A_command_that_is_not_there_says_nothing() => Assert.Equal(State.Unknown, (await FirstAsync(["/nowhere/looking-glass"])).State);

    [Fact]
    public async Task It_looks_again_and_again()
    {
        var engine = new RecordingEngine();
        using var stop = new CancellationTokenSource();
        var running = Watch(["/bin/true"], TimeSpan.FromMilliseconds(100)).RunAsync(engine, stop.Token);
        engine.Next<UpstreamObserved>();
        engine.Next<UpstreamObserved>();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    static async Task<UpstreamObserved> FirstAsync(string[] command)
    {
        var engine = new RecordingEngine();
        using var stop = new CancellationTokenSource();
        // Once: a next start that is broken off by the end would be taken for one whose file system hangs, by the next test.
        var running = Watch(command, TimeSpan.FromMinutes(1)).RunAsync(engine, stop.Token);
        var seen = engine.Next<UpstreamObserved>();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        return seen;
    }

    static ISource Watch(string[] command, TimeSpan interval)
    {
        var upstream = new UpstreamConfig { Command = command, Interval = interval, Timeout = TimeSpan.FromMilliseconds(command is [.., "sleep 60"] ? 200 : 60_000) };
        var route = new RouteConfig { Prefixes = [IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("2001:db8::/48")], Via = "edge", AnnounceWhen = [], Upstream = upstream };
        return UpstreamWatch.Of("anycast", route, upstream, new OopsConfig { Mode = Mode.Act, Site = "ams1", Servers = new Dictionary<string, ServerConfig>() });
    }
}
