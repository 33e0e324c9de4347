using Oops.Servers;

namespace Oops.Sources.Unbound;

/// <summary>One Unbound, with all that is needed to ask it.</summary>
/// <param name="Server">The server's name in the config.</param>
/// <param name="Control">Its control socket.</param>
/// <param name="ListsZones">Its own list of auth zones is the expected zone set.</param>
/// <param name="Interval">Between two complete reads.</param>
/// <param name="RateInterval">Between two looks at its statistics; zero: none.</param>
internal sealed record UnboundOptions(string Server, LineControlOptions Control, bool ListsZones, TimeSpan Interval, TimeSpan RateInterval)
{
    /// <summary>A longer list is no list: what the machine keeps for each zone must fit into memory.</summary>
    public int MostZones { get; init; } = 5_000_000;

    public string ControlChannel => $"unbound/{Server}/control";

    public string RateChannel => $"unbound/{Server}/rate";
}
