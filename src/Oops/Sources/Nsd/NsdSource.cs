using System.Collections.Immutable;
using Oops.Core;
using Oops.Engine;
using Oops.Servers;

namespace Oops.Sources.Nsd;

/// <summary>Learns from NSD: its control socket and its answers over DNS. README.md says what begins and ends each claim.</summary>
internal sealed class NsdSource(NsdOptions options) : ISource
{
    readonly ServerCounts counts = new();

    public string Name => $"nsd/{options.Server}";

    public ImmutableArray<ChannelSpec> Covers
    {
        get
        {
            var control = new ChannelSpec(options.ControlChannel, options.Server, Standing.Witness,
                [Measure.Answering, Measure.Serial, Measure.Expiry, Measure.RefreshFailures], Validity.Of(options.Interval));
            // Without a rate-interval it depends on NSD's version whether there is a rate. It is not waited for: dnstap's word would count for nothing up to 4.7.
            return Rate is { } rate ? [control, CounterWatch.Covers(options.Server, options.RateChannel, rate, standing: options.RateInterval is null ? Standing.Messenger : Standing.Witness)] : [control];
        }
    }

    public IReadOnlyList<SourceCount> Counted => [.. options.Control.Counts.All, .. counts.All];

    TimeSpan? Rate => options.RateInterval == TimeSpan.Zero ? null : options.RateInterval ?? NsdOptions.UsualRateInterval;

    public async Task RunAsync(IEngine engine, CancellationToken stop)
    {
        using var look = new Look();
        List<Func<CancellationToken, Task>> parts = [NsdSession.Witness(options, counts, engine, look).RunAsync];
        if (Rate is { } rate) parts.Add(new CounterWatch(options.Server, options.RateChannel, rate, new NsdCounter(options, engine).ReadAsync, engine, counts).RunAsync);
        await Together.RunAsync(stop, parts);
    }
}
