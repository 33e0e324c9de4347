using System.Collections.Immutable;
using Oops.Core;
using Oops.Engine;
using Oops.Servers;

namespace Oops.Sources.Kresd;

/// <summary>Learns from a Knot Resolver that it runs, and how many queries it gets. README.md says what begins and ends each claim.</summary>
internal sealed class KresdSource(KresdOptions options) : ISource
{
    readonly ServerCounts counts = new();

    public string Name => $"kresd/{options.Server}";

    public ImmutableArray<ChannelSpec> Covers =>
    [
        new(options.Channel, options.Server, Standing.Witness, [Measure.Answering], Validity.Of(options.Interval)),
        CounterWatch.Covers(options.Server, options.RateChannel, options.Interval),
    ];

    public IReadOnlyList<SourceCount> Counted => counts.All;

    public async Task RunAsync(IEngine engine, CancellationToken stop)
    {
        using var look = new Look();
        using var web = options.Web is { } first ? new ApiAccess(first, options.Authority, engine.Time) : null;
        using var counters = options.Web is { } second ? new ApiAccess(second, options.Authority, engine.Time) : null;
        var witness = new Witness(
            new(options.Server, options.Channel, options.Interval) { ReadsZones = false, Counts = counts },
            t => KresdSession.OpenAsync(u => AskAsync(web, engine.Time, u), t),
            engine,
            look);
        var rate = new CounterWatch(options.Server, options.RateChannel, options.Interval, new KresdCounters(t => AskAsync(counters, engine.Time, t)).ReadAsync, engine, counts);
        await Together.RunAsync(stop, witness.RunAsync, rate.RunAsync);
    }

    ValueTask<KresdAnswer[]> AskAsync(ApiAccess? access, TimeProvider time, CancellationToken stop) =>
        access is null || options.Controls.Count > 0 ? KresdSession.AskControlsAsync(options, time, stop) : KresdSession.AskWebAsync(access, options, stop);
}
