using System.Net;
using Oops.Actions.Frr;
using Oops.Config;
using Oops.Routers;
using Xunit;

namespace Oops.Tests.Actions.Frr;

/// <summary>The link against a bgpd that answers as recorded, or otherwise than it should; how it works with a real one is in the lab.</summary>
public sealed class FrrLinkTests
{
    static readonly IPNetwork Four = IPNetwork.Parse("192.0.2.53/32");
    static readonly IPNetwork Six = IPNetwork.Parse("2001:db8:53::/48");

    static FrrLink Link(FakeFrr frr, long? asn = null, double timeout = 10) =>
        new(new FrrConfig { Name = "edge", Socket = frr.Path, Asn = asn, Timeout = TimeSpan.FromSeconds(timeout) }, TimeProvider.System);

    /// <summary>A bgpd as recorded; a test says what is otherwise.</summary>
    static Func<string, byte[]> Bgpd(Func<string, byte[]?>? other = null) => command => other?.Invoke(command) ?? command switch
    {
        FrrVersion.Command => FakeFrr.Recorded("version"),
        FrrSummary.Command => FakeFrr.Recorded("summary"),
        "show bgp ipv4 unicast 192.0.2.53/32 json" => FakeFrr.Recorded("plain"),
        "show bgp ipv6 unicast 2001:db8:53::/48 json" => FakeFrr.Recorded("prepend"),
        _ when command.StartsWith("show bgp ", StringComparison.Ordinal) => FakeFrr.Recorded("absent"),
        _ => FakeFrr.Status(0),
    };

    static async Task<LinkRead> ReadAsync(Func<string, byte[]?> other)
    {
        await using var frr = FakeFrr.Answering(Bgpd(other));
        using var link = Link(frr);
        return await link.ReadAsync([Four, Six], default);
    }

    static async Task<(string? Why, List<string> Commands)> ChangeAsync(Func<string, byte[]?> other, long? asn, params PrefixChange[] changes)
    {
        await using var frr = FakeFrr.Answering(Bgpd(other));
        using var link = Link(frr, asn);
        var why = await link.ChangeAsync(changes, default);
        return (why, [.. frr.Commands]);
    }

    [Fact]
    public async Task Only_our_prefixes_are_asked_for_and_over_one_connection()
    {
        await using var frr = FakeFrr.Answering(Bgpd());
        using var link = Link(frr);
        var read = await link.ReadAsync([Four, Six, IPNetwork.Parse("192.0.2.99/32")], default);
        Assert.Null(read.Why);
        Assert.Equal([(Four, "plain"), (Six, "prepended 3 times")], read.Prefixes.Select(p => (p.Prefix, p.Look.ToString()!)));
        Assert.Equal(["show version", "show bgp summary json", "show bgp ipv4 unicast 192.0.2.53/32 json", "show bgp ipv6 unicast 2001:db8:53::/48 json", "show bgp ipv4 unicast 192.0.2.99/32 json"], frr.Commands);
        // The process at the other end is this one.
        Assert.StartsWith($"FRRouting 8.4.4, pid {Environment.ProcessId}, started ", read.Incarnation, StringComparison.Ordinal);
        Assert.Equal(read.Incarnation, (await link.ReadAsync([Four], default)).Incarnation);
        Assert.Equal(1, frr.Connections);
    }

    [Fact]
    public async Task After_a_change_it_looks_again_until_bgpd_has_come_to_it()
    {
        var looks = 0;
        await using var frr = FakeFrr.Answering(Bgpd(c => c.StartsWith("show bgp ipv4 unicast 192", StringComparison.Ordinal) && ++looks < 3 ? FakeFrr.Recorded("removed") : c.StartsWith("show bgp ipv4 unicast 192", StringComparison.Ordinal) ? FakeFrr.Recorded("absent") : null));
        using var link = Link(frr);
        Assert.Null(await link.ChangeAsync([new(Four, null)], default));
        Assert.Empty((await link.ReadAsync([Four], default)).Prefixes);
        Assert.Equal(3, looks);
    }

