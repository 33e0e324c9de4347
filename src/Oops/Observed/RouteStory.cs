using Oops.Core;
using Oops.Journal;

namespace Oops.Observed;

/// <summary>One route through the weeks, by what its machine decided and said of it.</summary>
/// <param name="name">Its name.</param>
/// <param name="spec">As the config on disk has it; null: it has it not.</param>
/// <param name="found">What is found of all.</param>
/// <param name="dies">It is gone while oops does not run.</param>
internal sealed class RouteStory(string name, RouteSpec? spec, Findings found, bool dies)
{
    /// <summary>So long after a new machine began, what stood for the one before and was not said again is over.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    readonly Dictionary<string, CauseStory> causes = new(StringComparer.Ordinal);
    readonly Dictionary<string, Reason> open = new(StringComparer.Ordinal);
    readonly Troubles troubles = new(name, spec, found);
    string? state;
    bool observed;
    string because = "";
    Outage? outage;
    DateTimeOffset? doubtedUntil;
    RouteTotals totals = new(name, null);

    sealed record Outage(Span Span, bool Observed, IReadOnlyList<string> Causes, string Because);

    public string Name => name;

    public RouteTotals Totals => totals with { Misses = troubles.Misses };

    public CauseStory? Cause(string list, string server, string entry) => causes.GetValueOrDefault($"{list}/{server}/{entry}");

    /// <summary>A line of the history.</summary>
    public void Take(Decision line, DateTimeOffset at)
    {
        Settle(at);
        switch (line.Kind)
        {
            case "route" or "shadow":
                Move(line, at);
                break;
            case "cause" when line.Id.Split('/', 5) is [_, _, var list, var server, var entry]:
                Cause(line, list, server, entry, at);
                break;
            case "stay":
                Set("stay", line.To != Words.Of(Stay.No), () => new(ReasonKind.Stay, "", line.To, new(at, found.Window), line.Text), at, changes: true);
                break;
            case "condition":
                var down = line.Id.Split('/')[^1];
                Set(line.Id, line.To == Words.Of(State.Met), () => new(ReasonKind.Down, down, down + "/server-down", new(at, found.Window), line.Text), at);
                break;
            case "alarm" when line.To == Words.Of(AlarmPhase.Raised) && at >= found.Window:
                totals = totals with { Refused = totals.Refused + 1 };
                break;
        }

        troubles.Take(open.Values, state, because, at);
    }

    /// <summary>Another machine begins. After a restart where the route is has to be said again; what speaks against it, always.</summary>
    public void Begin(DateTimeOffset ended, DateTimeOffset begun, bool restarted)
    {
        Settle(begun);
        Pause(ended);
        foreach (var reason in open.Values) reason.Doubted ??= ended;
        doubtedUntil = begun + Patience;
        if (restarted) Die(ended);
        if (restarted) state = "unknown";
        else if (spec is not null) outage?.Span.GoOn(begun);
        troubles.GoOn(begun);
    }

    /// <summary>The same machine goes on after a time of which nothing was written.</summary>
    public void GoOn(DateTimeOffset ended, DateTimeOffset begun)
    {
        Pause(ended);
        foreach (var reason in open.Values) reason.Span.GoOn(begun);
        outage?.Span.GoOn(begun);
        troubles.GoOn(begun);
    }

    /// <summary>Nobody announces it while oops does not run: of that time it is known that it was out.</summary>
    void Die(DateTimeOffset at)
    {
        if (!dies) return;
        if (state is "announced" or "kept" or "degraded" or "adopted" && !observed) outage ??= new(new(at, found.Window), false, [], "oops did not run, at most for so long, and what goes via a speaker ends with it");
        if (outage is { Observed: false } real) real.Span.GoOn(at);
    }

    /// <summary>The end of what is known.</summary>
    /// <param name="at">The last that was written.</param>
    /// <param name="dead">Until when oops has not run since; null: it runs, or nobody knows.</param>
    public void Close(DateTimeOffset at, DateTimeOffset? dead)
    {
        Settle(at);
        foreach (var reason in open.Values) reason.Story?.Add(reason, at, stands: true);
        troubles.Close(at);
        if (dead is not null) Die(at);
        if (outage is not null) End(dies && dead is { } until ? until : at, null, null);
    }

