using Oops.Core;

namespace Oops.Journal;

/// <summary>Measurements that are a time left: they differ with each look, and say the same as long as they point to the same instant.</summary>
internal static class Countdown
{
    /// <summary>Servers tell whole seconds, and an answer is some time under way.</summary>
    const long Slack = 1;

    public static bool Is(ZoneSignal signal) => signal is { Measure: Measure.Expiry or Measure.SignatureExpiry, Value: not (Signal.Absent or Signal.Unsaid) };

    /// <summary>What it would say later; any other input says what it said.</summary>
    public static Input After(Input input, TimeSpan elapsed) =>
        input is ZoneSignal signal && Is(signal) ? signal with { Value = Floor(signal.Measure, signal.Value - (long)Math.Round(elapsed.TotalSeconds)) } : input;

    public static bool IsSame(ZoneSignal expected, ZoneSignal said) =>
        Is(said) && Math.Abs(expected.Value - said.Value) <= Slack && (expected.Value == 0) == (said.Value == 0) && expected with { Value = said.Value } == said;

    // A zone that has expired has nothing left; a signature can be over for a time.
    static long Floor(Measure measure, long value) => measure == Measure.Expiry ? Math.Max(value, 0) : value;
}
