using System.Collections.Immutable;
using System.Net;
using Oops.Actions.Speaker;
using Oops.Config;
using Oops.Core;
using Oops.Routers;
using Oops.Tests.Engine;

namespace Oops.Tests.Actions.Speaker;

/// <summary>The action at work, until it is disposed of.</summary>
internal sealed class RunningSpeaker : IAsyncDisposable
{
    public static readonly ImmutableArray<IPNetwork> Prefixes = [IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("2001:db8:53::/48")];

    readonly CancellationTokenSource stop = new();
    readonly Task running;
    long sequence;

    public RunningSpeaker(int port, TimeProvider? time = null, Endpoint[]? listen = null, Action<SpeakerPeerConfig>? peer = null, int own = 1, SpeakerPeerConfig[]? more = null, bool run = true)
    {
        var one = new SpeakerPeerConfig { Address = new Endpoint(IPAddress.Loopback, port), Asn = 64500, NextHop6 = new Endpoint(IPAddress.Parse("2001:db8:99::1"), null) };
        peer?.Invoke(one);
        Action = new SpeakerAction(
            new SpeakerConfig { Name = "edge", Asn = 64501, RouterId = new Endpoint(new IPAddress([127, 0, 0, (byte)own]), null), Peers = [one, .. more ?? []], Listen = listen ?? [] },
            [new RouterRoute("a", Prefixes) { Degrade = new Degradation(Prepend: 2) }], time ?? TimeProvider.System);
        running = run ? Action.RunAsync(Engine, stop.Token) : Task.CompletedTask;
    }

    public Recorder Engine { get; } = new();

    public SpeakerAction Action { get; }

    public async Task<Outcome> ApplyAsync(RouteForm form, string route = "a", params IPNetwork[] prefixes) =>
        await Action.ApplyAsync(new RouterIntent("edge", ++sequence, "a test", [new RouteWanted(route, prefixes.Length > 0 ? [.. prefixes] : Prefixes, form, new Degradation(Prepend: 2))]), default);

    /// <summary>As the action shows the route; unchanged since the last time: as then.</summary>
    public async Task<RouteSeen> SeenAsync() => (await ObservedAsync()).Routes[0];

    public async Task<RouterObserved> ObservedAsync()
    {
        if (await Action.ReadAsync(null, default) is RouterObserved observed) last = observed;
        return last!;
    }

    RouterObserved? last;

    /// <summary>Until it says that somebody came or went.</summary>
    public async Task<RouteSeen> HeardAsync() => (last = await Engine.NextAsync<RouterObserved>()).Routes[0];

    public async Task StopAsync()
    {
        await stop.CancelAsync();
        try
        {
            await running;
        }
        catch (OperationCanceledException)
        {
            // How it ends when it is told to.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        stop.Dispose();
    }
}
