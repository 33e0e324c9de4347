namespace Oops.Core;

/// <summary>What is only observed: its own decisions are fed back as if a router had done them, also across a restart and a reload.</summary>
internal sealed partial class Route
{
    /// <summary>Mode observe: decided, shown, fed back as if it had been done; never sent.</summary>
    public bool Shadow { get; }

    /// <summary>Its name where a person reads it by itself: what only would be so is not told as if it were.</summary>
    public string Called => Shadow ? Spec.Name + " (observed)" : Spec.Name;

    /// <summary>
    /// It goes on as it was, budget, rise and all: the router that it is shown by is this table. It begins anew from what the router has after another boot, via another router or with other prefixes, and where nothing was decided yet.
    /// Going to act drops it.
    /// </summary>
    public void RestoreShadow(RouteSnapshot saved, bool sameBoot, Func<long, At> end, At now)
    {
        if (!Shadow) return;
        if (saved.Drain is { } d) drain = new(d.Who, sameBoot ? new(d.From) : At.Zero, end(d.Ends), d.UntilStarted);
        if (!sameBoot || saved.Via != Spec.Via || saved.Decided is null or NotDecided || !HasSamePrefixes(saved)) return;
        Prefixes = [.. Spec.Prefixes.Where(p => saved.Prefixes.Contains(p.ToString()))];
        approved = [.. Spec.Prefixes.Where(p => saved.Approved.Contains(p.ToString()))];
        (On, Form, Ours, found, free) = (saved.Form != RouteForm.Withdrawn, saved.Form, saved.Ours, saved.Found, saved.Free);
        (Adopted, Seen, floored, bare) = (On == true && !Ours, Form, saved.Floor && !saved.Bare, saved.Bare);
        inherited = floored;
        (decided, withdrawnFor, degradedFor) = (saved.Decided, saved.WithdrawnFor ?? "", saved.DegradedFor ?? "");
        if (On == true) onSince = now;
        else offSince = now;
        if (saved.Drain?.Left is { } away) leftAt = new(away);
        budget.Restore(saved);
        foreach (var entry in withdraw.SelectMany(list => list))
            if (saved.Reasons.Contains(entry.Key)) entry.Hide();
    }

    bool HasSamePrefixes(RouteSnapshot saved) =>
        !saved.Prefixes.IsDefault && !saved.Waiting.IsDefault && saved.Prefixes.Concat(saved.Waiting).ToHashSet().SetEquals(Spec.Prefixes.Select(p => p.ToString()));
}
