using System.Collections.Immutable;
using Oops.Core;
using Oops.Engine;
using Oops.Servers;

namespace Oops.Sources.Powerdns;

/// <summary>Learns from a PowerDNS server by its API, and of what it serves by asking it over DNS. README.md says what begins and ends each claim.</summary>
internal sealed class PowerdnsSource(PowerdnsOptions options) : ISource
{
    readonly ServerCounts counts = new();

    public string Name => $"powerdns/{options.Server}";

    public ImmutableArray<ChannelSpec> Covers =>
    [
        new(options.ApiChannel, options.Server, Standing.Witness,
            options.Recursor ? [Measure.Answering] : [Measure.Answering, Measure.Serial, Measure.Expiry, Measure.RefreshFailures], Validity.Of(options.Interval)),
        CounterWatch.Covers(options.Server, options.RateChannel, options.RateInterval, options.Recursor ? RecursorErrors.Codes : null),
    ];

    public IReadOnlyList<SourceCount> Counted => counts.All;

    public async Task RunAsync(IEngine engine, CancellationToken stop)
    {
        using var look = new Look();
        using var zones = new ApiAccess(options.Api, options.Authority, engine.Time);
        using var counters = new ApiAccess(options.Api, options.Authority, engine.Time);
        var witness = new Witness(
            new(options.Server, options.ApiChannel, options.Interval)
            {
                ListsZones = options.ListsZones,
                ReadsZones = !options.Recursor,
                Address = options.Recursor ? null : options.Address,
                Counts = counts,
            },
            _ => new(Open(zones)),
            engine,
            look);
        var rate = new CounterWatch(options.Server, options.RateChannel, options.RateInterval, t => PowerdnsCounters.ReadAsync(counters, options, t), engine, counts);
        await Together.RunAsync(stop, witness.RunAsync, rate.RunAsync);
    }

    SessionOpened Open(ApiAccess access)
    {
        var (api, why) = access.Open();
        return new(api is null ? null : new PowerdnsSession(api, options), why);
    }
}
