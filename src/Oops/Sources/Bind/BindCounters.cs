using Oops.Engine;
using Oops.Servers;
using Oops.Wire.Json;
using Oops.Wire.Text;

namespace Oops.Sources.Bind;

/// <summary>
/// Reads named's counters: queries, for the rate; and what tells that the list of zones may have changed, so that it is read before its interval is over: the time of the last configuration, transfers that ended, updates that were taken.
/// </summary>
internal sealed class BindCounters(BindChannel channel, BindReader reader, Look look, IEngine engine)
{
    // What is not zero only. Each path is of 9.16 to 9.21.
    static readonly string[][] Paths =
        [["opcodes", "QUERY"], ["boot-time"], ["config-time"], ["zonestats", "XfrSuccess"], ["zonestats", "XfrFail"], ["nsstats", "UpdateDone"]];

    string? last;

    public async ValueTask<CounterReading> ReadAsync(CancellationToken stop)
    {
        var picked = new JsonScalars(Paths);
        var result = await channel.AskAsync("/json/v1/server", picked.Take, over => over && picked.Found.Number(0) is null or < 0 ? "no opcodes.QUERY" : null, stop);
        if (result.Why is { } why) return new(null, why);
        var found = picked.Found;
        var state = string.Join(' ', Enumerable.Range(1, Paths.Length - 1).Select(i => PrintableText.Of(found.Bytes(i))));
        // A server whose list is dear to make is not asked for it each time: the change is still one at the next look.
        if (last is null)
        {
            last = state;
        }
        else if (state != last && engine.Now >= reader.Idle)
        {
            last = state;
            look.AtAll();
        }

        return new(found.Number(0), "", PrintableText.Of(found.Bytes(1)));
    }
}
