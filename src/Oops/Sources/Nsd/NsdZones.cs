using Oops.Core;
using Oops.Servers;
using Oops.Wire.Nsd;

namespace Oops.Sources.Nsd;

/// <summary>
/// What follows from the answers about a secondary over time: since when it is refreshed, and how many attempts have failed in a row. NSD tells neither; it tells when the serial was last found to be the
/// primary's, in local time, and how long it waits between attempts. One for the source; the witness's sessions use it one after the other.
/// </summary>
internal sealed class NsdZones(TimeProvider time, TimeSpan interval)
{
    // A state that has just begun may be an attempt that succeeds in a moment.
    static readonly TimeSpan Doubt = TimeSpan.FromSeconds(1);

    // So long a refresh may take beyond its time, when nothing has failed. A time that is further back is of another time zone.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // Zones in trouble that are looked at in a second, over all.
    const int LooksPerSecond = 10;

    // What was named in lists that were none is kept only where it is not many more than the last whole one had.
    const int MostSpare = 10_000;

    readonly Dictionary<string, Trace> traces = new(StringComparer.Ordinal);
    int reading;
    int troubled;

    struct Trace
    {
        public DateTime? Since;
        public At? Refreshed;
        public At Seen;
        public bool Failing;
        public At Counted;
        public uint? Wait;
        public int Failures;
        public int Reading;
    }

    /// <summary>Zones in the last complete list.</summary>
    public int Listed { get; private set; }

    /// <summary>Between two looks at a zone in trouble.</summary>
    public TimeSpan Pace { get; private set; } = Doubt;

    /// <summary>Another process, perhaps: a state that it begins with is no attempt that has failed.</summary>
    public void Restarted()
    {
        foreach (var name in traces.Keys) System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrNullRef(traces, name).Failing = false;
    }

    /// <summary>Zones of which something is kept.</summary>
    public int Kept => traces.Count;

    public void BeginList()
    {
        if (traces.Count > (Listed * 2L) + MostSpare)
        {
            traces.Clear();
            traces.TrimExcess();
        }

        reading++;
        troubled = 0;
    }

    /// <summary>The list was whole.</summary>
    public void EndList(int count)
    {
        Listed = count;
        var pace = TimeSpan.FromSeconds((double)troubled / LooksPerSecond);
        Pace = pace < Doubt ? Doubt : pace < interval ? pace : interval;
        foreach (var (name, trace) in traces)
            if (trace.Reading != reading) traces.Remove(name);
    }

    /// <summary>What the answer says, in the words that all servers share.</summary>
    public ZoneFacts Facts(in NsdZoneStatus status, At now)
    {
        if (status.State == NsdZoneState.Primary)
        {
            traces.Remove(status.Zone);
            return new() { Zone = status.Zone, Loaded = true };
        }

        ref var trace = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(traces, status.Zone, out _);
        trace.Reading = reading;
        Count(ref trace, status, now);
        var age = Age(ref trace, status, now);
        trace.Seen = now;
        var well = status.State == NsdZoneState.Ok;
        if (!well) troubled++;
        var expired = status.State == NsdZoneState.Expired;
        var loaded = !expired && status is { Served: not null, Committed: not null };
        return new()
        {
            Zone = status.Zone,
            Secondary = true,
            Loaded = loaded,
            Serial = loaded ? status.Served : null,
            Failures = trace.Failures,
            Expired = expired,
            Unexpired = !loaded && !expired,
            Age = loaded ? age : null,
            Refresh = Servers.Plan.In(well && loaded && status.Wait is > 0 and var wait ? TimeSpan.FromSeconds(wait) : Pace),
            Watch = !well,
            Confirm = true,
            Detail = expired ? "expired" : loaded ? null : "no transfer has succeeded yet",
        };
    }

    static void Count(ref Trace trace, in NsdZoneStatus status, At now)
    {
        if (status.State == NsdZoneState.Ok)
        {
            (trace.Failing, trace.Failures) = (false, 0);
        }
        else if (!trace.Failing || trace.Since != status.Since)
        {
            (trace.Failing, trace.Counted, trace.Wait) = (true, now, status.Wait);
        }
        else if (!status.Transferring)
        {
            var waited = now - trace.Counted;
            if (trace.Failures == 0 ? waited >= Doubt : status.Wait != trace.Wait || waited >= TimeSpan.FromSeconds(Math.Max(1, status.Wait ?? uint.MaxValue)))
                (trace.Failures, trace.Counted, trace.Wait) = (trace.Failures + 1, now, status.Wait);
        }

        if (status.State == NsdZoneState.Expired) trace.Failures = Math.Max(1, trace.Failures);
    }

    // How long ago it was refreshed; null: not known. The first time is taken by NSD's words; one that comes while we watch, by our own clock between two looks.
    TimeSpan? Age(ref Trace trace, in NsdZoneStatus status, At now)
    {
        if (status.Since is not { } since)
        {
            (trace.Since, trace.Refreshed) = (null, null);
            return null;
        }

        if (trace.Since != since)
        {
            var told = Told(since) is { } age ? now - age : (At?)null;
            if (trace.Since is null)
                trace.Refreshed = told is { } at && at <= now + Doubt && !(status is { State: NsdZoneState.Ok, Wait: { } wait } && now - at > TimeSpan.FromSeconds(wait) + Patience) ? At.Min(at, now) : null;
            else
                trace.Refreshed = told is { } between ? At.Min(At.Max(between, trace.Seen), now) : now;
            trace.Since = since;
        }

        return trace.Refreshed is { } refreshed ? now - refreshed : null;
    }

    // NSD prints local time without its zone.
    TimeSpan? Told(DateTime since)
    {
        var zone = time.LocalTimeZone;
        return zone.IsInvalidTime(since) ? null : time.GetUtcNow().UtcDateTime - TimeZoneInfo.ConvertTimeToUtc(since, zone);
    }
}
