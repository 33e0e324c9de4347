using System.Collections.Immutable;
using System.Net;
using Oops.Actions.Speaker;
using Oops.Config;
using Oops.Core;
using Oops.Engine;
using Oops.Native;
using Oops.Routers;
using Oops.Tests.Sources;

namespace Oops.Lab.Actions;

/// <summary>The `speaker` action on the node, with one route of both families, until it is disposed of.</summary>
internal sealed class Speaking : IAsyncDisposable
{
    static readonly ImmutableArray<IPNetwork> Both = [IPNetwork.Parse(Harness.Lab.Prefix4), IPNetwork.Parse(Harness.Lab.Prefix6)];

    readonly CancellationTokenSource stop = new();
    readonly SpeakerAction action;
    readonly Task running;
    RouterObserved? last;
    long sequence;

    public Speaking(string to = Harness.Lab.Upstream4, Action<SpeakerPeerConfig>? peer = null, Degradation? degrade = null, string[]? listen = null)
    {
        Degrade = degrade ?? new Degradation(Prepend: 2);
        var one = new SpeakerPeerConfig { Address = Address(to), Asn = Harness.Lab.UpstreamAs, NextHop4 = Address(Harness.Lab.Node4), NextHop6 = Address(Harness.Lab.Node6) };
        peer?.Invoke(one);
        action = new SpeakerAction(
            new SpeakerConfig { Name = "edge", Asn = Harness.Lab.NodeAs, RouterId = Address(Harness.Lab.Node4), Peers = [one], Listen = [.. (listen ?? []).Select(Address)] },
            [new RouterRoute("anycast", Both) { Degrade = Degrade }], BootTime.Instance);
        running = action.RunAsync(new SpokenEngine(), stop.Token);
    }

    public Degradation Degrade { get; }

    public static Endpoint Address(string text) => Endpoint.Parse(text, out _)!.Value;

    public async Task<Outcome> ApplyAsync(RouteForm form) => await action.ApplyAsync(new RouterIntent("edge", ++sequence, "a test", [new RouteWanted("anycast", Both, form, Degrade)]), default);

    /// <summary>As it shows the route; unchanged since the last time: as then.</summary>
    public async Task<RouteSeen> SeenAsync()
    {
        if (await action.ReadAsync(null, default) is RouterObserved observed)
            last = observed;
        return last!.Routes[0];
    }

    public SessionReport Session => action.Sessions[0];

    public async Task<string> DetailAsync() => (await SeenAsync()).Detail ?? "";

    public async ValueTask DisposeAsync()
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

        stop.Dispose();
    }
}
