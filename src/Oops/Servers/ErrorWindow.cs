using System.Collections.Immutable;
using Oops.Core;

namespace Oops.Servers;

/// <summary>Counters of Extended DNS Errors that only rise, seen now and then: how fast each of them rises.</summary>
/// <param name="interval">Between two looks, as planned. After a gap of more than three of them all begins anew.</param>
internal sealed class ErrorWindow(TimeSpan interval)
{
    const int MostIntervals = 3;

    (At At, ImmutableArray<ErrorCount> Counts)? last;

    /// <summary>The counters begin anew.</summary>
    public void Reset() => last = null;

    /// <summary>Takes a look. Per second since the one before; null: there was none, or a counter went back, which is then another one.</summary>
    public ErrorRates? Add(string channel, At at, ImmutableArray<ErrorCount> counts)
    {
        var before = last;
        if (before is { } same && at <= same.At) return null;
        last = (at, counts);
        if (before is not { } earlier || at - earlier.At > interval * MostIntervals || earlier.Counts.Length != counts.Length) return null;
        var seconds = (at - earlier.At).TotalSeconds;
        var rates = ImmutableArray.CreateBuilder<ErrorRate>();
        for (var i = 0; i < counts.Length; i++)
        {
            var risen = counts[i].Count - earlier.Counts[i].Count;
            if (risen < 0 || counts[i].Code != earlier.Counts[i].Code) return null;
            if (risen > 0) rates.Add(new(counts[i].Code, Math.Round(risen / seconds, 3)));
        }

        return new(channel, rates.ToImmutable());
    }
}