    [Fact]
    public async Task A_version_that_was_not_tried_is_told_and_used()
    {
        var read = await ReadAsync(c => c == FrrVersion.Command ? FakeFrr.Status(0, "FRRouting 10.2.1 (ns1) on Linux(6.1).\n") : null);
        Assert.StartsWith("FRRouting 10.2.1, which oops was not tried with (8.4 was), pid ", read.Incarnation, StringComparison.Ordinal);
        Assert.Equal(2, read.Prefixes.Length);

        await using var frr = FakeFrr.Answering(Bgpd(c => c == FrrVersion.Command ? FakeFrr.Status(0, "FRRouting 10.2.1\n") : c.StartsWith("route-map", StringComparison.Ordinal) ? FakeFrr.Status(2, "% Unknown command\n") : null));
        using var link = Link(frr);
        await link.ReadAsync([Four], default);
        Assert.Equal("frr: answered \"% Unknown command\" to `route-map OOPS-PLAIN permit 10` (FRRouting 10.2.1, which oops was not tried with (8.4 was))", await link.ChangeAsync([new(Four, default(Look))], default));
    }

    [Fact]
    public async Task What_is_not_FRRouting_or_answers_otherwise_is_not_read()
    {
        Assert.EndsWith("is not FRRouting: \"Quagga 1.2.4 ().\"", (await ReadAsync(c => c == FrrVersion.Command ? FakeFrr.Status(0, "Quagga 1.2.4 ().\n") : null)).Why, StringComparison.Ordinal);
        Assert.Contains("has no BGP instance: `router bgp` is not in its configuration, or that is being loaded yet", (await ReadAsync(c => c == FrrSummary.Command ? FakeFrr.Recorded("summary-none") : null)).Why, StringComparison.Ordinal);
        Assert.Equal("frr: cannot read the answer of FRRouting 8.4.4 to `show bgp summary json`", (await ReadAsync(c => c == FrrSummary.Command ? FakeFrr.Status(0, "IPv4 Unicast Summary\n") : null)).Why);
        Assert.Equal("frr: cannot read the answer of FRRouting 8.4.4 to `show bgp ipv4 unicast 192.0.2.53/32 json`", (await ReadAsync(c => c.Contains("192.0.2.53", StringComparison.Ordinal) ? FakeFrr.Status(0, "{\"paths\":[") : null)).Why);
        Assert.Equal("frr: answered \"{\" to `show bgp ipv4 unicast 192.0.2.53/32 json`", (await ReadAsync(c => c.Contains("192.0.2.53", StringComparison.Ordinal) ? FakeFrr.Recorded("no-instance") : null)).Why);
        Assert.Equal("frr: answered \"% [BGP] Unknown command: frobnicate\" to `show version`", (await ReadAsync(c => c == FrrVersion.Command ? FakeFrr.Recorded("unknown") : null)).Why);
    }

    [Fact]
    public async Task A_withdraw_of_what_is_not_there_is_done_and_one_that_is_refused_otherwise_is_not()
    {
        var gone = new PrefixChange(Four, null);
        Assert.Null((await ChangeAsync(c => c.StartsWith("no network", StringComparison.Ordinal) ? FakeFrr.Recorded("not-there") : null, null, gone)).Why);
        var (why, commands) = await ChangeAsync(c => c.StartsWith("no network 192", StringComparison.Ordinal) ? FakeFrr.Recorded("unknown") : null, null, gone, new(Six, null));
        Assert.Equal("frr: answered \"% [BGP] Unknown command: frobnicate\" to `no network 192.0.2.53/32`", why);
        // The others are withdrawn all the same.
        Assert.Contains("no network 2001:db8:53::/48", commands);
        Assert.Equal("end", commands[^1]);
    }

