namespace Oops.Sources.Knot;

/// <summary>Who hears what <see cref="KnotBus"/> brings: the source, and the gate.</summary>
internal interface IKnotListener
{
    /// <summary>The session is lost, or there is none.</summary>
    void Lost(string reason);

    /// <summary>Who owns knotd's name now; empty: nobody. A pid of null could not be had.</summary>
    void Owner(string name, int? pid);

    /// <summary>A signal, from whoever owns the name.</summary>
    void Hear(string sender, in KnotSignal signal);

    /// <summary>What was said meanwhile is not known: the bus is lost, or a flood has drowned it.</summary>
    void Missed();
}
