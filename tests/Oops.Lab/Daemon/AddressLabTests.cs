using Oops.Core;
using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Daemon;

/// <summary>The anycast address goes from the loopback while the server runs, and comes back.</summary>
public sealed class AddressLabTests : IAsyncLifetime
{
    readonly Node node = new();

    public async ValueTask InitializeAsync() => await node.StartAsync();

    public async ValueTask DisposeAsync()
    {
        // The laboratory is everybody's.
        await AddressAsync("replace");
        await node.DisposeAsync();
    }

    static Task AddressAsync(string verb) => OopsDaemon.DoProgramAsync("ip", "addr", verb, $"{Harness.Lab.Anycast4}/32", "dev", "lo");

    [Fact]
    public async Task A_route_whose_address_is_gone_is_kept_and_says_why()
    {
        await AddressAsync("del");
        await Wait.UntilAsync("it says what is missing", async () => (await node.RouteAsync()) is { State: RouteState.Kept } route && route.Because.Contains($"{Harness.Lab.Anycast4} is not an address of this host", StringComparison.Ordinal), TimeSpan.FromSeconds(15), state: node.State);
        Assert.Equal(0, node.Upstream.Withdraws(Harness.Lab.Prefix4));
        await AddressAsync("add");
        await Wait.UntilAsync("it is announced as ever", async () => (await node.RouteAsync()).State == RouteState.Announced, TimeSpan.FromSeconds(15), state: node.State);
    }

    [Fact]
    public async Task Without_the_address_nothing_is_announced_at_a_start()
    {
        await node.Oops.Process.EndAsync();
        await AddressAsync("del");
        await node.Bird.Process.EndAsync();
        await node.Upstream.LacksAsync(Harness.Lab.Prefix4, TimeSpan.FromSeconds(15));
        File.Delete(node.Bird.Include.Replace("*", "edge", StringComparison.Ordinal));
        await node.Bird.StartAsync();
        await node.Oops.LaunchAsync();
        await Wait.UntilAsync("it says what is missing", async () => (await node.RouteAsync()).Blocked.Any(b => b.Contains("is not an address of this host", StringComparison.Ordinal)), TimeSpan.FromSeconds(15), state: node.State);
        Assert.False(await node.AnnouncedAsync());
        await AddressAsync("add");
        await node.Upstream.HasAsync(Harness.Lab.Prefix4, deadline: TimeSpan.FromSeconds(30));
    }
}
