using Oops.Core;

namespace Oops.Observed;

/// <summary>
/// The times in which a server of a route was bad, and whether the route left. A reason to withdraw, or a word of the machine that it stays in spite of one; else a server that is down without being a reason; else a route that is kept
/// although it would not be admitted: of several at once only the first of these is told.
/// </summary>
internal sealed class Troubles(string route, RouteSpec? spec, Findings found)
{
    /// <summary>What is over sooner is no miss.</summary>
    static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    readonly SortedDictionary<string, Trouble> downs = new(StringComparer.Ordinal);
    Trouble? reasons, kept;

    sealed class Trouble(Span span)
    {
        public Span Span => span;

        public SortedSet<string> What { get; } = new(StringComparer.Ordinal);

        public Stay Why { get; set; }

        public string Because { get; set; } = "";

        /// <summary>The route left, or another one tells of it.</summary>
        public bool IsAnswered { get; set; }
    }

    public long Misses { get; private set; }

    /// <summary>What stands has changed, or where the route is: null where that is not known.</summary>
    public void Take(IReadOnlyCollection<Reason> open, string? state, string because, DateTimeOffset at)
    {
        var left = state is null or "withdrawn" or "drained";
        var against = open.Where(r => r.Kind is ReasonKind.Withdraw or ReasonKind.Stay).ToList();
        foreach (var down in open.Where(r => r.Kind == ReasonKind.Down))
        {
            var trouble = downs.TryGetValue(down.Server, out var known) ? known : downs[down.Server] = Begin(at);
            trouble.IsAnswered |= left || against.Exists(r => r.Server == down.Server || r.Kind == ReasonKind.Stay);
            (trouble.Because, _) = (down.Because, trouble.What.Add(down.What));
        }

        if (against.Count > 0)
        {
            reasons ??= Begin(at);
            Note(reasons, against);
        }

        if (state == "kept" && open.FirstOrDefault(r => r.Kind == ReasonKind.Announce) is { } missing)
        {
            kept ??= Begin(at);
            kept.What.UnionWith(open.Where(r => r.Kind == ReasonKind.Announce).Select(r => r.What));
            if (kept.Because.Length == 0) kept.Because = because.Length > 0 ? because : missing.Because;
        }

        if (reasons is { IsAnswered: false, Why: Stay.Held } late && state == "withdrawn")
            Miss(late, at, at, string.Join(", ", late.What), Words.Of(Stay.Held), late.Because + "; withdrawn when the hold was over", TimeSpan.Zero);
        if (reasons is not null) reasons.IsAnswered |= left;
        if (kept is not null) kept.IsAnswered |= left || against.Count > 0 || downs.Count > 0;
        foreach (var server in downs.Keys.Where(name => !open.Any(r => r.Kind == ReasonKind.Down && r.Server == name)).ToList()) EndDown(server, at, at);
        if (against.Count == 0) EndReasons(at, at);
        if (state != "kept" || !open.Any(r => r.Kind == ReasonKind.Announce)) EndKept(at, at);
    }

    public void Pause(DateTimeOffset at)
    {
        foreach (var trouble in All) trouble.Span.Pause(at);
    }

    public void GoOn(DateTimeOffset at)
    {
        foreach (var trouble in All) trouble.Span.GoOn(at);
    }

    /// <summary>What stands at the end.</summary>
    public void Close(DateTimeOffset at)
    {
        foreach (var server in downs.Keys.ToList()) EndDown(server, at, null);
        EndReasons(at, null);
        EndKept(at, null);
    }

    IEnumerable<Trouble> All => downs.Values.Concat(new[] { reasons, kept }.OfType<Trouble>());

    TimeSpan Fall => spec?.Fall is { } fall && fall > Least ? fall : Least;

    Trouble Begin(DateTimeOffset at) => new(new(at, found.Window));

    static void Note(Trouble trouble, List<Reason> against)
    {
        trouble.What.UnionWith(against.Where(r => r.Kind == ReasonKind.Withdraw).Select(r => r.What));
        if (against.Find(r => r.Kind == ReasonKind.Stay) is { } stay && Enum.GetValues<Stay>().FirstOrDefault(w => Words.Of(w) == stay.What) is var why && why != Stay.No)
            (trouble.Why, trouble.Because) = (why, stay.Because);
        else if (trouble.Because.Length == 0) trouble.Because = string.Join("; ", against.Select(r => r.Because));
    }

    void EndReasons(DateTimeOffset at, DateTimeOffset? until)
    {
        if (reasons is { IsAnswered: false } trouble)
            Miss(trouble, at, until, string.Join(", ", trouble.What), trouble.Why == Stay.No ? "not-known" : Words.Of(trouble.Why), trouble.Because, trouble.Why is Stay.Held or Stay.LastResort ? TimeSpan.Zero : Fall);
        reasons = null;
    }

    void EndDown(string server, DateTimeOffset at, DateTimeOffset? until)
    {
        if (!downs.Remove(server, out var trouble) || trouble.IsAnswered) return;
        var listed = spec is null || spec.WithdrawWhen.Any(e => e is { Condition: "server-down" or "server-crashed", Not: false });
        Miss(trouble, at, until, string.Join(", ", trouble.What), listed ? "suspicion" : "not-listed", (listed ? "not met by a proof that counts for this route; " : "`withdraw-when` does not name it; ") + trouble.Because, Fall);
    }

    void EndKept(DateTimeOffset at, DateTimeOffset? until)
    {
        if (kept is { IsAnswered: false } trouble) Miss(trouble, at, until, string.Join(", ", trouble.What), "kept", trouble.Because, Fall);
        kept = null;
    }

    void Miss(Trouble trouble, DateTimeOffset at, DateTimeOffset? until, string what, string why, string because, TimeSpan least)
    {
        if (at < found.Window || trouble.Span.Lasted(at) is var lasted && lasted < least) return;
        Misses++;
        found.Misses.Add(new(route, trouble.Span.From, until, lasted, what.Length > 0 ? what : "withdraw-when", why, because));
    }
}
