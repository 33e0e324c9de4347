using System.Globalization;
using Oops.Control;
using Oops.Core;
using Oops.Journal;

namespace Oops.Observed;

/// <summary>What is asked of a journal.</summary>
/// <param name="Journal">Its file.</param>
/// <param name="Policy">Of the config on disk: by it causes are named.</param>
/// <param name="Since">From when on.</param>
/// <param name="Now">The time.</param>
/// <param name="Running">Whether a daemon writes it; null: not known.</param>
/// <param name="Routes">Only those; empty: all.</param>
/// <param name="Most">The most of each list.</param>
/// <param name="Keep">How long the config has the journal kept.</param>
internal sealed record Asked(string Journal, Policy Policy, DateTimeOffset Since, DateTimeOffset Now, bool? Running, IReadOnlyList<string> Routes, int Most, TimeSpan Keep)
{
    /// <summary>Routes that are gone while oops does not run: via a speaker.</summary>
    public IReadOnlySet<string> Dying { get; init; } = new HashSet<string>();
}

/// <summary>
/// Weeks of a journal, read once and in order: what the machine decided of routes, for which causes, and what it did not. Nothing is judged again; what the machine said is counted.
/// </summary>
internal sealed class Observing
{
    readonly Asked asked;
    readonly IReadOnlyList<Stretch> stretches;
    readonly Coverage coverage;
    readonly Findings found;
    readonly SortedDictionary<string, RouteStory> stories = new(StringComparer.Ordinal);
    readonly Dictionary<string, List<string>> servers;
    int current;

    Observing(Asked asked, IReadOnlyList<Stretch> stretches)
    {
        (this.asked, this.stretches) = (asked, stretches);
        coverage = new(stretches, asked.Since, asked.Now, asked.Running, asked.Most);
        found = new(coverage.From, asked.Most);
        current = coverage.Reads;
        servers = asked.Policy.Servers.ToDictionary(s => s.Name, s => asked.Policy.Routes.Where(r => r.Servers.Contains(s.Name) && IsAsked(r.Name)).Select(r => r.Name).ToList(), StringComparer.Ordinal);
        foreach (var route in asked.Policy.Routes.Where(r => IsAsked(r.Name))) Story(route.Name);
    }

    /// <summary>Null: nothing was written of any run.</summary>
    /// <param name="how">How a cause is provoked by hand.</param>
    public static ObservedAnswer? Of(JournalReader reader, Asked asked, Func<EntrySpec, bool, string, string> how)
    {
        if (reader.Stretches() is not { Count: > 0 } stretches) return null;
        var observing = new Observing(asked, stretches);
        foreach (var (run, at, line) in reader.OfRoutes(stretches[observing.current].Id)) observing.Take(run, at, line);
        return observing.Answer(how);
    }

    bool IsAsked(string route) => asked.Routes.Count == 0 || asked.Routes.Contains(route);

    void Take(long run, At at, Decision line)
    {
        while (current + 1 < stretches.Count && stretches[current + 1].Id <= run) Next();
        var stretch = stretches[current];
        var time = stretch.Id == run ? stretch.Time(at) : line.Wall;
        switch (line.Kind)
        {
            case "gap":
                if (long.TryParse(line.To, CultureInfo.InvariantCulture, out var milliseconds)) coverage.Paused(time, TimeSpan.FromMilliseconds(milliseconds));
                break;
            case "condition":
                foreach (var route in servers.GetValueOrDefault(line.Id.Split('/')[^1]) ?? []) Story(route).Take(line, time);
                break;
            case "route" or "shadow" or "cause" or "stay" when line.Id.Split('/', 3) is [_, var route, ..] && IsAsked(route):
                Story(route).Take(line, time);
                break;
            case "alarm" when line.Id.Split('/', 3) is [_, _, var route] && IsAsked(route):
                Story(route).Take(line, time);
                break;
        }
    }

    void Next()
    {
        var (before, next) = (stretches[current], stretches[++current]);
        var ended = Coverage.EndOf(before);
        foreach (var story in stories.Values)
        {
            if (next.Reopened) story.GoOn(ended, next.Wall);
            else story.Begin(ended, next.Wall, restarted: !next.Follows(before));
        }
    }

    RouteStory Story(string route) =>
        stories.TryGetValue(route, out var story) ? story : stories[route] = new(route, asked.Policy.Routes.FirstOrDefault(r => r.Name == route), found, asked.Dying.Contains(route));

    ObservedAnswer Answer(Func<EntrySpec, bool, string, string> how)
    {
        while (current + 1 < stretches.Count) Next();
        var end = asked.Running == true ? coverage.To : Coverage.EndOf(stretches[current]);
        foreach (var story in stories.Values) story.Close(end, asked.Running == false ? coverage.To : null);
        return new(1, asked.Journal, asked.Since, coverage.From, coverage.To)
        {
            Why = coverage.Ends < asked.Since && asked.Running != true ? $"nothing was written since {TimeConverter.Text(coverage.Ends)}"
                : coverage.From > asked.Since ? $"the journal has nothing older; the config keeps {Words.Of(asked.Keep)} of it" : null,
            KnownFor = coverage.KnownFor,
            Running = asked.Running,
            Config = asked.Policy.Hash,
            Starts = coverage.Starts,
            Gaps = coverage.Gaps,
            ConfigChanges = coverage.Changes,
            Withdraws = found.Withdraws.By(w => w.At),
            Misses = found.Misses.By(m => m.At),
            Routes = [.. stories.Values.Select(s => s.Totals with { Mode = ModeOf(s.Name) })],
            Causes = [.. asked.Policy.Routes.Where(r => IsAsked(r.Name)).SelectMany(r => Causes(r, how))],
        };
    }

    Mode? ModeOf(string route) => asked.Policy.Routes.FirstOrDefault(r => r.Name == route) is not { } spec ? null : asked.Policy.Mode == Mode.Observe ? Mode.Observe : spec.Mode;

    IEnumerable<CauseAnswer> Causes(RouteSpec route, Func<EntrySpec, bool, string, string> how)
    {
        foreach (var (list, entries) in new[] { ("withdraw-when", route.WithdrawWhen), ("degrade-when", route.DegradeWhen), ("announce-when", route.AnnounceWhen) })
            foreach (var server in route.Servers)
                foreach (var entry in entries)
                {
                    var answer = new CauseAnswer(route.Name, list, server, entry.Label);
                    if (Story(route.Name).Cause(list, server, entry.Label) is { } story)
                        answer = answer with { Seen = story.Seen, Overridden = story.Overridden, Last = story.Last, Longest = story.Seen > 0 ? story.Longest : null, Stands = story.Stands };
                    yield return answer.Seen > 0 ? answer : answer with { Provoke = how(entry, list == "announce-when", server) };
                }
    }
}
