using System.Diagnostics;
using Oops.Core;
using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Actions;

/// <summary>The `speaker` action and a real BIRD on the other end.</summary>
public sealed class SpeakerActionLabTests : IAsyncLifetime
{
    UpstreamBird upstream = null!;

    public ValueTask InitializeAsync()
    {
        LabRequires.Programs("bird");
        upstream = new UpstreamBird();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (upstream is not null)
            await upstream.DisposeAsync();
    }

    [Fact]
    public async Task Both_families_go_through_all_forms_by_replacements_and_one_withdraw()
    {
        await upstream.StartAsync();
        await using var speaker = new Speaking();
        await speaker.ApplyAsync(RouteForm.Plain);
        await upstream.HasAsync(Harness.Lab.Prefix4, r => r.Path is [Harness.Lab.NodeAs]);
        await upstream.HasAsync(Harness.Lab.Prefix6, r => r.Path is [Harness.Lab.NodeAs]);
        await Wait.UntilAsync("it is acknowledged", async () => await speaker.SeenAsync() is { Form: RouteForm.Plain, Detail: "announced to " + Harness.Lab.Upstream4 });
        for (int round = 0; round < 5; round++)
        {
            Assert.Equal(Outcome.Done, await speaker.ApplyAsync(RouteForm.Degraded));
            await upstream.HasAsync(Harness.Lab.Prefix4, r => r.Path.Count == 3 && !r.GracefulShutdown);
            await upstream.HasAsync(Harness.Lab.Prefix6, r => r.Path.Count == 3);
            Assert.Equal(Outcome.Done, await speaker.ApplyAsync(RouteForm.Draining));
            await upstream.HasAsync(Harness.Lab.Prefix4, r => r.GracefulShutdown && r.Path.Count == 1);
            await upstream.HasAsync(Harness.Lab.Prefix6, r => r.GracefulShutdown);
            Assert.Equal(Outcome.Done, await speaker.ApplyAsync(RouteForm.DrainingDegraded));
            await upstream.HasAsync(Harness.Lab.Prefix4, r => r.GracefulShutdown && r.Path.Count == 3);
            await upstream.HasAsync(Harness.Lab.Prefix6, r => r.GracefulShutdown && r.Path.Count == 3);
            Assert.Equal(Outcome.Done, await speaker.ApplyAsync(RouteForm.Plain));
            await upstream.HasAsync(Harness.Lab.Prefix4, r => !r.GracefulShutdown && r.Path.Count == 1);
            await upstream.HasAsync(Harness.Lab.Prefix6, r => !r.GracefulShutdown);
        }

        Assert.Equal((0, 0), (upstream.Withdraws(Harness.Lab.Prefix4), upstream.Withdraws(Harness.Lab.Prefix6)));
        Assert.Equal(Outcome.Done, await speaker.ApplyAsync(RouteForm.Withdrawn));
        await upstream.LacksAsync(Harness.Lab.Prefix4);
        await upstream.LacksAsync(Harness.Lab.Prefix6);
        Assert.Equal((1, 1), (upstream.Withdraws(Harness.Lab.Prefix4), upstream.Withdraws(Harness.Lab.Prefix6)));
    }

    [Theory]
    [InlineData("med")]
    [InlineData("community")]
    [InlineData("large")]
    public async Task A_degraded_route_looks_as_the_route_says(string how)
    {
        await upstream.StartAsync();
        await using var speaker = new Speaking(degrade: how switch { "med" => new Degradation(Med: 4200000000), "community" => new Degradation(Community: (64500, 42)), _ => new Degradation(Large: (4200000000, 1, 2)) });
        await speaker.ApplyAsync(RouteForm.Degraded);
        string expected = how switch { "med" => "BGP.med: 4200000000", "community" => "BGP.community: (64500,42)", _ => "BGP.large_community: (4200000000, 1, 2)" };
        await Wait.UntilAsync(expected, async () => (await upstream.Client.AskAsync("show route all", default)).Reply is { } reply && reply.Lines.Count(l => l.Text.Trim() == expected) == 2);
    }

