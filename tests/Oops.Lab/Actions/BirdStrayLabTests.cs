using System.Net;
using Oops.Actions.Bird;
using Oops.Core;
using Oops.Lab.Daemon;
using Oops.Lab.Harness;
using Oops.Routers;
using Xunit;

namespace Oops.Lab.Actions;

/// <summary>A `bird` action that is renamed or removed from the config, with a real BIRD.</summary>
public sealed class BirdStrayLabTests : IAsyncLifetime
{
    readonly Node node = new();

    public async ValueTask InitializeAsync() => await node.StartAsync();

    public ValueTask DisposeAsync() => node.DisposeAsync();

    string File(string action) => Path.Combine(node.Bird.IncludeDirectory, $"bird-{action}.conf");

    Task TakesAsync() => OopsDaemon.DoProgramAsync("bird", "-p", "-c", node.Bird.ConfigPath);

    async Task ReloadAsync(string config)
    {
        await node.Oops.WriteAsync(config);
        if ((await node.Oops.RunAsync("reload")).Code == 4)
            Assert.Equal(0, (await node.Oops.RunAsync("confirm")).Code);
    }

    [Fact]
    public async Task A_renamed_action_takes_the_place_of_the_file_and_bird_takes_the_configuration()
    {
        await ReloadAsync(node.Config.Replace("name: edge", "name: rand", StringComparison.Ordinal).Replace("via: edge", "via: rand", StringComparison.Ordinal));
        await TakesAsync();
        Assert.DoesNotContain("stray/", await node.StatusAsync(), StringComparison.Ordinal);
        // What it says to BIRD next is another form of the route: it goes from one to the other without leaving.
        using (var rand = new BirdAction(new BirdConfig { Name = "rand", Socket = node.Bird.Socket, Include = node.Bird.Include, Config = node.Bird.ConfigPath }, [new RouterRoute("anycast", [IPNetwork.Parse(Harness.Lab.Prefix4)])], TimeProvider.System))
            Assert.Equal(Outcome.Done, await rand.ApplyAsync(new RouterIntent("rand", 1, "a test", [new RouteWanted("anycast", [IPNetwork.Parse(Harness.Lab.Prefix4)], RouteForm.Draining, new Degradation(Prepend: 2))]), default));
        Assert.Equal([File("rand")], Directory.GetFiles(node.Bird.IncludeDirectory));
        await TakesAsync();
        Assert.NotNull(await node.Upstream.RouteAsync(Harness.Lab.Prefix4));
        Assert.Equal(0, node.Upstream.Withdraws(Harness.Lab.Prefix4));
    }

    [Fact]
    public async Task A_removed_action_whose_routes_are_announced_waits_for_confirm_and_is_shown_from_then_on()
    {
        await node.Oops.WriteAsync(string.Join('\n', node.Config.Split('\n').Where(l => !l.Contains("bird:", StringComparison.Ordinal) && !l.Contains("via: edge", StringComparison.Ordinal) && l.Trim() is not ("actions:" or "routes:"))));
        (int code, string text) = await node.Oops.RunAsync("reload");
        Assert.True(code == 4, text);
        Assert.Contains($"no action of the config owns {File("edge")}", text, StringComparison.Ordinal);
        (code, text) = await node.Oops.RunAsync("confirm");
        Assert.True(code == 0, text);
        Assert.Contains($"`rm {File("edge")} && birdc configure` takes it away", await node.StatusAsync(), StringComparison.Ordinal);
        Assert.Equal(0, node.Upstream.Withdraws(Harness.Lab.Prefix4));
        // As it says.
        System.IO.File.Delete(File("edge"));
        await node.Bird.AskAsync("configure");
        await node.Upstream.LacksAsync(Harness.Lab.Prefix4);
    }
}
