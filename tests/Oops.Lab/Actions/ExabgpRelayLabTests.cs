using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Oops.Control;
using Oops.Core;
using Oops.Lab.Harness;
using Oops.Native;
using Oops.Routers;
using Xunit;

namespace Oops.Lab.Actions;

/// <summary>The `exabgp` action as a program that a real ExaBGP runs: the built `oops exabgp-relay` between the two.</summary>
public sealed class ExabgpRelayLabTests : IAsyncLifetime
{
    static readonly string[] Names = [Harness.Lab.Prefix4, Harness.Lab.Prefix6];
    static readonly ImmutableArray<IPNetwork> All = [.. Names.Select(IPNetwork.Parse)];

    readonly string runtime = Harness.Lab.FreshDirectory("exabgpledger");
    readonly UpstreamBird upstream = new();
    readonly Harness.Exabgp exabgp = new() { HasRelay = true };
    long sequence;

    public async ValueTask InitializeAsync()
    {
        LabRequires.Programs("bird", "exabgp", "exabgpcli");
        await upstream.StartAsync();
        await exabgp.StartAsync();
        await ListensAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await exabgp.DisposeAsync();
        await upstream.DisposeAsync();
    }

    async Task<bool> IsThereAsync() => (await SocketLife.LookAsync(exabgp.RelaySocket, default)).Life == Life.Running;

    Task ListensAsync() => Wait.UntilAsync("the relay listens", IsThereAsync, TimeSpan.FromSeconds(20), state: () => exabgp.Process.Tail());

    PrefixRouter Action() => exabgp.Config().Create([new RouterRoute("anycast", All)], new LedgerFile(Path.Combine(runtime, "exabgp-edge.routes")), TimeProvider.System);

    async Task<Outcome> ApplyAsync(PrefixRouter action, RouteForm form) =>
        await action.ApplyAsync(new RouterIntent("edge", ++sequence, "a test", [new("anycast", All, form, new Degradation(Prepend: 3))]), default);

    static async Task<RouteForm?> SeenAsync(PrefixRouter action) => await action.ReadAsync(null, default) is RouterObserved seen ? seen.Routes.Single().Form : null;

    [Fact]
    public async Task Each_form_of_both_families_is_told_and_read_back()
    {
        using PrefixRouter action = Action();
        Assert.Equal(RouteForm.Withdrawn, await SeenAsync(action));
        foreach (RouteForm form in (RouteForm[])[RouteForm.Plain, RouteForm.Degraded, RouteForm.Draining, RouteForm.Plain])
        {
            Assert.Equal(Outcome.Done, await ApplyAsync(action, form));
            foreach (string prefix in Names)
                await upstream.HasAsync(prefix, r => r.GracefulShutdown == (form == RouteForm.Draining) && r.Path.Count == (form == RouteForm.Degraded ? 4 : 1));
            Assert.Equal(form, await SeenAsync(action));
        }

        Assert.All(Names, prefix => Assert.Equal(0, upstream.Withdraws(prefix)));
        Assert.Equal(Outcome.Done, await ApplyAsync(action, RouteForm.Withdrawn));
        foreach (string prefix in Names)
            await upstream.LacksAsync(prefix);
    }

    [Fact]
    public async Task What_others_do_on_the_pipes_takes_no_answer_from_us()
    {
        using PrefixRouter action = Action();
        using var stop = new CancellationTokenSource();
        Task others = OthersAsync();
        for (int i = 0; i < 10; i++)
        {
            RouteForm form = i % 2 == 0 ? RouteForm.Plain : RouteForm.Withdrawn;
            Assert.Equal(Outcome.Done, await ApplyAsync(action, form));
            Assert.Equal(form, await SeenAsync(action));
        }

        await stop.CancelAsync();
        await others;

        async Task OthersAsync()
        {
            while (!stop.IsCancellationRequested) await exabgp.CliAsync("show adj-rib out extensive");
        }
    }

