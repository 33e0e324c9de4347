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

    /// <summary>New ones that a person has seen come: at a reload, or by a `confirm`.</summary>
    ImmutableArray<IPNetwork> approved = [];

    /// <summary>Those that are not wanted yet, but will be as soon as nothing stands against it.</summary>
    public IEnumerable<IPNetwork> Approved => Waiting.Intersect(approved);

    /// <summary>What the machine before this one wanted of it; null: nothing is known of that one.</summary>
    HashSet<string>? had;

    /// <summary>What that one had in its config besides.</summary>
    HashSet<string> waited = [];

    /// <summary>None of the prefixes is one that it wanted.</summary>
    bool IsRenumbered => had is not null && !Spec.Prefixes.Any(p => had.Contains(p.ToString()));

    /// <summary>Of an adopted route: how it was announced when it was found.</summary>
    RouteForm? found;

    /// <summary>Nothing of it moves, and what a person does to it at the router meanwhile is not put right.</summary>
    bool isHeld;

    /// <summary>It was decided once without a hold; and what the router was last seen with is from before the hold.</summary>
    bool isFree, isBefore;

    /// <summary>The router has shown it since it was admitted: what is not there any more, it has lost.</summary>
    bool reached;

    /// <summary>What the router was last told, or had when it was first read; the form is null: neither yet.</summary>
    (RouteForm? Form, ImmutableArray<IPNetwork> Prefixes) told;

    public void Tell() => told = (Form, Prefixes);

    /// <summary>By the intent of that number.</summary>
    public void Tell(long sequence)
    {
        if (told.Form == RouteForm.Withdrawn && Form != RouteForm.Withdrawn) budget.Tell(sequence);
        Tell();
    }

    /// <summary>Nobody has had what was announced of it from one intent to another.</summary>
    public void Unheard(long from, long to) => budget.GiveBack(from, to);

    /// <summary>What the router was told last may never have reached it: a table without it has taken that one's place.</summary>
    public void Untell() => told = default;

    /// <summary>Else nothing is said of it, and it stays as the router has it.</summary>
    bool IsSpokenOf => !Shadow && !isHeld && On is not null;

    public bool IsUntold => IsSpokenOf && (told.Form != Form || !told.Prefixes.AsSpan().SequenceEqual(Prefixes.AsSpan()));

    /// <summary>As the router is to have it; null: nothing is said of it.</summary>
    public RouteWanted? Table => IsSpokenOf ? new(Spec.Name, Prefixes, Form, Spec.Degrade) : null;

    /// <summary>Those of the config that are not wanted yet.</summary>
    public IEnumerable<IPNetwork> Waiting => Spec.Prefixes.Except(Prefixes);

    /// <summary>Found announced in several forms by somebody else before us: which of them it is to be is not for us to say.</summary>
    public bool IsUnclear => !Shadow && !isHeld && On is null && unclear is not null;

    /// <summary>How the router shows it, in its adapter's words.</summary>
    string? shown;

    /// <summary>In which forms, as the router showed them last.</summary>
    string? unclear;

    /// <summary>The text of its alarm `unclear`.</summary>
    public string Unclear(At now) => $"route {Spec.Name} was found announced in several forms: {unclear}; `oops confirm {Spec.Name}` makes it plain and ours";

    /// <summary>Which of its prefixes come from somebody else as well, as the router showed them last; null: none that is known.</summary>
    public string? Others { get; set; }

    /// <summary>What that means; null: nobody else announces it.</summary>
    public string? Shared => Others is null ? null : Words.Shared(Others);

    /// <summary>Since when the router does not show what is wanted.</summary>
    At? missingSince;

    public void Miss(At now) => missingSince = IsMissing || IsMissingHeld ? missingSince ?? now : null;

    /// <summary>What is wanted of the router, and what it shows: `anycast (192.0.2.0/24): asked for withdrawn, it shows announced (exported to up)`.</summary>
    public string Asked => $"{Spec.Name} ({string.Join(' ', Prefixes)}): asked for {Words.Of(Form)}, it shows {(Seen is { } seen ? $"{Words.Of(seen)}{(shown is null ? "" : $" ({shown})")}" : SeenDetail ?? "nothing that could be read")}";

    public string Missed(At now) => $"{Asked}, for {Words.Of(now - (missingSince ?? now))}";

    bool WaitsToWiden => Prefixes.Length != Spec.Prefixes.Length && On == true && drain is null;

    /// <summary>Not while there is a reason to withdraw.</summary>
    bool MayWiden => WaitsToWiden && Reason == Core.State.NotMet;

    /// <summary>Time alone may announce what waits. With somebody else's route that is a person's to say.</summary>
    bool WaitsForAdmission => MayWiden && !Adopted;

    /// <summary>What a person's `confirm` changes, in words.</summary>
    public IEnumerable<string> WaitsForConfirm(At now)
    {
        if (Adopted) yield return $"{Spec.Name} is ours{ButShared}";
        if (IsUnclear) yield return $"{Spec.Name} is ours, and all of it plain{ButShared}";
        if (On == true && IsSpent(now)) yield return $"{Spec.Name}: its announcement budget starts anew";
        if (On != true && !free && (IsSpent(now) || Exhausted(now))) yield return $"{Spec.Name}: its announcement budget starts anew, and the next admission costs nothing";
        if (WaitsToWiden) yield return $"{Spec.Name}: {string.Join(' ', Waiting)} will be announced with it";
    }

    string ButShared => Shared is { } shared ? "; but " + shared : "";

    void Look(RouteSeen seen)
    {
        isBefore = false;
        shown = seen.Detail;
        reached |= On == true && seen.Form != RouteForm.Withdrawn;
        var whole = seen.Form is not null && !seen.Lacks.Any(p => Prefixes.Contains(p));
        (Seen, SeenDetail) = (whole ? seen.Form : null, whole ? null : seen.Detail ?? "they could not be told");
    }

    /// <summary>Somebody else's: no more of it than there is.</summary>
    void Find(RouteForm form, ImmutableArray<IPNetwork> lacks)
    {
        // Draining is our own doing of earlier: nobody else announces by that protocol.
        found = form switch
        {
            RouteForm.Draining => found ?? RouteForm.Plain,
            RouteForm.DrainingDegraded => found ?? RouteForm.Degraded,
            _ => form,
        };
        if ((goesOn ? Prefixes : Spec.Prefixes).Except(lacks).ToImmutableArray() is { IsEmpty: false } there) Prefixes = there;
        if (Seen is null) (Seen, SeenDetail) = (form, null);
    }

    /// <summary>To those of the config that it had before.</summary>
    void Narrow(RouteSnapshot saved)
    {
        if (saved.Prefixes.IsDefaultOrEmpty) return;
        had = [.. saved.Prefixes];
        if (!saved.Waiting.IsDefault) waited = [.. saved.Waiting];
        if (!saved.Approved.IsDefault) approved = [.. Spec.Prefixes.Where(p => saved.Approved.Contains(p.ToString()))];
        if (!IsRenumbered) Prefixes = [.. Spec.Prefixes.Where(p => had.Contains(p.ToString()))];
    }

    void Widen(At now)
    {
        if (On == false) Prefixes = Spec.Prefixes;
        else if (MayWiden)
        {
            var admitted = WaitsForAdmission && AnnounceState == Core.State.Met && rising is { } from && now - from >= budget.Rise;
            Prefixes = [.. Spec.Prefixes.Where(p => admitted || Prefixes.Contains(p) || approved.Contains(p))];
        }
    }
}
