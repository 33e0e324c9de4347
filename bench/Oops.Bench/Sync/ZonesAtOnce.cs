using System.Diagnostics;
using System.Globalization;
using Oops.Tests.Actions.Route53;

namespace Oops.Bench.Sync;

/// <summary>A thousand zones that change at once, a tenth of them once more meanwhile, at a stand-in with the limits of an account: how much longer it takes than so many requests must, in time that only goes on when nobody has anything to do.</summary>
internal static class ZonesAtOnce
{
    const int AtOnce = 64;
    const double Bar = 1.1, Changes = 100;

    static readonly TimeSpan Settles = TimeSpan.FromSeconds(20);

    public static async Task<int> RunAsync(int zones)
    {
        var began = Stopwatch.GetTimestamp();
        await using var many = new ManyZones(zones, zones / 10, Changes, Settles, AtOnce);
        var figures = await many.RunAsync(CancellationToken.None);
        var ratio = figures.Elapsed / figures.Least;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{zones} zones, {figures.Requests} requests, {figures.Throttled} throttled, {figures.Wrong.Count} wrong; a sync takes {figures.Median.TotalSeconds:0.0} s, {figures.Longest.TotalSeconds:0.0} s at most; a zone is done at most {figures.Displaced} places late; {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s of real time"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""{"bench":"zones-{{zones}}-seconds","unit":"s","median":{{figures.Elapsed.TotalSeconds:0.0}},"n":1,"least":{{figures.Least.TotalSeconds:0.0}},"ratio":{{ratio:0.000}}}"""));
        return figures.Throttled == 0 && figures.Wrong.Count == 0 && ratio <= Bar ? 0 : 1;
    }
}
