using Oops.Engine;
using Oops.Servers;
using Oops.Wire.Text;

namespace Oops.Sources.Nsd;

/// <summary>Reads NSD's counter of queries, where that costs it next to nothing or was asked for.</summary>
internal sealed class NsdCounter(NsdOptions options, IEngine engine)
{
    readonly LineCounter counter = new(options.Control, "num.queries", engine.Time);

    // Version of the NSD that was asked last, and of which process. Over TLS its pid is not seen: then it is asked for each time.
    (string Version, int Pid)? known;

    public async ValueTask<CounterReading> ReadAsync(CancellationToken stop)
    {
        // Up to 4.7 the numbers are gathered by a reload: all server processes are forked anew, and TCP sessions closed.
        if (options.RateInterval is null)
        {
            var (version, why) = await VersionAsync(stop);
            if (version is null) return new(null, why);
            if (!ControlText.IsAtLeast(version, 4, 8)) return new(null, $"nsd: {version} forks all its servers for each look at its statistics (from 4.8 on it does not): write rate-interval to have it all the same");
        }

        return await counter.ReadAsync(stop);
    }

    async ValueTask<(string? Version, string Why)> VersionAsync(CancellationToken stop)
    {
        var opened = await LineControl.OpenAsync(options.Control, engine.Time, stop);
        if (opened.Control is not { } first) return (null, opened.Why);
        await using var control = new LineLook(options.Control, first, engine.Time);
        // That process was asked before: the connection is not used.
        if (known is { } before && control.PeerPid == before.Pid) return (before.Version, "");
        var (version, why) = await NsdVersion.ReadAsync(control, stop);
        known = version is not null && control.PeerPid is { } pid ? (version, pid) : null;
        return (version, why);
    }
}
