using System.Collections.Immutable;
using System.Net;

namespace Oops.Core;

/// <summary>What a step led to. Intents go to the actions; everything goes to the journal.</summary>
public abstract record Effect;

/// <summary>How a route stands, or shall stand, at the router.</summary>
public enum RouteForm : byte
{
    Withdrawn,
    Plain,
    Degraded,
    Draining,

    /// <summary>Draining, and still as little preferred as degraded: who does not know GRACEFUL_SHUTDOWN is not to come back for the time of a drain.</summary>
    DrainingDegraded,
}

/// <summary>One route as it must be at its router.</summary>
public sealed record RouteWanted(string Route, ImmutableArray<IPNetwork> Prefixes, RouteForm Form, Degradation Degrade);

/// <summary>Something that must be true outside. Applying it twice is harmless.</summary>
/// <param name="Action">Whose task it is.</param>
/// <param name="Sequence">Rises; a newer one for the same action (routers) or subject (reactions, latest) supersedes.</param>
/// <param name="Because">The route or rule, the conditions, the claims.</param>
public abstract record Intent(string Action, long Sequence, string Because) : Effect;

/// <summary>The whole table of one router: all routes via it that are in mode act, not held, and whose state is known.</summary>
public sealed record RouterIntent(string Action, long Sequence, string Because, ImmutableArray<RouteWanted> Routes) : Intent(Action, Sequence, Because)
{
    /// <summary>Orphans that a person released: take them away. All other routes of ours that are not listed stay as they are.</summary>
    public ImmutableArray<IPNetwork> Released { get; init; } = [];
}

/// <summary>Which reaction of an action it is: see <see cref="ReactionIntent.Id"/>.</summary>
public readonly record struct ReactionId(long Sequence, DateTimeOffset? When, string Server, string? Zone);

/// <summary>Run something about a subject.</summary>
public sealed record ReactionIntent(string Action, long Sequence, string Because) : Intent(Action, Sequence, Because)
{
    public required int Rule { get; init; }

    public required string Condition { get; init; }

    public required string Server { get; init; }

    /// <summary>Null: of the server itself.</summary>
    public string? Zone { get; init; }

    public required State State { get; init; }

    /// <summary>Zone rules: the serial now and before; null: not known.</summary>
    public uint? Serial { get; init; }

    public uint? PreviousSerial { get; init; }

    /// <summary>Zone rules: who told of the change, <see cref="ZoneSignal.From"/>; null: nobody with an address, or it came by time alone.</summary>
    public IPAddress? Source { get; init; }

    /// <summary>Zone rules: the channel that brought it; null: it came by time alone.</summary>
    public string? Channel { get; init; }

    /// <summary>The wall clock when it was decided: the same at each try, also after a restart. Null: written by a version that did not say.</summary>
    public DateTimeOffset? When { get; init; }

    /// <summary>The same at each try and of no other reaction of its action. A number that rises is given anew where a crash took the snapshot that had it; the time of the decision is not.</summary>
    public ReactionId Id => new(Sequence, When, Server, Zone);

    public Each Each { get; init; }

    /// <summary>Mode observe: decided and shown, and never run.</summary>
    public bool Shadow { get; init; }
}

/// <summary>A condition of a server (or of a zone that a rule watches) changed.</summary>
public sealed record ConditionChanged(string Id, State From, State To, string Because) : Effect;

/// <summary>How a route is shown, from and to, in words.</summary>
public sealed record RouteChanged(string Route, RouteState From, RouteState To, bool Shadow, string Because) : Effect;

/// <summary>What stands against a route among its own conditions began or ended: an entry of `withdraw-when` or `degrade-when` is met, as it counts there, or one of `announce-when` is not met.</summary>
/// <param name="Route">The route.</param>
/// <param name="List">`withdraw-when`, `degrade-when` or `announce-when`.</param>
/// <param name="Server">Of which server.</param>
/// <param name="Entry">As <see cref="EntrySpec.Label"/> writes it.</param>
/// <param name="From">What it was.</param>
/// <param name="To">What it is.</param>
/// <param name="Because">Why.</param>
public sealed record CauseChanged(string Route, string List, string Server, string Entry, State From, State To, string Because) : Effect
{
    /// <summary>As the history names it.</summary>
    public string Id => $"route/{Route}/{List}/{Server}/{Entry}";
}

/// <summary>Why a route stays where it is although there is reason to withdraw it; <see cref="Stay.No"/>: it does not, or not any more.</summary>
public sealed record StayChanged(string Route, Stay Why, bool Shadow, string Because) : Effect;

/// <summary>What keeps a reason to withdraw from withdrawing.</summary>
public enum Stay : byte
{
    No,

    /// <summary>A person's hold, or the break-glass file.</summary>
    Held,

    /// <summary>It is degraded, and never withdrawn on its own.</summary>
    LastResort,

    /// <summary>Enough of its other servers are left.</summary>
    Covered,

    /// <summary>It would be one, if it were known that the reference is better.</summary>
    NoReference,
}

/// <summary>An alarm was raised, repeated or cleared.</summary>
public sealed record AlarmChanged(string Id, AlarmPhase Phase, string Text) : Effect;

public enum AlarmPhase : byte { Raised, Repeated, Cleared }

/// <summary>What is shown of a route.</summary>
public enum RouteState : byte
{
    /// <summary>Not known yet: the router has not been read since the start.</summary>
    Unknown,
    Withdrawn,
    Announced,

    /// <summary>Announced, but would not be admitted now.</summary>
    Kept,
    Degraded,

    /// <summary>Announced by somebody else before us; kept until `confirm`.</summary>
    Adopted,

    /// <summary>Being taken out, or kept out, by a person.</summary>
    Drained,

    /// <summary>At the router, but no longer in the config.</summary>
    Orphan,
}

public sealed record Alarm(string Id, At Since, string Text);
