using System.Collections.Immutable;
using System.Globalization;
using Oops.Core;
using Oops.Engine;

namespace Oops.Servers;

/// <summary>Reads a server's counter of queries on an interval, and says how many queries it gets per second and how fast that rises.</summary>
/// <param name="server">The server's name in the config.</param>
/// <param name="channel">The channel that its claims are made on.</param>
/// <param name="interval">Between two looks.</param>
/// <param name="readAsync">One look; bounded in time. Never a command that resets the counter.</param>
/// <param name="engine">Where its claims go.</param>
/// <param name="counts">What it counts.</param>
internal sealed class CounterWatch(string server, string channel, TimeSpan interval, Func<CancellationToken, ValueTask<CounterReading>> readAsync, IEngine engine, ServerCounts? counts = null)
{
    // A look that fails once is no loss yet.
    const int FailuresUntilLost = 3;

    // A look takes at most this part of the server's time.
    const int Leisure = 20;

    readonly RateWindow rate = new(interval);
    readonly ErrorWindow errors = new(interval);
    bool open;
    string? why;
    int failures;

    /// <param name="server">The server's name in the config.</param>
    /// <param name="channel">The channel that its claims are made on.</param>
    /// <param name="interval">Between two looks.</param>
    /// <param name="codes">The INFO-CODEs that it counts; null: it counts no errors.</param>
    /// <param name="standing">A messenger where it may not speak at all.</param>
    public static ChannelSpec Covers(string server, string channel, TimeSpan interval, ErrorCodes? codes = null, Standing standing = Standing.Witness) =>
        new(channel, server, standing, codes is null ? [Measure.QueryRate, Measure.QueryRateSlope] : [Measure.QueryRate, Measure.QueryRateSlope, Measure.ExtendedErrors], Validity.Of(interval)) { Codes = codes };

    public async Task RunAsync(CancellationToken stop)
    {
        var due = engine.Now;
        int? pid = null;
        string? started = null;
        while (true)
        {
            var began = engine.Now;
            var reading = await readAsync(stop);
            // Another process counts from zero, and might have passed the old count already.
            var now = engine.Server(server).Pid;
            if (now != pid || (reading.Started is not null && started is not null && reading.Started != started)) Reset();
            (pid, started) = (now, reading.Started ?? started);
            if (reading.Queries is { } queries) Take(queries, reading.Errors);
            else Fail(reading.Why);
            due = At.Max(due + interval, engine.Now + ((engine.Now - began) * Leisure));
            var wait = due - engine.Now;
            if (wait > TimeSpan.Zero) await Task.Delay(wait, engine.Time, stop);
        }
    }

    void Take(long queries, ImmutableArray<ErrorCount> counted)
    {
        failures = 0;
        if (!open) engine.Send(new ChannelOpened(channel));
        (open, why) = (true, null);
        var now = engine.Now;
        rate.Add(now, queries);
        // Another process counts everything from zero.
        if (rate.PerSecond is null) errors.Reset();
        var rates = counted.IsDefault ? null : errors.Add(channel, now, counted);
        if (rate.PerSecond is not { } perSecond) return;
        engine.Send(new ServerSignal(channel, Measure.QueryRate, (long)Math.Round(perSecond), Detail: string.Create(CultureInfo.InvariantCulture, $"{perSecond:0.#} queries/s by the server's own counter")));
        if (rates is not null) engine.Send(rates);
        if (rate.Slope is not { } slope) return;
        engine.Send(new ServerSignal(channel, Measure.QueryRateSlope, (long)Math.Round(slope), Detail: string.Create(CultureInfo.InvariantCulture, $"{slope:0.#} queries/s more each second")));
        engine.Send(new ChannelRead(channel));
    }

    void Fail(string reason)
    {
        counts?.FailedCounter();
        if (open && ++failures < FailuresUntilLost) return;
        Reset();
        if (!open && why == reason) return;
        (open, why) = (false, reason);
        engine.Send(new ChannelLost(channel, reason));
    }

    void Reset()
    {
        rate.Reset();
        errors.Reset();
    }
}
