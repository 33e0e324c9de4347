using System.Collections.Immutable;
using Oops.Core;
using Oops.Engine;
using Oops.Servers;

namespace Oops.Sources.Knot;

/// <summary>Learns from a Knot DNS server: its D-Bus signals tell at once, its control socket witnesses. README.md says what begins and ends each claim.</summary>
internal sealed class KnotSource(KnotOptions options) : ISource
{
    public string Name => $"knot/{options.Server}";

    public ImmutableArray<ChannelSpec> Covers
    {
        get
        {
            var control = new ChannelSpec(options.ControlChannel, options.Server, Standing.Witness,
                [Measure.Answering, Measure.Serial, Measure.Expiry, Measure.RefreshFailures], Validity.Of(options.Interval));
            if (options.Bus is null) return [control];
            return
            [
                control,
                new(options.BusChannel, options.Server, Standing.Messenger,
                    [Measure.Stopping, Measure.Serial, Measure.SignatureExpiry, Measure.Invalid, .. options.KeysWatched ? Array.Empty<Measure>() : [Measure.Keys]], Timeout.InfiniteTimeSpan),
            ];
        }
    }

    public async Task RunAsync(IEngine engine, CancellationToken stop)
    {
        using var look = new Look();
        var words = new KnotWords(options, engine, look);
        var witness = KnotSession.Witness(options, engine, look, words);
        List<Func<CancellationToken, Task>> parts = [witness.RunAsync];
        if (options.Bus is not null) parts.Add(new KnotBus(options.Bus, options.Timeout, engine.Time, words).RunAsync);
        await Together.RunAsync(stop, parts);
    }
}
