using System.Globalization;

namespace Oops.Bench.Latency;

/// <summary>Times of one kind, in milliseconds unless another unit is named, printed as one JSON line.</summary>
internal sealed class Figure(string name, string unit = "ms")
{
    readonly List<double> values = [];

    public void Add(double time) => values.Add(time);

    public string Json()
    {
        double[] sorted = [.. values.Order()];
        if (sorted.Length == 0)
            return $$"""{"bench":"{{name}}","unit":"{{unit}}","n":0}""";
        double median = (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        double p95 = sorted[Math.Min(sorted.Length - 1, (int)Math.Ceiling(sorted.Length * 0.95) - 1)];
        return string.Create(CultureInfo.InvariantCulture, $$"""{"bench":"{{name}}","unit":"{{unit}}","median":{{median:0.00}},"min":{{sorted[0]:0.00}},"p95":{{p95:0.00}},"max":{{sorted[^1]:0.00}},"n":{{sorted.Length}}}""");
    }
}
