using System.Collections.Immutable;

namespace Oops.Core;

/// <summary>
/// Hysteresis: which load conditions stand by the claims of one channel. One is met by a measurement above its threshold, and then stands until one is below its `clear`, so that a load that
/// swings around the threshold does not move a route with every swing. Changed by claims alone, never by time, so that a replay has the same.
/// </summary>
internal sealed class Latches(ImmutableArray<KindSpec> specs)
{
    readonly HashSet<string> standing = new(StringComparer.Ordinal);
    readonly HashSet<string> handed = new(StringComparer.Ordinal);
    readonly HashSet<string> waiting = new(StringComparer.Ordinal);
    bool begun;

    /// <summary>The conditions of a policy that have hysteresis.</summary>
    public static ImmutableArray<KindSpec> Of(Policy policy) => [.. policy.Conditions.OfType<KindSpec>().Where(s => MeasureOf(s.Kind) is not null)];

    public static Measure? MeasureOf(Kind kind) => kind switch
    {
        Kind.QueryRateHigh => Measure.QueryRate,
        Kind.QueryRateRising => Measure.QueryRateSlope,
        Kind.ExtendedError => Measure.ExtendedErrors,
        _ => null,
    };

    public bool Stands(KindSpec spec) => standing.Contains(spec.Name);

    /// <summary>Those that stand, each with whether its measurement lives.</summary>
    public IEnumerable<(string Condition, bool Lives)> Standing(Func<Measure, bool> lives) =>
        specs.Where(s => Stands(s) || waiting.Contains(s.Name)).Select(s => (s.Name, Stands(s) && lives(MeasureOf(s.Kind)!.Value)));

    public void Take(Measure measure, in ServerClaim claim)
    {
        foreach (var spec in specs)
        {
            if (MeasureOf(spec.Kind) != measure) continue;
            var (least, most) = Amount(spec, claim);
            // What stood in the machine before goes on from the measurement that is handed on with it, and from no later one.
            var stood = handed.Remove(spec.Name) | waiting.Remove(spec.Name);
            if (least > spec.Number) standing.Add(spec.Name);
            else if (most < spec.ClearsBelow) standing.Remove(spec.Name);
            else if (stood) standing.Add(spec.Name);
        }
    }

    public void End()
    {
        standing.Clear();
        // The first time is that the channel is told to be open, as it was in the machine before.
        if (begun) waiting.Clear();
        begun = true;
    }

    /// <summary>It stood in the machine before: by the claim that this one is about to be told, or by one that has run out, so that the next one will tell whether it still does.</summary>
    public void Hand(string condition, bool lives) => (lives ? handed : waiting).Add(condition);

    /// <summary>What was measured, as far as it counts for the condition: at least, and at most, where an INFO-CODE may be among those that are only told together.</summary>
    public static (double Least, double Most) Amount(KindSpec spec, in ServerClaim claim)
    {
        if (spec.Kind != Kind.ExtendedError) return (claim.Value, claim.Value);
        var (sum, listed) = (0.0, 0);
        foreach (var rate in claim.Errors?.Codes ?? [])
        {
            if (!spec.Codes.Contains(rate.Code)) continue;
            sum += rate.PerSecond;
            listed++;
        }
        return (sum, listed == spec.Codes.Codes.Length ? sum : sum + (claim.Errors?.Rest ?? 0));
    }
}
