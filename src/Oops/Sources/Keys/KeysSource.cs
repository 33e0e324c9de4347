using System.Collections.Immutable;
using Oops.Core;
using Oops.Engine;
using Oops.Keys;

namespace Oops.Sources.Keys;

/// <summary>Watches the keys of the zones of a server, and their DS. README.md says what begins and ends each claim.</summary>
internal sealed class KeysSource(KeysTarget target) : ISource
{
    readonly KeysCounts counts = new();

    public string Name => target.Channel;

    /// <summary>The last two measure nothing: by them is seen of which zones somebody is silent, and that nothing is stored.</summary>
    public ImmutableArray<ChannelSpec> Covers =>
    [
        new(target.Channel, target.Server, Standing.Witness, [Measure.Keys], Timeout.InfiniteTimeSpan),
        .. target.Parents.IsEmpty ? Array.Empty<ChannelSpec>() : [new(target.ParentChannel, target.Server, Standing.Witness, [Measure.Delegation, Measure.CdsWanted], Timeout.InfiniteTimeSpan)],
        new(target.ZonesChannel, target.Server, Standing.Messenger, [], Timeout.InfiniteTimeSpan),
        new(target.StoreChannel, target.Server, Standing.Messenger, [], Timeout.InfiniteTimeSpan),
    ];

    public IReadOnlyList<SourceCount> Counted => counts.All();

    public async Task RunAsync(IEngine engine, CancellationToken stop)
    {
        using var store = new KeyStore(target.Folder, engine.Time);
        await new KeysWatch(target, store, counts, engine).RunAsync(stop).ConfigureAwait(false);
    }
}