    [Fact]
    public async Task A_client_that_hangs_in_the_middle_of_a_command_is_closed_for_the_next_one_and_leaves_nothing()
    {
        using PrefixRouter action = Action();
        using var half = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await half.ConnectAsync(new UnixDomainSocketEndPoint(exabgp.RelaySocket), TestContext.Current.CancellationToken);
        await half.SendAsync(Encoding.ASCII.GetBytes("announce route 198.51.100.0/24 next-hop self\nannounce route 203.0.113.0/2"), TestContext.Current.CancellationToken);
        await upstream.HasAsync("198.51.100.0/24");
        // It is still there, and says no more.
        Assert.Equal(Outcome.Done, await ApplyAsync(action, RouteForm.Plain));
        var rest = new byte[4096];
        while (await half.ReceiveAsync(rest, TestContext.Current.CancellationToken) > 0)
        {
        }

        foreach (string prefix in Names)
            await upstream.HasAsync(prefix);
        Assert.Null(await upstream.RouteAsync("203.0.113.0/24"));
    }

    [Fact]
    public async Task A_relay_that_is_killed_and_an_ExaBGP_that_is_restarted_are_found_again()
    {
        using PrefixRouter action = Action();
        Assert.Equal(Outcome.Done, await ApplyAsync(action, RouteForm.Plain));
        var process = new Oops.Actions.Exabgp.ExabgpProcess(exabgp.RelaySocket, isSocket: true);
        string before = process.Read();
        Assert.StartsWith("pid ", before, StringComparison.Ordinal);
        Assert.True(FileFacts.TryRead(exabgp.RelaySocket, out FileFacts socket, out _));
        LabProcess.Kill(RelayPid(), LabProcess.KillNow);
        await Wait.UntilAsync("the relay is started again and asked", async () => await SeenAsync(action) == RouteForm.Plain, TimeSpan.FromSeconds(20), state: () => exabgp.Process.Tail());
        Assert.All(Names, prefix => Assert.Equal(0, upstream.Withdraws(prefix)));
        // Another socket, of the same ExaBGP.
        Assert.True(FileFacts.TryRead(exabgp.RelaySocket, out FileFacts other, out _));
        Assert.False(socket.IsSameFile(other));
        Assert.Equal(before, process.Read());

        await exabgp.Process.EndAsync(LabProcess.KillNow);
        foreach (string prefix in Names)
            await upstream.LacksAsync(prefix, TimeSpan.FromSeconds(10));
        await Wait.UntilAsync("the relay has ended with its ExaBGP", async () => !await IsThereAsync(), TimeSpan.FromSeconds(20));
        Assert.Contains("ExaBGP is not running", Assert.IsType<RouterUnseen>(await action.ReadAsync(null, default)).Why, StringComparison.Ordinal);
        await exabgp.LaunchAsync();
        await exabgp.EstablishedAsync();
        await ListensAsync();
        Assert.NotEqual(before, process.Read());
        Assert.Equal(RouteForm.Withdrawn, await SeenAsync(action));
        Assert.Equal(Outcome.Done, await ApplyAsync(action, RouteForm.Plain));
        foreach (string prefix in Names)
            await upstream.HasAsync(prefix);
    }

    [Fact]
    public async Task Without_api_in_any_neighbor_it_is_answered_error_and_told_what_to_look_for()
    {
        await exabgp.Process.EndAsync(LabProcess.KillNow);
        exabgp.HasApi = false;
        await exabgp.StartAsync();
        await ListensAsync();
        using PrefixRouter action = Action();
        Retry told = Assert.IsType<Retry>(await ApplyAsync(action, RouteForm.Plain));
        Assert.StartsWith("exabgp: answered error to `announce ", told.Why, StringComparison.Ordinal);
        Assert.EndsWith("where that is `no neighbor matching the command`, none has `api { processes [ oops ]; }`", told.Why, StringComparison.Ordinal);
        Assert.True(exabgp.Logged("no neighbor matching the command") > 0, exabgp.Process.Tail());
        foreach (string prefix in Names)
            await upstream.LacksAsync(prefix);
    }

    int RelayPid() => Proc.ReadTree(exabgp.Process.Pid).First(p => Proc.ReadCommandLine(p.Pid)?.Contains("exabgp-relay") == true).Pid;
}
