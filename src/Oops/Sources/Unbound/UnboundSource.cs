using System.Collections.Immutable;
using Oops.Core;
using Oops.Engine;
using Oops.Servers;

namespace Oops.Sources.Unbound;

/// <summary>Learns from Unbound by its control socket. README.md says what begins and ends each claim.</summary>
internal sealed class UnboundSource(UnboundOptions options) : ISource
{
    public string Name => $"unbound/{options.Server}";

    public ImmutableArray<ChannelSpec> Covers
    {
        get
        {
            var control = new ChannelSpec(options.ControlChannel, options.Server, Standing.Witness,
                [Measure.Answering, Measure.Serial, Measure.Expiry], Validity.Of(options.Interval));
            return CountsQueries ? [control, CounterWatch.Covers(options.Server, options.RateChannel, options.RateInterval)] : [control];
        }
    }

    public IReadOnlyList<SourceCount> Counted => options.Control.Counts.All;

    bool CountsQueries => options.RateInterval > TimeSpan.Zero;

    public async Task RunAsync(IEngine engine, CancellationToken stop)
    {
        using var look = new Look();
        List<Func<CancellationToken, Task>> parts = [UnboundSession.Witness(options, engine, look).RunAsync];
        if (CountsQueries) parts.Add(new CounterWatch(options.Server, options.RateChannel, options.RateInterval, new LineCounter(options.Control, "total.num.queries", engine.Time).ReadAsync, engine).RunAsync);
        await Together.RunAsync(stop, parts);
    }
}
