using System.Collections.Immutable;
using System.Net;

namespace Oops.Core;

/// <summary>What an action made of an intent. A value, never an exception.</summary>
public abstract record Outcome
{
    public static Outcome Done { get; } = new Done();

    /// <summary>Routes that this intent took back, and nobody has had since they were announced: for certain, whatever became of the intent. Only who hands them to each peer itself can say so.</summary>
    public ImmutableArray<UnheardRoute> Unheard { get; init; } = [];

    public virtual bool Equals(Outcome? other) => other is not null && EqualityContract == other.EqualityContract && Unheard.AsSpan().SequenceEqual(other.Unheard.AsSpan());

    public override int GetHashCode() => HashCode.Combine(EqualityContract, Unheard.Length);
}

/// <summary>Nobody has had it from one intent on to the one that took it back.</summary>
/// <param name="Route">Its name.</param>
/// <param name="From">The sequence of the intent that announced it.</param>
public sealed record UnheardRoute(string Route, long From);

/// <summary>It is true outside. <paramref name="Detail"/>: exit status and last lines, or nothing.</summary>
public sealed record Done(string? Detail = null) : Outcome;

/// <summary>Not now; only the runner retries, and only until a newer intent supersedes this one.</summary>
public sealed record Retry(string Why) : Outcome
{
    /// <summary>Not before that long: who was asked said so. Null: when the runner likes.</summary>
    public TimeSpan? After { get; init; }
}

/// <summary>Not at all: trying again cannot help.</summary>
public sealed record Failed(string Why) : Outcome;

/// <summary>The outcome of one intent.</summary>
public sealed record Applied(string Action, long Sequence, Outcome Outcome) : Input;

/// <summary>One of our routes as the router has it.</summary>
/// <param name="Route">Its name.</param>
/// <param name="Form">That of all its prefixes that are announced; null: they differ among themselves, or it could not be told.</param>
/// <param name="Detail">How each stands, in words.</param>
public sealed record RouteSeen(string Route, RouteForm? Form, string? Detail = null)
{
    /// <summary>Of a route that is announced: the prefixes that are not.</summary>
    public ImmutableArray<IPNetwork> Lacks { get; init; } = [];

    /// <summary>Which of the prefixes come from somebody else as well, and would go on after a withdraw of ours, in words: `192.0.2.0/24 also comes from protocol static1`. Null: none that is known.</summary>
    public string? Others { get; init; }

    public bool Equals(RouteSeen? other) => other is not null && (Route, Form, Detail, Others) == (other.Route, other.Form, other.Detail, other.Others) && Lacks.AsSpan().SequenceEqual(other.Lacks.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Route, Form, Detail, Lacks.Length);
}

/// <summary>Read-back: what the router really exports, for all routes of one action; prefixes of ours that the config no longer has; the router's incarnation (last reboot / reconfiguration) as text.</summary>
public sealed record RouterObserved(string Action, ImmutableArray<RouteSeen> Routes, ImmutableArray<IPNetwork> Orphans, string? Router = null) : Input
{
    /// <summary>What a person should look at although the routes may be as they should: sessions that do not stand. All of it, each time.</summary>
    public ImmutableArray<RouterTrouble> Troubles { get; init; } = [];

    /// <summary>Those of the orphans whose route is still in the config: a withdraw of it takes them along. The others nobody follows.</summary>
    public ImmutableArray<IPNetwork> Followed { get; init; } = [];
}

/// <summary>Something between us and a router that is not as the config has it.</summary>
/// <param name="Id">That of its alarm: `session/edge/10.99.0.2`.</param>
/// <param name="Says">What happened; it stays the same until something else does.</param>
/// <param name="Now">How the newest try to mend it ended; null: there is nothing to add.</param>
public sealed record RouterTrouble(string Id, string Says, string? Now = null)
{
    public override string ToString() => Now is null ? Says : $"{Says}; now: {Now}";
}

/// <summary>Whether the routers beyond ours have the prefixes of a route from here, as a command of the operator's found.</summary>
/// <param name="Route">Its name.</param>
/// <param name="State">Met: they do. NotMet: none. Unknown: it could not be told.</param>
/// <param name="Says">How it ended, and its last line.</param>
public sealed record UpstreamObserved(string Route, State State, string Says) : Input
{
    /// <summary>How long ago the look began: what changed since is not in it.</summary>
    public TimeSpan For { get; init; }
}

/// <summary>A reload that a person confirmed ends a session of our own by which something was announced. It is told, and nothing follows from it.</summary>
/// <param name="Action">Whose session.</param>
/// <param name="Says">Which, what that takes from whom, and for how long.</param>
public sealed record SessionEnded(string Action, string Says) : Input;

/// <summary>The router could not be read.</summary>
public sealed record RouterUnseen(string Action, string Why) : Input;
