using Oops.Core;
using Oops.Journal;

namespace Oops.Observed;

/// <summary>Which time a journal covers: from when, its starts, the gaps in it, and the configs that were in charge.</summary>
internal sealed class Coverage
{
    readonly IReadOnlyList<Stretch> stretches;
    readonly Newest<StartAnswer> starts;
    readonly Newest<GapAnswer> gaps;
    readonly Newest<ConfigChangeAnswer> changes;
    TimeSpan missing;

    /// <param name="stretches">All runs of the journal, at least one.</param>
    /// <param name="since">From when on it is asked for.</param>
    /// <param name="now">The time.</param>
    /// <param name="running">Whether a daemon writes it; null: not known.</param>
    /// <param name="most">The most of each list that is kept.</param>
    public Coverage(IReadOnlyList<Stretch> stretches, DateTimeOffset since, DateTimeOffset now, bool? running, int most)
    {
        (this.stretches, starts, gaps, changes) = (stretches, new(most), new(most), new(most));
        var first = 0;
        while (first < stretches.Count && EndOf(stretches[first]) < since) first++;
        var last = Ends = EndOf(stretches[^1]);
        // The newest run of a daemon that lives goes on.
        if (first == stretches.Count && running == true) first--;
        Begins = first == 0 ? stretches[0].Time(stretches[0].First) : since;
        From = Begins > since ? Begins : since;
        To = running is null ? last : now > last ? now : last;
        if (To < From) To = From;
        for (var i = first; i < stretches.Count; i++) Began(i);
        if (running == false) Gap(last, To, To - last, "oops did not run");
        // Where a route stood is said at a start; a reload says what changed.
        Reads = Math.Min(first, stretches.Count - 1);
        while (Reads > 0 && stretches[Reads].Follows(stretches[Reads - 1])) Reads--;
    }

    /// <summary>From when on it is known, of what was asked for.</summary>
    public DateTimeOffset From { get; }

    public DateTimeOffset To { get; }

    /// <summary>The last that was written.</summary>
    public DateTimeOffset Ends { get; }

    /// <summary>From when on the journal has anything of that.</summary>
    public DateTimeOffset Begins { get; }

    /// <summary>The first run that must be read.</summary>
    public int Reads { get; }

    public TimeSpan KnownFor => To - From > missing ? To - From - missing : TimeSpan.Zero;

    public Listed<StartAnswer> Starts => starts.List;

    public Listed<GapAnswer> Gaps => gaps.By(g => g.From);

    public Listed<ConfigChangeAnswer> Changes => changes.List;

    public static DateTimeOffset EndOf(Stretch stretch) => stretch.Time(stretch.Last);

    /// <summary>It did not get to run for a while, until then.</summary>
    public void Paused(DateTimeOffset until, TimeSpan span) => Gap(until - span, until, span, "oops was stopped, starved or suspended");

    void Began(int i)
    {
        var (run, before) = (stretches[i], i > 0 ? stretches[i - 1] : null);
        if (before is null || (!run.Reopened && !run.Follows(before)))
        {
            var how = before is null ? "first" : before.Boot != run.Boot ? "rebooted" : before.Ended ? "orderly" : "crashed";
            // Of a run whose beginning was removed for its age nothing is said.
            if (run.Wall >= From && run.First == run.At) starts.Add(new(run.Wall, run.Version, run.Config, how));
        }

        if (before is null || run.Follows(before))
        {
            Changed(run, before, "reload");
            return;
        }

        var away = before.Boot == run.Boot ? run.At - before.Last : run.Wall - EndOf(before);
        Gap(run.Wall - away, run.Wall, away, run.Reopened ? "the journal could not be written" : before.Boot == run.Boot ? "oops did not run" : "oops did not run: the host was started anew");
        Changed(run, before, "start");
    }

    void Changed(Stretch run, Stretch? before, string how)
    {
        if (before is not null && before.Config != run.Config && run.Wall >= From) changes.Add(new(run.Wall, before.Config, run.Config, how));
    }

    void Gap(DateTimeOffset from, DateTimeOffset to, TimeSpan lasted, string why)
    {
        if (to <= From || lasted <= TimeSpan.Zero) return;
        if (from < From) (from, lasted) = (From, to - From);
        missing += lasted;
        gaps.Add(new(from, to, lasted, why));
    }
}
