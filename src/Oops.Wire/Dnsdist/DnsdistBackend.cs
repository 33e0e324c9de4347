using System.Collections.Immutable;

namespace Oops.Wire.Dnsdist;

/// <summary>What dnsdist says of a backend's state.</summary>
public enum DnsdistState
{
    /// <summary>A word that is not known.</summary>
    Unknown,

    /// <summary>`up`: its health checks succeed.</summary>
    Up,

    /// <summary>`down`: they fail.</summary>
    Down,

    /// <summary>`UP`: by a person's word (setUp); it is not checked.</summary>
    ForcedUp,

    /// <summary>`DOWN`: by a person's word (setDown).</summary>
    ForcedDown,
}

/// <summary>A backend, as dnsdist's API shows it.</summary>
/// <param name="Name">Its name, which may be empty; terminal-safe.</param>
/// <param name="Address">Its address and port; terminal-safe.</param>
/// <param name="State">Whether it is asked.</param>
/// <param name="Pools">The pools that it is in; none: the default one, whose name is empty.</param>
public sealed record DnsdistBackend(string Name, string Address, DnsdistState State, ImmutableArray<string> Pools)
{
    /// <summary>dnsdist sends queries to it.</summary>
    public bool IsUp => State is DnsdistState.Up or DnsdistState.ForcedUp;

    /// <summary>It is in the pool of this name.</summary>
    public bool IsIn(string pool) => pool.Length == 0 ? Pools.IsEmpty || Pools.Contains("") : Pools.Contains(pool);
}