    [Fact]
    public async Task A_refresh_gets_all_again_and_a_restart_of_the_peer_too()
    {
        await upstream.StartAsync();
        await using var speaker = new Speaking();
        await speaker.ApplyAsync(RouteForm.Draining);
        await upstream.HasAsync(Harness.Lab.Prefix4, r => r.GracefulShutdown);
        await upstream.HasAsync(Harness.Lab.Prefix6, r => r.GracefulShutdown);

        Assert.True((await upstream.Client.AskAsync("reload in node", default)).Reply is { Ok: true });
        await Wait.UntilAsync("BIRD has got all again", async () => (await upstream.Client.AskAsync("show protocols all node", default)).Reply is { } reply
            && reply.Lines.Where(l => l.Text.Contains("Import updates:", StringComparison.Ordinal)).Select(l => l.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2]).All(n => n == "2"), state: () => upstream.Process.Tail());
        Assert.NotNull(await upstream.RouteAsync(Harness.Lab.Prefix4));
        Assert.Equal((0, 0), (upstream.Withdraws(Harness.Lab.Prefix4), upstream.Withdraws(Harness.Lab.Prefix6)));

        await upstream.Process.EndAsync(LabProcess.KillNow);
        await Wait.UntilAsync("it is missed", async () => await speaker.SeenAsync() is { Form: null }, state: () => speaker.DetailAsync().Result);
        await upstream.StartAsync();
        await upstream.HasAsync(Harness.Lab.Prefix4, r => r.GracefulShutdown, TimeSpan.FromSeconds(25));
        await upstream.HasAsync(Harness.Lab.Prefix6, r => r.GracefulShutdown);
        Assert.Equal(RouteForm.Draining, (await speaker.SeenAsync()).Form);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_password_and_TTL_security_are_the_kernels(bool passive)
    {
        string file = Path.Combine(Harness.Lab.FreshDirectory("password"), "bgp");
        await File.WriteAllTextAsync(file, "correct-horse\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead);
        upstream.Session = $"password \"correct-horse\"; ttl security on;{(passive ? "" : " passive on;")}";
        await upstream.StartAsync();
        await using var speaker = new Speaking(listen: [Harness.Lab.Node4], peer: p => (p.PasswordFile, p.TtlSecurity, p.Passive) = (file, 1, passive));
        await speaker.ApplyAsync(RouteForm.Plain);
        await upstream.HasAsync(Harness.Lab.Prefix4);
        await upstream.HasAsync(Harness.Lab.Prefix6);
    }

    [Fact]
    public async Task A_wrong_password_is_silence_and_says_what_it_may_be()
    {
        string file = Path.Combine(Harness.Lab.FreshDirectory("password"), "bgp");
        await File.WriteAllTextAsync(file, "wrong");
        File.SetUnixFileMode(file, UnixFileMode.UserRead);
        upstream.Session = "password \"correct-horse\"; passive on;";
        await upstream.StartAsync();
        await using var speaker = new Speaking(peer: p => p.PasswordFile = file);
        await speaker.ApplyAsync(RouteForm.Plain);
        await Wait.UntilAsync("it is said", async () => (await speaker.DetailAsync()).EndsWith("no answer within 10 s, as with a wrong password", StringComparison.Ordinal), TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(200));
        Assert.Null((await speaker.SeenAsync()).Form);
    }

    [Fact]
    public async Task A_wrong_AS_is_refused_by_either_side_in_words()
    {
        upstream.NodeAs = 64999;
        await upstream.StartAsync();
        await using (var speaker = new Speaking())
        {
            await speaker.ApplyAsync(RouteForm.Plain);
            await Wait.UntilAsync("BIRD refuses", async () => (await speaker.DetailAsync()).Contains("it ended the session: OPEN: bad peer AS", StringComparison.Ordinal), state: () => speaker.DetailAsync().Result);
        }

        await using var other = new Speaking(peer: p => p.Asn = 64998);
        await other.ApplyAsync(RouteForm.Plain);
        await Wait.UntilAsync("we refuse", async () => (await other.DetailAsync()).Contains("it says AS 64500, not 64998", StringComparison.Ordinal) || (await other.DetailAsync()).Contains("bad peer AS", StringComparison.Ordinal), state: () => other.DetailAsync().Result);
    }

    [Fact]
    public async Task A_peer_that_hangs_is_left_after_the_hold_time_and_has_the_route_again_when_it_goes_on()
    {
        await upstream.StartAsync();
        await using var speaker = new Speaking(peer: p => p.HoldTime = TimeSpan.FromSeconds(3));
        await speaker.ApplyAsync(RouteForm.Plain);
        await upstream.HasAsync(Harness.Lab.Prefix4);
        upstream.Process.Signal(LabProcess.Stop);
        await Wait.UntilAsync("it is left", async () => (await speaker.DetailAsync()).Contains("hold timer expired", StringComparison.Ordinal), TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(50), () => speaker.DetailAsync().Result);
        upstream.Process.Signal(LabProcess.Cont);
        await Wait.UntilAsync("it has the route", async () => await speaker.SeenAsync() is { Form: RouteForm.Plain } && await upstream.RouteAsync(Harness.Lab.Prefix4) is not null, TimeSpan.FromSeconds(25), TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public async Task Over_IPv6_and_with_both_sides_connecting_there_is_one_session()
    {
        upstream.Extra = $$"""
            protocol bgp node6 {
                local {{Harness.Lab.Upstream6}} as {{Harness.Lab.UpstreamAs}};
                neighbor {{Harness.Lab.Node6}} as {{Harness.Lab.NodeAs}};
                connect retry time 1; connect delay time 0; error wait time 1,2;
                ipv4 { import all; export none; extended next hop on; };
                ipv6 { import all; export none; };
            }
            """;
        await upstream.StartAsync();
        await using var speaker = new Speaking(Harness.Lab.Upstream6, peer: p => (p.NextHop4, p.NextHop6) = (null, null), listen: [Harness.Lab.Node6]);
        await speaker.ApplyAsync(RouteForm.Plain);
        await upstream.HasAsync(Harness.Lab.Prefix6);
        // An IPv4 prefix with our IPv6 address as its next hop (RFC 8950).
        await upstream.HasAsync(Harness.Lab.Prefix4);
        string all = string.Join('\n', (await upstream.Client.AskAsync("show route all", default)).Reply!.Lines.Select(l => l.Text.Trim()));
        Assert.Equal(2, all.Split('\n').Count(l => l.StartsWith("BGP.next_hop: " + Harness.Lab.Node6, StringComparison.Ordinal)));
        await Wait.StaysAsync("the session stands", async () => await upstream.RouteAsync(Harness.Lab.Prefix6) is not null, TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task All_that_it_sends_decodes_cleanly_in_tshark()
    {
        LabRequires.Programs("tshark");
        await upstream.StartAsync();
        string directory = Harness.Lab.FreshDirectory("tshark"), file = Path.Combine(directory, "bgp.pcap");
        await using var capture = LabProcess.Start(Path.Combine(directory, "capture.log"), Side.Upstream, null, "tshark", "-q", "-i", Harness.Lab.UpstreamInterface, "-f", "tcp port 179", "-w", file);
        await Wait.UntilAsync("tshark listens", () => File.Exists(capture.Output) && File.ReadAllText(capture.Output).Contains("Capturing on", StringComparison.Ordinal) && File.Exists(file), TimeSpan.FromSeconds(20), state: () => capture.Tail());
        await using (var speaker = new Speaking(degrade: new Degradation(Large: (4200000000, 1, 2))))
        {
            foreach (RouteForm form in new[] { RouteForm.Plain, RouteForm.Degraded, RouteForm.Draining })
            {
                await speaker.ApplyAsync(form);
                await upstream.HasAsync(Harness.Lab.Prefix6, r => r.GracefulShutdown == (form == RouteForm.Draining));
            }

            await upstream.Client.AskAsync("reload in node", default);
            await Task.Delay(500);
            await speaker.ApplyAsync(RouteForm.Withdrawn);
            await upstream.LacksAsync(Harness.Lab.Prefix6);
        }

        await Task.Delay(1500);
        await capture.EndAsync(LabProcess.Int);
        Assert.Equal("", await DecodeAsync(file, $"ip.src == {Harness.Lab.Node4} && bgp && (_ws.malformed || _ws.expert.severity >= 0x00600000)"));
        string types = await DecodeAsync(file, $"ip.src == {Harness.Lab.Node4} && bgp", "-T", "fields", "-e", "bgp.type");
        foreach (string type in new[] { "1", "2", "3", "4", "5" })
            Assert.Contains(type, types.Split(',', '\n', ' '));
    }

    static async Task<string> DecodeAsync(string file, string filter, params string[] more)
    {
        var start = new ProcessStartInfo(Harness.Lab.Find("tshark")!) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (string argument in (string[])["-r", file, "-Y", filter, .. more])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        _ = process.StandardError.ReadToEndAsync();
        string text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return text;
    }
}
