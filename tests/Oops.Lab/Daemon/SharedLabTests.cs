using Oops.Core;
using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Daemon;

/// <summary>An operator whose BIRD announces the prefix already, by a protocol of his own and an export filter that lets all out.</summary>
public sealed class SharedLabTests : IAsyncLifetime
{
    const string Words = $"{Harness.Lab.Prefix4} also comes from protocol static1; while it does, a withdraw of ours takes nothing off the wire: take it out";

    readonly Node node = new();

    /// <summary>The router is read before the route may be admitted: it is found announced.</summary>
    string Config => node.Config.Replace("rise: 0s", "rise: 15s", StringComparison.Ordinal);

    public async ValueTask InitializeAsync()
    {
        LabRequires.Programs("knotd", "knotc", "bird");
        node.Bird.Extra = $"protocol static {{ ipv4; route {Harness.Lab.Prefix4} blackhole; }}";
        node.Bird.Export = "all";
        await Task.WhenAll(node.Upstream.StartAsync(), node.Knot.StartAsync());
        await node.Bird.StartAsync();
        await node.Upstream.HasAsync(Harness.Lab.Prefix4);
    }

    public ValueTask DisposeAsync() => node.DisposeAsync();

    [Fact]
    public async Task Confirm_names_his_protocol_and_once_he_takes_it_out_the_route_is_ours_without_a_gap()
    {
        await node.Oops.StartAsync(Config);
        await Wait.UntilAsync("it is adopted", async () => (await node.StatusAsync()).Contains("adopted/anycast", StringComparison.Ordinal), TimeSpan.FromSeconds(15), state: node.State);
        Assert.Contains("shared/anycast: route anycast: " + Words, await node.StatusAsync(), StringComparison.Ordinal);
        Assert.Contains("shared: " + Words, (await node.Oops.RunAsync("explain", "route/anycast")).Text, StringComparison.Ordinal);
        (int code, string text) = await node.Oops.RunAsync("confirm", "anycast");
        Assert.True(code == 0, text);
        Assert.Contains("anycast is ours; but " + Words, text, StringComparison.Ordinal);
        await Wait.UntilAsync("ours is beneath his", async () => await node.Bird.StateOfAsync("oops_anycast_plain4") == "up", TimeSpan.FromSeconds(15), state: node.State);

        // He does what it says.
        node.Bird.Extra = "";
        await node.Bird.WriteConfigAsync();
        await node.Bird.AskAsync("configure");
        await Wait.UntilAsync("nothing is shared any more", async () => !(await node.StatusAsync()).Contains("also comes from", StringComparison.Ordinal), TimeSpan.FromSeconds(30), state: node.State);
        Assert.Equal(0, node.Upstream.Withdraws(Harness.Lab.Prefix4));
        Assert.True(await node.AnnouncedAsync());
        await node.Knot.Process.EndAsync(LabProcess.KillNow);
        await node.Upstream.LacksAsync(Harness.Lab.Prefix4);
    }

    [Fact]
    public async Task While_his_is_there_a_proof_withdraws_nothing_and_the_alarms_say_what_is_still_announced_and_by_whom()
    {
        await node.Oops.StartAsync(Config);
        await Wait.UntilAsync("it is adopted", async () => (await node.StatusAsync()).Contains("adopted/anycast", StringComparison.Ordinal), TimeSpan.FromSeconds(15), state: node.State);
        Assert.Equal(0, (await node.Oops.RunAsync("confirm", "anycast")).Code);
        await node.Knot.Process.EndAsync(LabProcess.KillNow);
        string text = "";
        await Wait.UntilAsync("both alarms stand", async () => (text = await node.StatusAsync()).Contains("missing/edge", StringComparison.Ordinal) && text.Contains("shared/anycast", StringComparison.Ordinal), TimeSpan.FromSeconds(20), state: node.State);
        Assert.Contains($"anycast ({Harness.Lab.Prefix4}): asked for withdrawn, it shows announced (exported to up by protocol static1, not by ours), for ", text, StringComparison.Ordinal);
        Assert.True(await node.AnnouncedAsync());
    }

    [Fact]
    public async Task Check_live_names_him_in_mode_observe_and_fails_where_bird_does_not_include_our_file()
    {
        string config = Path.Combine(Harness.Lab.FreshDirectory("shared"), "oops.yaml");
        node.Mode = "observe";
        await File.WriteAllTextAsync(config, node.Config.Replace("include:", $"config: {node.Bird.ConfigPath}, include:", StringComparison.Ordinal));
        string program = OopsDaemon.Binary ?? throw new InvalidOperationException("oops is not built: make build");
        (int code, string text) = await OopsDaemon.RunProgramAsync(program, "check", "--live", "--config", config);
        Assert.True(code == 0, text);
        Assert.Contains("note  route anycast: " + Words, text, StringComparison.Ordinal);

        await File.WriteAllTextAsync(node.Bird.ConfigPath, (await File.ReadAllTextAsync(node.Bird.ConfigPath)).Replace("include \"", "# include \"", StringComparison.Ordinal));
        (code, text) = await OopsDaemon.RunProgramAsync(program, "check", "--live", "--config", config);
        Assert.Equal(1, code);
        Assert.Contains($"FAIL  action edge: {node.Bird.ConfigPath} does not include {node.Bird.IncludeDirectory}/bird-edge.conf; write, on a line of its own: include \"{node.Bird.Include}\";", text, StringComparison.Ordinal);
    }
}
