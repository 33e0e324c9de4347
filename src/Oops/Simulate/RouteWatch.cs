using Oops.Core;

namespace Oops.Simulate;

/// <summary>What is remembered of a route, to hold the next change of it against.</summary>
internal sealed class RouteWatch(RouteSpec spec)
{
    readonly List<(At At, long Sequence)> counted = [];

    public RouteSpec Spec { get; set; } = spec;

    /// <summary>What its router was told last; null: nothing since the start.</summary>
    public RouteForm? Told { get; set; }

    /// <summary>Another machine went on from here, and has neither told nor read the router yet.</summary>
    public bool HasYetToSee { get; set; }

    /// <summary>What the machine before the reload had told last.</summary>
    public RouteForm? ToldBefore { get; set; }

    /// <summary>The last change that was asked of its router in this boot, whether it was done or not; null: none.</summary>
    public RouteForm? Asked { get; set; }

    /// <summary>We have changed it in this boot, or a person has confirmed it: else it stays as it was found.</summary>
    public bool IsOurs { get; set; }

    /// <summary>Since when a fact stands that lets it be withdrawn, whether it paused or not; null: none stood since the last change.</summary>
    public At? ProofSince { get; set; }

    /// <summary>When it was last certain that it would not be admitted, or was withdrawn: from here its rise counts.</summary>
    public At UnfitAt { get; set; }

    /// <summary>Since when its servers are gone.</summary>
    public At? DeadSince { get; set; }

    /// <summary>Since when its router shows what it should not, though it obeys.</summary>
    public At? StuckSince { get; set; }

    /// <summary>A person takes it out until then.</summary>
    public At? DrainEnds { get; set; }

    /// <summary>The next announcement costs nothing: the first, and one after a person's word.</summary>
    public bool Free { get; set; } = true;

    public bool WasWithdrawn { get; set; }

    public bool IsDrained(At now) => DrainEnds is { } ends && now < ends;

    /// <summary>The router was read. A machine goes on from what it sees first, though the router may be elsewhere by then: a reading can be older than a pause of ours.</summary>
    public void See(RouteForm? form)
    {
        if (form is not null && HasYetToSee) Told = form;
        Told ??= form;
        HasYetToSee &= form is null;
    }

    /// <summary>One more; false: more than the budget has.</summary>
    public bool Spend(At now, long sequence)
    {
        if (Spec.Budget is not { } budget) return true;
        counted.RemoveAll(c => c.At + budget.Per <= now);
        counted.Add((now, sequence));
        return counted.Count <= budget.Announcements;
    }

    /// <summary>Nobody has heard what these announced.</summary>
    public void GiveBack(long from, long to) => counted.RemoveAll(c => c.Sequence >= from && c.Sequence <= to);

    /// <summary>After another boot nothing is known of what was announced before it; after a person's `confirm` it does not count any more.</summary>
    public void Forget()
    {
        counted.Clear();
        Free = true;
    }
}
