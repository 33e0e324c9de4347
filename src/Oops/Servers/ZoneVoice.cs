using Oops.Core;

namespace Oops.Servers;

/// <summary>Says of the zones of a book what is not as it was said last.</summary>
/// <param name="channel">The channel that it speaks on.</param>
/// <param name="entries">Whose zones they are.</param>
/// <param name="say">Takes what changed.</param>
internal sealed class ZoneVoice(string channel, ZoneEntries entries, Action<ZoneSignal> say)
{
    public void Serial(int number, ref ZoneEntry zone, long value, string? detail)
    {
        if (zone.Said == value) return;
        zone.Said = value == Signal.Unsaid ? null : value;
        Say(number, Measure.Serial, value, detail);
    }

    public void Failures(int number, ref ZoneEntry zone)
    {
        if (zone.SaidFailures == zone.Failures) return;
        zone.SaidFailures = zone.Failures;
        Say(number, Measure.RefreshFailures, zone.Failures, null);
    }

    /// <param name="number">The zone's.</param>
    /// <param name="zone">The zone.</param>
    /// <param name="at">When it expires: Never, Zero for expired, null where that is not known.</param>
    /// <param name="detail">How that is known.</param>
    /// <param name="now">Now.</param>
    public void Expiry(int number, ref ZoneEntry zone, At? at, string? detail, At now)
    {
        if (at is null || (zone.SaidExpiry is { } said && (said == at || (IsTime(said) && IsTime(at.Value) && (said - at.Value).Duration() < ZoneBook.Jitter)))) return;
        zone.SaidExpiry = at;
        // Rounded up, because servers cut off: never expired before it is.
        var left = at == At.Never ? Signal.Absent : at == At.Zero ? 0 : Math.Max(1, (long)(at.Value - now).TotalSeconds + 1);
        Say(number, Measure.Expiry, left, detail);
    }

    void Say(int number, Measure measure, long value, string? detail) => say(new(channel, entries.Name(number), measure, value, detail));

    static bool IsTime(At at) => at != At.Never && at != At.Zero;
}