    [Theory]
    [InlineData("configure terminal")]
    [InlineData("router bgp 64501")]
    [InlineData("route-map OOPS-PLAIN permit 10")]
    [InlineData("set metric 0")]
    public async Task A_refusal_of_the_frame_ends_the_dialogue_before_a_prefix(string refused)
    {
        var (why, commands) = await ChangeAsync(c => c == refused ? FakeFrr.Recorded("other-as") : null, null, new PrefixChange(Four, default(Look)));
        Assert.Equal($"frr: answered \"BGP is already running; AS is 64501\" to `{refused}`", why);
        Assert.Equal(refused, commands[^1]);
        Assert.DoesNotContain(commands, c => c.StartsWith("network", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_instance_is_made_in_a_bgpd_that_has_none_yet()
    {
        var loaded = true;
        await using var frr = FakeFrr.Answering(Bgpd(c => c == FrrSummary.Command && !loaded ? FakeFrr.Recorded("summary-none") : null));
        using var link = Link(frr);
        await link.ReadAsync([Four], default);
        loaded = false;
        Assert.Contains("has no BGP instance", await link.ChangeAsync([new(Four, default(Look))], default), StringComparison.Ordinal);
        Assert.DoesNotContain(frr.Commands, c => c.StartsWith("router bgp", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_cannot_be_is_said_and_the_rest_is_done()
    {
        var (why, commands) = await ChangeAsync(_ => null, null, new(Four, new Look(Med: 0)), new(Six, new Look(Med: 1)));
        Assert.Equal("frr: 192.0.2.53/32 cannot be degraded by MED 0, which bgpd gives every route that it originates", why);
        Assert.Contains("network 2001:db8:53::/48 route-map OOPS-MED-1", commands);

        static byte[]? NoNeighbour(string command) => command == FrrSummary.Command ? FakeFrr.Recorded("summary-empty") : null;
        (why, commands) = await ChangeAsync(NoNeighbour, null, new(Four, new Look(Prepend: 1)), new(Six, default(Look)));
        Assert.Equal("frr: 192.0.2.53/32 cannot be prepended: bgpd has no neighbour, and tells no local AS; write `asn:`", why);
        Assert.Contains("router bgp", commands);
        (why, commands) = await ChangeAsync(NoNeighbour, 64999, new PrefixChange(Four, new Look(Prepend: 1)));
        Assert.Null(why);
        Assert.Contains("set as-path prepend 64999", commands);
    }

    [Fact]
    public async Task A_bgpd_that_hangs_or_goes_within_a_dialogue_is_a_reason_and_the_next_one_begins_anew()
    {
        await using var frr = new FakeFrr(
            async c =>
            {
                for (var i = 0; i < 3; i++)
                {
                    var command = await c.CommandAsync();
                    await c.SendAsync(Bgpd()(command!));
                }

                await c.CommandAsync();
                await c.SendAsync("half");
                await c.HangAsync();
            },
            async c =>
            {
                while (await c.CommandAsync() is { } command) await c.SendAsync(Bgpd()(command));
            });
        using var link = Link(frr, timeout: 0.3);
        Assert.StartsWith("frr: no complete answer within 0.3 s", await link.ChangeAsync([new(Four, null)], default), StringComparison.Ordinal);
        Assert.Null(await link.ChangeAsync([new(Four, null)], default));
        Assert.Equal(2, frr.Connections);
    }

    [Fact]
    public async Task A_reading_that_is_cancelled_leaves_nothing_behind_for_the_withdraw_after_it()
    {
        var asked = new TaskCompletionSource();
        await using var frr = new FakeFrr(
            async c =>
            {
                await c.CommandAsync();
                await c.SendAsync("FRRouting");
                asked.SetResult();
                await c.HangAsync();
            },
            async c =>
            {
                while (await c.CommandAsync() is { } command) await c.SendAsync(Bgpd()(command));
            });
        using var link = Link(frr);
        using var superseded = new CancellationTokenSource();
        var read = link.ReadAsync([Four], superseded.Token).AsTask();
        await asked.Task;
        await superseded.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        Assert.Null(await link.ChangeAsync([new(Four, null)], default));
    }

    [Fact]
    public void The_readmes_example_and_the_sample_are_good_configs()
    {
        var yaml = Repository.Text("src/Oops/Actions/Frr/README.md").Split("```yaml\n")[1].Split("```")[0];
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("README.md", yaml));
        Assert.Equal("", string.Join('\n', loaded.Errors.All));
        var action = loaded.Config!.Actions.Frr[0].Create(loaded.Config);
        Assert.Equal("/run/oops/frr-edge.routes", action.IncludePath);
        Assert.Equal(TimeSpan.FromSeconds(10), action.ReadEvery);
        (action as IDisposable)?.Dispose();

        var all = SampleText.WithAllOptions(Repository.Text("src/Oops/Actions/Frr/sample.yaml")).Replace("actions:", "", StringComparison.Ordinal);
        var whole = yaml[..yaml.IndexOf("actions:", StringComparison.Ordinal)] + "actions:\n" + all + yaml[yaml.IndexOf("routes:", StringComparison.Ordinal)..];
        var full = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("sample.yaml", whole));
        Assert.Equal("", string.Join('\n', full.Errors.All));
        Assert.Equal(64501, full.Config!.Actions.Frr[0].Asn);
    }

    [Fact]
    public void A_config_that_cannot_work_is_refused()
    {
        foreach (var option in (string[])["asn: 0", "timeout: 1ms", "socket: run/frr/bgpd.vty", $"socket: /{new string('x', 107)}"])
        {
            var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("x.yaml", "mode: act\nservers: { ns1: { kind: knot } }\nactions:\n  frr:\n    - name: edge\n      " + option + "\n"));
            Assert.Contains(loaded.Errors.All, e => e.Path.StartsWith("actions.frr[0].", StringComparison.Ordinal));
        }
    }
}
