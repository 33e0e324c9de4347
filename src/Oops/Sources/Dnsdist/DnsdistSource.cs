using System.Collections.Immutable;
using Oops.Core;
using Oops.Engine;
using Oops.Servers;
using Oops.Wire.Json;

namespace Oops.Sources.Dnsdist;

/// <summary>Learns from a dnsdist by its API: that it runs, how many queries it gets, and how many of its backends are up. README.md says what begins and ends each claim.</summary>
internal sealed class DnsdistSource(DnsdistOptions options) : ISource
{
    readonly ServerCounts counts = new();

    public string Name => $"dnsdist/{options.Server}";

    public ImmutableArray<ChannelSpec> Covers =>
    [
        new(options.ApiChannel, options.Server, Standing.Witness, [Measure.Answering], Validity.Of(options.Interval)),
        CounterWatch.Covers(options.Server, options.RateChannel, options.RateInterval),
    ];

    public IReadOnlyList<SourceCount> Counted => counts.All;

    public async Task RunAsync(IEngine engine, CancellationToken stop)
    {
        using var look = new Look();
        using var backends = new ApiAccess(options.Api, options.Authority, engine.Time);
        using var counters = new ApiAccess(options.Api, options.Authority, engine.Time);
        BackendClaims[] claims = [.. options.Backends.Select(r => new BackendClaims(options, r, engine))];
        var witness = new Witness(
            new(options.Server, options.ApiChannel, options.Interval)
            {
                ReadsZones = false,
                Counts = counts,
                Answered = (answers, _) =>
                {
                    if (answers) return;
                    foreach (var claim in claims) claim.Lost("dnsdist's API does not answer");
                },
            },
            _ => new(Open(backends, claims)),
            engine,
            look);
        var rate = new CounterWatch(options.Server, options.RateChannel, options.RateInterval, t => CountAsync(counters, t), engine, counts);
        await Together.RunAsync(stop, witness.RunAsync, rate.RunAsync);
    }

    SessionOpened Open(ApiAccess access, BackendClaims[] claims)
    {
        var (api, why) = access.Open();
        return new(api is null ? null : new DnsdistSession(api, options, backends => Array.ForEach(claims, c => c.Take(backends))), why);
    }

    async ValueTask<CounterReading> CountAsync(ApiAccess access, CancellationToken stop)
    {
        var (api, why) = access.Open();
        if (api is null) return new(null, why);
        var picked = new JsonScalars(["queries"]);
        var result = await api.GetJsonAsync("/jsonstat?command=stats", picked.Take, stop);
        return result.Why is { } failed ? new(null, failed)
            : picked.Found.Number(0) is { } queries and >= 0 ? new(queries)
            : new(null, $"dnsdist: no number of queries among the statistics at {options.Api.Where}");
    }
}
