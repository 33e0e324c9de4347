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
    const string Second4 = "192.0.2.64/28";

    readonly Node node = new();

    public async ValueTask InitializeAsync()
    {
        // For a session beside BIRD's.
        node.Upstream.Extra = $$"""
            protocol bgp beside {
                local {{Harness.Lab.Upstream6}} as {{Harness.Lab.UpstreamAs}};
                neighbor {{Harness.Lab.Node6}} as {{Harness.Lab.NodeAs}};
                passive;
                debug { routes };
                ipv4 { import all; export none; };
                ipv6 { import all; export none; };
            }
            """;
        await node.StartAsync();
    }

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
        // Its folder is in no config any more, and is remembered.
        await node.Oops.Process.EndAsync();
        await node.Oops.LaunchAsync();
        Assert.Contains($"`rm {File("edge")} && birdc configure` takes it away", await node.StatusAsync(), StringComparison.Ordinal);
        // As it says.
        System.IO.File.Delete(File("edge"));
        await node.Bird.AskAsync("configure");
        await node.Upstream.LacksAsync(Harness.Lab.Prefix4);
    }

    /// <summary>Two actions at one BIRD, and two routes.</summary>
    string Two(string? first, string second) => string.Join('\n', node.Config.Split('\n')
        .Select(l => l.Contains("bird:", StringComparison.Ordinal) ? $"  bird: [ {(first is null ? "" : $"{Bird("edge")}, ")}{Bird("rand")} ]" : l)
        .SelectMany(l => l.Contains("via: edge", StringComparison.Ordinal)
            ? (string[])[.. first is null ? [] : new[] { l.Replace("via: edge", $"via: {first}", StringComparison.Ordinal) }, l.Replace("anycast:", "other:", StringComparison.Ordinal).Replace(Harness.Lab.Prefix4, Second4, StringComparison.Ordinal).Replace(", all-zones-ready", "", StringComparison.Ordinal).Replace("via: edge", $"via: {second}", StringComparison.Ordinal)]
            : [l]));

    string Bird(string name) => $"{{ name: {name}, socket: {node.Bird.Socket}, include: \"{node.Bird.Include}\" }}";

    [Fact]
    public async Task A_route_that_moves_between_two_actions_that_stay_is_never_defined_twice_and_does_not_leave()
    {
        await ReloadAsync(Two("edge", "edge"));
        await node.Upstream.HasAsync(Second4, deadline: TimeSpan.FromSeconds(15));
        await ReloadAsync(Two("edge", "rand"));
        await TakesAsync();
        await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.DoesNotContain("orphan", await node.StatusAsync(), StringComparison.Ordinal);
        Assert.Equal((0, 0), (node.Upstream.Withdraws(Harness.Lab.Prefix4), node.Upstream.Withdraws(Second4)));
        // Each has something to write now.
        node.Knot.Process.Signal(LabProcess.KillNow);
        await node.Upstream.LacksAsync(Harness.Lab.Prefix4);
        await node.Upstream.LacksAsync(Second4);
        await Wait.UntilAsync("the route is in the file of its action alone", async () =>
            System.IO.File.Exists(File("rand")) && (await System.IO.File.ReadAllTextAsync(File("rand"))).Contains("# route other withdrawn", StringComparison.Ordinal)
            && !(await System.IO.File.ReadAllTextAsync(File("edge"))).Contains("# route other", StringComparison.Ordinal), state: node.State);
        await TakesAsync();
        Assert.Empty(BirdStrays.Doubles(node.Bird.Include));
        await node.Knot.Process.EndAsync(0);
        await node.Knot.StartAsync();
        await node.Upstream.HasAsync(Harness.Lab.Prefix4, deadline: TimeSpan.FromSeconds(20));
        await node.Upstream.HasAsync(Second4, deadline: TimeSpan.FromSeconds(20));
        await TakesAsync();
        Assert.Equal((1, 1), (node.Upstream.Withdraws(Harness.Lab.Prefix4), node.Upstream.Withdraws(Second4)));
    }

    [Fact]
    public async Task What_a_removed_action_left_is_released_via_another_action_whose_glob_takes_it_in()
    {
        await ReloadAsync(Two("edge", "rand"));
        await node.Upstream.HasAsync(Second4, deadline: TimeSpan.FromSeconds(15));
        await node.Oops.WriteAsync(Two(null, "rand"));
        (int code, string text) = await node.Oops.RunAsync("reload");
        Assert.True(code == 4, text);
        Assert.Contains("`oops release PREFIX` takes each away", text, StringComparison.Ordinal);
        (code, text) = await node.Oops.RunAsync("confirm");
        Assert.True(code == 0, text);
        await Wait.UntilAsync("it is an orphan of the other", async () => await node.StatusAsync() is var status && status.Contains("orphan/rand", StringComparison.Ordinal) && status.Contains("stray/bird-edge.conf", StringComparison.Ordinal), TimeSpan.FromSeconds(40), state: node.State);
        Assert.NotNull(await node.Upstream.RouteAsync(Harness.Lab.Prefix4));
        (code, text) = await node.Oops.RunAsync("release", Harness.Lab.Prefix4);
        Assert.True(code == 0, text);
        await node.Upstream.LacksAsync(Harness.Lab.Prefix4);
        await Wait.UntilAsync("its file is gone", () => !System.IO.File.Exists(File("edge")));
        await TakesAsync();
        Assert.Equal((1, 0), (node.Upstream.Updates(Second4), node.Upstream.Withdraws(Second4)));
    }

    [Fact]
    public async Task A_route_that_goes_from_bird_to_the_speaker_waits_for_confirm_and_is_announced_by_both_until_a_person_takes_the_file_away()
    {
        await node.Oops.WriteAsync(string.Join('\n', node.Config.Replace("via: edge", "via: wire", StringComparison.Ordinal).Split('\n').Select(l => l.Contains("bird:", StringComparison.Ordinal)
            ? $"  speaker: [ {{ name: wire, asn: {Harness.Lab.NodeAs}, router-id: 10.99.0.9, peers: [ {{ address: \"{Harness.Lab.Upstream6}\", asn: {Harness.Lab.UpstreamAs}, next-hop4: {Harness.Lab.Node4} }} ] }} ]" : l)));
        (int code, string text) = await node.Oops.RunAsync("reload");
        Assert.True(code == 4, text);
        Assert.Contains($"no action of the config owns {File("edge")}", text, StringComparison.Ordinal);
        Assert.Equal(0, (await node.Oops.RunAsync("confirm")).Code);
        await Wait.UntilAsync("the speaker announces it, too", async () => (await node.Upstream.Client.AskAsync($"show route {Harness.Lab.Prefix4} protocol beside", default)).Reply is { Ok: true } r && r.Lines.Any(l => l.Text.Contains(Harness.Lab.Prefix4, StringComparison.Ordinal)), TimeSpan.FromSeconds(30), state: node.State);
        Assert.Contains("stray/bird-edge.conf", await node.StatusAsync(), StringComparison.Ordinal);
        Assert.Equal(0, node.Upstream.Withdraws(Harness.Lab.Prefix4));
        System.IO.File.Delete(File("edge"));
        await node.Bird.AskAsync("configure");
        await Wait.UntilAsync("BIRD has withdrawn it", () => node.Upstream.Withdraws(Harness.Lab.Prefix4) == 1, TimeSpan.FromSeconds(5));
        Assert.NotNull(await node.Upstream.RouteAsync(Harness.Lab.Prefix4));
        // It dies with the server: nothing of BIRD's is left behind it.
        node.Knot.Process.Signal(LabProcess.KillNow);
        await node.Upstream.LacksAsync(Harness.Lab.Prefix4);
    }
}
