using System.Collections.Immutable;
using System.Net;
using Oops.Core;
using Oops.Dns;
using Oops.Engine;
using Oops.Wire.Dns;
using Oops.Zones;

namespace Oops.Sources.Catalog;

/// <summary>Lists the members of a catalog zone as a server's expected zones. It measures nothing of the server; see README.md for what it says when.</summary>
internal sealed class CatalogSource(CatalogTarget target) : ISource
{
    readonly CatalogCounts counts = new();

    public string Name => target.Channel;

    public ImmutableArray<ChannelSpec> Covers => target.Listen is null ? [Silent(target.Channel)] : [Silent(target.Channel), Silent(target.NotifyChannel)];

    public IReadOnlyList<SourceCount> Counted => counts.All();

    /// <summary>Where it listens, with port 0 resolved; null while it does not.</summary>
    public IReadOnlyList<IPEndPoint>? Listening { get; private set; }

    public async Task RunAsync(IEngine engine, CancellationToken stop)
    {
        var keys = await NotifyKeys.WhenReadAsync(target.Keys, target.Rules, [.. target.From.Select(static p => p.Key)], target.Again, why => engine.Send(new ChannelLost(target.Channel, $"catalog: {why}")), engine.Time, stop).ConfigureAwait(false);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var bell = new CatalogBell(target.Zone);
        var follower = new CatalogFollower(target, bell, new Primaries(target.From, keys, engine.Time), counts, engine);
        List<Task> parts = [follower.RunAsync(ending.Token)];
        if (target.Listen is { } listen)
            parts.Add(ListenAsync(listen, new NotifyGate(target.Rules, keys, bell.Note, counts.Notified, engine.Time), engine, ending.Token));
        try
        {
            await (await Task.WhenAny(parts).ConfigureAwait(false)).ConfigureAwait(false);
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Ends only by cancellation, or by throwing. Without an ear the catalog is followed all the same, by its timers.</summary>
    async Task ListenAsync(DnsListenerOptions listen, NotifyGate gate, IEngine engine, CancellationToken stop)
    {
        string? told = null;
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            if (DnsListener.TryBind(listen, engine.Time, out var listener, out var why))
            {
                using (listener)
                {
                    engine.Send(new ChannelOpened(target.NotifyChannel));
                    Listening = listener.Addresses;
                    try
                    {
                        await listener.RunAsync(gate.Answer, stop).ConfigureAwait(false);
                    }
                    finally
                    {
                        Listening = null;
                    }
                }

                continue;
            }

            if (why != told)
                engine.Send(new ChannelLost(target.NotifyChannel, $"catalog: {why}"));
            told = why;
            await Task.Delay(target.Again, engine.Time, stop).ConfigureAwait(false);
        }
    }

    /// <summary>A channel that says nothing of conditions.</summary>
    ChannelSpec Silent(string name) => new(name, target.Server, Standing.Messenger, [], Timeout.InfiniteTimeSpan);
}
