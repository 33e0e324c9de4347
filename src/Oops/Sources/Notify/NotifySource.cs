using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Oops.Core;
using Oops.Dns;
using Oops.Engine;
using Oops.Wire.Dns;

namespace Oops.Sources.Notify;

/// <summary>
/// Listens for NOTIFY (RFC 1996) and asks for the serial of what was notified. The listener answers and marks; <see cref="NotifyChecks"/> does the rest. See README.md for what begins and ends each claim.
/// </summary>
internal sealed class NotifySource(NotifyTarget target) : ISource
{
    volatile NotifyZones? zones;

    public string Name => $"notify/{target.Server}";

    /// <summary>A messenger: a server that does not notify is not missed, and its witnesses decide.</summary>
    public ImmutableArray<ChannelSpec> Covers =>
    [
        new(Name, target.Server, Standing.Messenger, [Measure.Serial, Measure.RefreshFailures, Measure.CdsNotified, Measure.CsyncNotified], Timeout.InfiniteTimeSpan),
    ];

    /// <summary>What was seen since the source was made.</summary>
    public NotifyCounts Counts { get; } = new();

    /// <summary>Where it listens, with port 0 resolved; null while it does not.</summary>
    public IReadOnlyList<System.Net.IPEndPoint>? Listening { get; private set; }

    /// <summary>What came over which transport; null while it does not listen.</summary>
    public DnsListenerCounts? Traffic { get; private set; }

    public IReadOnlyList<SourceCount> Counted => Counts.All(zones?.Total ?? 0);

    public async Task RunAsync(IEngine engine, CancellationToken stop)
    {
        string? told = null;
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            if (TryReadKeys(out var keys, out var why) && DnsListener.TryBind(target.Listen, engine.Time, out var listener, out why))
            {
                using (listener)
                    await ServeAsync(listener, keys, engine, stop).ConfigureAwait(false);
            }

            if (why != told)
                engine.Send(new ChannelLost(Name, $"notify: {why}"));
            told = why;
            await Task.Delay(target.Again, engine.Time, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Ends only by cancellation, or by throwing.</summary>
    async Task ServeAsync(DnsListener listener, TsigKey[] keys, IEngine engine, CancellationToken stop)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var checks = new NotifyChecks(target, Name, Array.Find(keys, k => k.Name == target.QueryKey), Counts, engine);
        var gate = new NotifyGate(target.Rules, keys, checks.Zones.Note, Counts.Requests, engine.Time);
        engine.Send(new ChannelOpened(Name));
        Task[] parts = [listener.RunAsync(gate.Answer, ending.Token), checks.RunAsync(ending.Token)];
        Traffic = listener.Counts;
        Listening = listener.Addresses;
        zones = checks.Zones;
        try
        {
            await (await Task.WhenAny(parts).ConfigureAwait(false)).ConfigureAwait(false);
        }
        finally
        {
            Listening = null;
            zones = null;
            Traffic = null;
            await ending.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        stop.ThrowIfCancellationRequested();
    }

    bool TryReadKeys([NotNullWhen(true)] out TsigKey[]? keys, [NotNullWhen(false)] out string? why) => NotifyKeys.TryRead(target.Keys, target.Rules, target.QueryKey, out keys, out why);
}
