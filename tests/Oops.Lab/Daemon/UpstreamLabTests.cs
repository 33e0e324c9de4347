using Oops.Core;
using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Daemon;

/// <summary>What the neighbour really has is read from the neighbour's own BIRD, by a command, as an operator's looking glass is.</summary>
public sealed class UpstreamLabTests : IAsyncLifetime
{
    readonly Node node = new();

    public async ValueTask InitializeAsync()
    {
        string look = Path.Combine(Harness.Lab.FreshDirectory("look"), "at-upstream");
        await File.WriteAllTextAsync(look, $$"""
            #!/bin/sh
            for prefix in $OOPS_PREFIXES; do
                answer=$(birdc -s {{node.Upstream.Client.Path}} show route "$prefix" 2>&1)
                case $answer in
                    *{{Harness.Lab.Node4}}*) echo "$prefix is there" ;;
                    *"Network not found"*) echo "$prefix is not there"; exit 1 ;;
                    *) echo "$answer"; exit 2 ;;
                esac
            done
            """);
        File.SetUnixFileMode(look, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        node.Route = $", drain: {{ graceful: 0s, linger: 0s }}, upstream: {{ command: [{look}], interval: 1s, within: 2s }}";
        await node.StartAsync();
    }

    public ValueTask DisposeAsync() => node.DisposeAsync();

    async Task<UpstreamReport> UntilAsync(State state)
    {
        await Wait.UntilAsync($"the upstream is seen {state}", async () => (await node.RouteAsync()).Upstream?.State == state, TimeSpan.FromSeconds(20), state: node.State);
        return (await node.RouteAsync()).Upstream!;
    }

    Task AlarmAsync(bool there) => Wait.UntilAsync(
        $"the alarm is {(there ? "there" : "over")}", async () => (await node.StatusAsync()).Contains("upstream/anycast", StringComparison.Ordinal) == there, TimeSpan.FromSeconds(20), state: node.State);

    [Fact]
    public async Task A_route_that_the_neighbour_filters_is_alarmed_and_stays_as_it_is()
    {
        Assert.Contains($"{Harness.Lab.Prefix4} is there", (await UntilAsync(State.Met)).Says, StringComparison.Ordinal);
        await node.Upstream.FilterAsync("none");
        await node.Upstream.LacksAsync(Harness.Lab.Prefix4);
        Assert.Contains($"{Harness.Lab.Prefix4} is not there", (await UntilAsync(State.NotMet)).Says, StringComparison.Ordinal);
        await AlarmAsync(there: true);
        string text = await node.StatusAsync();
        Assert.Contains("edge announces route anycast, and its upstream does not show it", text, StringComparison.Ordinal);
        RouteReport route = await node.RouteAsync();
        Assert.Equal((RouteState.Announced, RouteForm.Plain), (route.State, route.Router!.Value));
        await node.Upstream.FilterAsync("all");
        await UntilAsync(State.Met);
        await AlarmAsync(there: false);
    }

    [Fact]
    public async Task A_drain_waits_for_what_the_neighbour_has()
    {
        await UntilAsync(State.Met);
        (int code, string text) = await node.Oops.RunAsync("drain", "anycast", "--wait", "--timeout", "20s");
        Assert.True(code == 0, text);
        Assert.Equal(State.NotMet, (await node.RouteAsync()).Upstream!.State);
        Assert.Contains("anycast: what else covers is not known here", text, StringComparison.Ordinal);
    }
}