    void Pause(DateTimeOffset at)
    {
        foreach (var reason in open.Values) reason.Span.Pause(at);
        outage?.Span.Pause(at);
        troubles.Pause(at);
    }

    /// <summary>What the new machine has not said again until now, is over.</summary>
    void Settle(DateTimeOffset at)
    {
        if (doubtedUntil is not { } until || at < until) return;
        doubtedUntil = null;
        var doubted = open.Where(r => r.Value.Doubted is not null).ToList();
        foreach (var (key, reason) in doubted) Over(key, reason, reason.Doubted!.Value);
        if (doubted.Count > 0) troubles.Take(open.Values, state, because, doubted.Max(r => r.Value.Doubted!.Value));
    }

    void Move(Decision line, DateTimeOffset at)
    {
        observed = line.Kind == "shadow";
        var because = string.Join("; ", Against().Select(r => r.Because));
        if (outage is { } other && other.Observed != observed) End(at, at, "another mode");
        if (line.To == "withdrawn")
        {
            if (outage is not null) outage.Span.GoOn(at);
            else if (IsOut(line.From)) outage = new(new(at, found.Window), observed, [.. Against().Select(r => r.What)], line.Text.Length > 0 ? line.Text : because);
        }
        else if (outage is not null) End(at, at, line.To);

        if (line.From == "withdrawn" && line.To is "announced" or "kept" or "degraded" && at >= found.Window) totals = totals with { Announcements = totals.Announcements + 1 };
        (state, this.because) = (line.To, line.Text);
    }

    /// <summary>It was announced before, or nobody knew, and there is a reason: what was found withdrawn was not withdrawn by us, and what a person took out neither.</summary>
    bool IsOut(string? from) => from is "announced" or "kept" or "degraded" or "adopted" || (from is "unknown" or "drained" && Against().Any());

    IEnumerable<Reason> Against() => open.Values.Where(r => r.Kind == ReasonKind.Withdraw && r.Doubted is null);

    void End(DateTimeOffset at, DateTimeOffset? until, string? to)
    {
        var (out_, ended) = (outage!, outage!.Span.Lasted(at));
        outage = null;
        if (at < found.Window) return;
        totals = out_.Observed
            ? totals with { WouldWithdraws = totals.WouldWithdraws + 1, WouldBeOutFor = totals.WouldBeOutFor + ended }
            : totals with { Withdraws = totals.Withdraws + 1, OutFor = totals.OutFor + ended };
        found.Withdraws.Add(new(name, out_.Span.From, out_.Observed, until, ended, [.. out_.Causes], out_.Because, to));
    }

    void Cause(Decision line, string list, string server, string entry, DateTimeOffset at)
    {
        var kind = list switch
        {
            "withdraw-when" => ReasonKind.Withdraw,
            "degrade-when" => ReasonKind.Degrade,
            _ => ReasonKind.Announce,
        };
        var key = $"{list}/{server}/{entry}";
        var stands = line.To == Words.Of(kind == ReasonKind.Announce ? State.NotMet : State.Met);
        if (!causes.TryGetValue(key, out var story)) story = causes[key] = new();
        // As `Why` writes it.
        var forced = line.Text.Contains($" of {server} is ", StringComparison.Ordinal) && line.Text.Split(": ", 2) is [_, var why] && why.StartsWith("overridden by ", StringComparison.Ordinal);
        Set(key, stands, () => new(kind, server, $"{server}/{entry}", new(at, found.Window), line.Text) { Story = story, IsForced = forced }, at);
    }

    void Set(string key, bool stands, Func<Reason> begin, DateTimeOffset at, bool changes = false)
    {
        if (open.TryGetValue(key, out var known))
        {
            if (stands && known.Doubted is not null && !changes)
            {
                known.Doubted = null;
                known.Span.GoOn(at);
                return;
            }

            if (stands && !changes) return;
            Over(key, known, known.Doubted ?? at);
        }

        if (stands) open[key] = begin();
    }

    void Over(string key, Reason reason, DateTimeOffset at)
    {
        open.Remove(key);
        if (at >= found.Window) reason.Story?.Add(reason, at, stands: false);
    }
}
