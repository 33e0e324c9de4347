using System.Net;
using Oops.Native;
using Oops.Servers;

namespace Oops.Sources.Powerdns;

/// <summary>One PowerDNS server, with all that is needed to ask it.</summary>
/// <param name="Server">The server's name in the config.</param>
/// <param name="Recursor">It is a Recursor, which serves no zones.</param>
/// <param name="Api">Where its API is, and the key.</param>
/// <param name="Interval">Between two complete reads.</param>
/// <param name="RateInterval">Between two looks at its counters.</param>
internal sealed record PowerdnsOptions(string Server, bool Recursor, HttpApiOptions Api, TimeSpan Interval, TimeSpan RateInterval)
{
    /// <summary>A longer list is no list.</summary>
    public int MostZones { get; init; } = 5_000_000;

    /// <summary>Where it answers DNS; null: it is not asked there.</summary>
    public IPEndPoint? Address { get; init; }

    /// <summary>Path of the certificates that its API's must be signed by; null: plain HTTP.</summary>
    public string? Authority { get; init; }

    /// <summary>Its own list is the expected zone set.</summary>
    public bool ListsZones { get; init; }

    /// <summary>The wall clock, and whether it is to be believed.</summary>
    public Func<(DateTimeOffset Now, bool Trusted)> Wall { get; init; } = () => (BootClock.Wall, BootClock.IsWallSynchronised);

    public string ApiChannel => $"powerdns/{Server}/api";

    public string RateChannel => $"powerdns/{Server}/rate";
}
