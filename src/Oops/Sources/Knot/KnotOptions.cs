namespace Oops.Sources.Knot;

/// <summary>One knotd, with all that is needed to hear it.</summary>
/// <param name="Server">The server's name in the config.</param>
/// <param name="Control">Path of its control socket.</param>
/// <param name="Bus">D-Bus address; null: signals are not listened to.</param>
/// <param name="ListsZones">Its own list is the expected zone set.</param>
/// <param name="Interval">Between two complete reads.</param>
/// <param name="Timeout">For each wait on a peer.</param>
internal sealed record KnotOptions(string Server, string Control, string? Bus, bool ListsZones, TimeSpan Interval, TimeSpan Timeout)
{
    /// <summary>A longer list is no list.</summary>
    public int MostZones { get; init; } = KnotControl.MostZones;

    /// <summary>A source `keys` watches the keys of the server: what a signal tells of them is another number, and would seem a change.</summary>
    public bool KeysWatched { get; init; }

    public string BusChannel => $"knot/{Server}/bus";

    public string ControlChannel => $"knot/{Server}/control";
}
