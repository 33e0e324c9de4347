using System.Globalization;
using System.Text.RegularExpressions;
using Oops.Lab.Harness;

namespace Oops.Lab.Hung;

/// <summary>dnsperf against a <see cref="ServerUnderTest"/>: as fast as it answers, or faster than it can.</summary>
internal sealed partial class Flood : IAsyncDisposable
{
    readonly LabProcess process;

    Flood(LabProcess process) => this.process = process;

    /// <summary>What it answers when that is all there is: queries per second over some seconds. Few at a time: more than its socket buffer holds (some 270) would be lost, and be waited for.</summary>
    public static async Task<double> CapacityAsync(ServerUnderTest server, int seconds)
    {
        await using var flood = Start(server, seconds, "-q", "50", "-t", "1");
        return (await flood.EndAsync(seconds)).PerSecond;
    }

    /// <summary>Questions at that rate, whether they are answered or not.</summary>
    public static Flood Above(ServerUnderTest server, int seconds, double rate) =>
        Start(server, seconds, "-q", "60000", "-c", "20", "-T", "2", "-t", "1", "-Q", rate.ToString("0", CultureInfo.InvariantCulture));

    /// <summary>What a server is asked on a quiet day.</summary>
    public static Flood Gentle(ServerUnderTest server) => Start(server, 3600, "-q", "50", "-t", "1", "-Q", "500");

    /// <summary>Waits until its time is over.</summary>
    public async Task<(double PerSecond, double LostShare)> EndAsync(int seconds)
    {
        await process.EndAsync(signal: 0, TimeSpan.FromSeconds(seconds + 60));
        string text = await File.ReadAllTextAsync(process.Output);
        return (Number(PerSecond(), text), Number(Lost(), text) / 100);
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();

    static Flood Start(ServerUnderTest server, int seconds, params string[] arguments)
    {
        string folder = Oops.Lab.Harness.Lab.FreshDirectory("flood");
        File.WriteAllText(Path.Combine(folder, "queries"), $"www.{ServerUnderTest.Zone} A\n");
        // A line for each query that is lost would be gigabytes.
        return new(LabProcess.Start(Path.Combine(folder, "output"),
            ["dnsperf", "-O", "suppress=timeout", "-s", server.Address, "-d", Path.Combine(folder, "queries"), "-l", seconds.ToString(CultureInfo.InvariantCulture), .. arguments]));
    }

    static double Number(Regex pattern, string text) => pattern.Match(text) is { Success: true } match
        ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
        : throw new InvalidOperationException($"dnsperf did not say what it did: {text}");

    [GeneratedRegex(@"Queries per second:\s+([\d.]+)")]
    private static partial Regex PerSecond();

    [GeneratedRegex(@"Queries lost:\s+\d+ \(([\d.]+)%\)")]
    private static partial Regex Lost();
}
