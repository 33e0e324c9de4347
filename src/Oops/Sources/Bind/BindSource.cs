using System.Collections.Immutable;
using Oops.Core;
using Oops.Engine;
using Oops.Servers;

namespace Oops.Sources.Bind;

/// <summary>Learns from BIND 9 by its statistics channel, and of single zones over DNS. README.md says what begins and ends each claim.</summary>
internal sealed class BindSource(BindOptions options) : ISource
{
    // named plans the next refresh when one begins; a transfer may wait for others (transfers-in), and take its time.
    static readonly TimeSpan Attempt = TimeSpan.FromMinutes(5);

    readonly BindCounts counts = new();

    public string Name => $"bind/{options.Server}";

    public ImmutableArray<ChannelSpec> Covers
    {
        get
        {
            var zones = new ChannelSpec(options.ZonesChannel, options.Server, Standing.Witness, [Measure.Answering, Measure.Serial, Measure.Expiry, Measure.RefreshFailures], Validity.Of(options.Interval));
            return options.RateInterval == TimeSpan.Zero ? [zones] : [zones, CounterWatch.Covers(options.Server, options.RateChannel, options.RateInterval)];
        }
    }

    public IReadOnlyList<SourceCount> Counted => counts.All;

    public async Task RunAsync(IEngine engine, CancellationToken stop)
    {
        using var look = new Look();
        using var channel = new BindChannel(options, counts, engine.Time);
        // Of its own, so that a long list does not keep the counters waiting.
        using var second = new BindChannel(options, counts, engine.Time);
        var reader = new BindReader(options, channel, counts, engine);
        List<Func<CancellationToken, Task>> parts = [Witness(reader, engine, look).RunAsync];
        if (options.RateInterval > TimeSpan.Zero)
            parts.Add(new CounterWatch(options.Server, options.RateChannel, options.RateInterval, new BindCounters(second, reader, look, engine).ReadAsync, engine).RunAsync);
        await Together.RunAsync(stop, parts);
    }

    Witness Witness(BindReader reader, IEngine engine, Look look) => new(
        new(options.Server, options.ZonesChannel, options.Interval) { ListsZones = options.ListsZones, ByName = options is { Address: not null, Views.Count: 0 }, Attempt = Attempt },
        async stop =>
        {
            // A few hundred bytes, which tell at once whether it is there.
            var (software, why, fault) = await reader.GreetAsync(stop);
            return new(software is null ? null : new BindSession(reader, software), why, fault == HttpFault.Nobody);
        },
        engine,
        look);
}
