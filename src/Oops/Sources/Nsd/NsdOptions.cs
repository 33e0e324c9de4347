using System.Net;
using Oops.Servers;

namespace Oops.Sources.Nsd;

/// <summary>One NSD, with all that is needed to ask it.</summary>
/// <param name="Server">The server's name in the config.</param>
/// <param name="Control">Its control socket.</param>
/// <param name="Address">Where it answers queries.</param>
/// <param name="ListsZones">Its own list is the expected zone set.</param>
/// <param name="Interval">Between two complete reads.</param>
/// <param name="RateInterval">Between two looks at its statistics; null: as its version allows; zero: none.</param>
internal sealed record NsdOptions(string Server, LineControlOptions Control, IPEndPoint? Address, bool ListsZones, TimeSpan Interval, TimeSpan? RateInterval)
{
    /// <summary>Where its version allows looks at the statistics without more.</summary>
    public static readonly TimeSpan UsualRateInterval = TimeSpan.FromSeconds(10);

    /// <summary>A longer list is no list: what the machine keeps for each zone must fit into memory.</summary>
    public int MostZones { get; init; } = 5_000_000;

    public string ControlChannel => $"nsd/{Server}/control";

    public string RateChannel => $"nsd/{Server}/rate";
}
