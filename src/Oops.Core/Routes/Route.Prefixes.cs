using System.Collections.Immutable;
using System.Net;

namespace Oops.Core;

/// <summary>
/// What of it is at the router, and what is asked of it. A prefix that came into the config of an announced route is like a route that is not announced: it waits for admission, unless a person has
/// confirmed it.
/// </summary>
internal sealed partial class Route
{
    /// <summary>Those of the config that are wanted as <see cref="Form"/> says.</summary>
    public ImmutableArray<IPNetwork> Prefixes { get; private set; }

    /// <summary>A person has seen what the config changes.</summary>
    bool confirmed;

    /// <summary>Of an adopted route: how it was announced when it was found.</summary>
    RouteForm found = RouteForm.Plain;

    /// <summary>Nothing of it moves, and what a person does to it at the router meanwhile is not put right.</summary>
    bool isHeld;

    /// <summary>What the router was last told, or had when it was first read; the form is null: neither yet.</summary>
    (RouteForm? Form, int Prefixes) told;

    public bool IsTold => told == (Form, Prefixes.Length);

    public void Tell() => told = (Form, Prefixes.Length);

    /// <summary>As the router is to have it. Null: nothing is said of it, and it stays as it is.</summary>
    public RouteWanted? Table => Shadow || On is null || isHeld ? null : new(Spec.Name, Prefixes, Form, Spec.Degrade);

    /// <summary>Those of the config that are not wanted yet.</summary>
    public IEnumerable<IPNetwork> Waiting => Spec.Prefixes.Except(Prefixes);

    bool WaitsToWiden => Prefixes.Length != Spec.Prefixes.Length && On == true && drain is null;

    /// <summary>What a person's `confirm` changes, in words.</summary>
    public IEnumerable<string> WaitsForConfirm(At now)
    {
        if (Adopted) yield return $"{Spec.Name} is ours";
        if (Exhausted(now)) yield return $"{Spec.Name}: its announcement budget starts anew, and the next admission costs nothing";
        if (WaitsToWiden) yield return $"{Spec.Name}: {string.Join(' ', Waiting)} will be announced with it";
    }

    void Look(RouteSeen seen)
    {
        var whole = seen.Form is not null && !seen.Lacks.Any(p => Prefixes.Contains(p));
        (Seen, SeenDetail) = (whole ? seen.Form : null, whole ? null : seen.Detail ?? "they could not be told");
    }

    // Draining is our own doing of earlier: nobody else announces by that protocol.
    void Find(RouteForm form, ImmutableArray<IPNetwork> lacks)
    {
        found = form == RouteForm.Draining ? RouteForm.Plain : form;
        if ((goesOn ? Prefixes : Spec.Prefixes).Except(lacks).ToImmutableArray() is { IsEmpty: false } there) Prefixes = there;
        if (Seen is null) (Seen, SeenDetail) = (form, null);
    }

    /// <summary>To those of the config that it had before.</summary>
    void Narrow(ImmutableArray<string> before)
    {
        if (before.IsDefaultOrEmpty) return;
        if (Spec.Prefixes.Where(p => before.Contains(p.ToString())).ToImmutableArray() is { IsEmpty: false } left) Prefixes = left;
    }

    void Widen(At now)
    {
        if (Prefixes.Length == Spec.Prefixes.Length || On is null || (On == true && drain is not null)) return;
        var admitted = AnnounceState == Core.State.Met && rising is { } from && now - from >= budget.Rise;
        if (On == false || confirmed || admitted) Prefixes = Spec.Prefixes;
    }
}
