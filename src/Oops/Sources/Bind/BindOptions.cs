using System.Net;

namespace Oops.Sources.Bind;

/// <summary>One named, with all that is needed to read it.</summary>
/// <param name="Server">The server's name in the config.</param>
/// <param name="Statistics">Its statistics channel.</param>
/// <param name="Interval">Between two complete reads.</param>
/// <param name="RateInterval">Between two looks at its counters; zero: none.</param>
/// <param name="Timeout">For each wait on it.</param>
internal sealed record BindOptions(string Server, IPEndPoint Statistics, TimeSpan Interval, TimeSpan RateInterval, TimeSpan Timeout)
{
    /// <summary>Where it answers queries; null: it is not asked over DNS.</summary>
    public IPEndPoint? Address { get; init; }

    /// <summary>The views that count; none: the only one, `_default`.</summary>
    public IReadOnlyList<string> Views { get; init; } = [];

    /// <summary>Its own list is the expected zone set.</summary>
    public bool ListsZones { get; init; }

    /// <summary>A longer answer is none.</summary>
    public long MostBytes { get; init; } = Servers.HttpApi.MostBytes;

    public string ZonesChannel => $"bind/{Server}/statistics";

    public string RateChannel => $"bind/{Server}/rate";
}
