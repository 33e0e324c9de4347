using System.Collections.Immutable;
using System.Net;
using Oops.Core;
using Oops.Engine;

namespace Oops.Routers;

/// <summary>
/// Keeps the wanted table at a router that holds each prefix by itself. Only what differs from the last reading is said; withdraws go first, before any file. What it was told is in a <see cref="Ledger"/>, by which prefixes
/// that left the config are known. Its routes live in its memory: after its restart the machine sees them missing, and the table is said again.
/// </summary>
/// <param name="word">The adapter's, for messages.</param>
/// <param name="name">The action's.</param>
/// <param name="link">The way to the router.</param>
/// <param name="routes">Those of the config that go via this action.</param>
/// <param name="ledger">Beside other files of ours that a reboot takes, as it takes the router's memory.</param>
/// <param name="readEvery">How often it is read when nothing happens.</param>
/// <param name="timeout">The longest that the router may take for one answer.</param>
/// <param name="heritage">What it has to know of other actions at the router; absent: there are none.</param>
internal sealed class PrefixRouter(string word, string name, IPrefixLink link, IReadOnlyList<RouterRoute> routes, LedgerFile ledger, TimeSpan readEvery, TimeSpan timeout, Heritage? heritage = null) : IAction, IDisposable
{
    readonly RouterLedger ledger = new(name, ledger, heritage ?? Heritage.None);
    readonly ImmutableHashSet<IPNetwork> beside = (heritage ?? Heritage.None).Beside;
    readonly Dictionary<IPNetwork, PrefixRead> seen = [];
    readonly SecondWriter other = new();
    string? incarnation;
    bool known;

    public string Name => name;

    public TimeSpan? ReadEvery => readEvery;

    public TimeSpan ApplyTimeout => timeout * 4 + TimeSpan.FromSeconds(5);

    public string? IncludePath => ledger.Path;

    public Task RunAsync(IEngine engine, CancellationToken stop) => Task.CompletedTask;

    public async ValueTask<Input?> ReadAsync(Intent? intent, CancellationToken stop)
    {
        var standing = ledger.Standing;
        var ours = routes.SelectMany(r => r.Prefixes).ToHashSet();
        var left = standing.SelectMany(r => r.Prefixes).Where(p => !ours.Contains(p) && !beside.Contains(p)).ToHashSet();
        var read = await link.ReadAsync([.. ours, .. left], stop);
        if (read.Why is { } why)
        {
            // What was known of it does not stand for a router that may have lost it.
            seen.Clear();
            known = false;
            return new RouterUnseen(name, why);
        }

        if (incarnation is not null && incarnation != read.Incarnation) other.Forget();
        (incarnation, known) = (read.Incarnation, true);
        seen.Clear();
        foreach (var prefix in read.Prefixes) seen[prefix.Prefix] = prefix;
        other.Look(seen);
        return new RouterObserved(name, [.. routes.Select(Say)], [.. Ledger.Ordered([.. left.Where(seen.ContainsKey)])], read.Incarnation) { Followed = Ledger.Followed(standing, routes, left.Where(seen.ContainsKey)) };
    }

    public async ValueTask<Outcome> ApplyAsync(Intent intent, CancellationToken stop)
    {
        if (intent is not RouterIntent table) return new Failed($"{word} carries routes; it cannot run {intent.GetType().Name}");
        var before = ledger.Standing;
        var merged = Ledger.Merge(before, table.Routes, table.Released, routes);
        var changes = Changes(before, merged, table);
        var others = changes.Where(other.Forbids).ToList();
        changes.RemoveAll(others.Contains);
        var refused = changes.Count == 0 ? null : await link.ChangeAsync(changes, stop);
        if (refused is null) changes.ForEach(Took);
        // The ledger is not written on the caller's thread, which is the machine's.
        await Task.Yield();
        if (ledger.Write(merged) is { } cannot) return new Retry(cannot);
        return (refused ?? Left(others)) is { } reason ? new Retry(reason) : Outcome.Done;
    }

    public void Dispose() => link.Dispose();

    /// <summary>What must be said: withdraws first, then each prefix that does not look as it must. Routes that the intent does not speak of stay as they are.</summary>
    List<PrefixChange> Changes(ImmutableArray<RouteWanted> before, ImmutableArray<RouteWanted> merged, RouterIntent table)
    {
        var stays = merged.Where(r => r.Form != RouteForm.Withdrawn).SelectMany(r => r.Prefixes).ToHashSet();
        var goes = table.Routes.Where(r => r.Form == RouteForm.Withdrawn).SelectMany(r => r.Prefixes)
            .Concat(before.Concat(merged).Where(r => table.Routes.Any(t => t.Route == r.Route && t.Form == RouteForm.Withdrawn)).SelectMany(r => r.Prefixes))
            .Concat(table.Released)
            .Where(p => !stays.Contains(p) && !beside.Contains(p)).Distinct();
        // One that was never read may be there.
        List<PrefixChange> changes = [.. goes.Where(p => !known || seen.ContainsKey(p)).Select(p => new PrefixChange(p, null))];
        // One that is away already, whoever took it away, is withdrawn as one that we take.
        foreach (var gone in goes.Where(p => known && !seen.ContainsKey(p))) other.Told(new(gone, null));
        foreach (var route in merged)
        {
            if (Look.Of(route.Form, route.Degrade) is not { } look || table.Routes.FirstOrDefault(t => t.Route == route.Route) is not { } wanted) continue;
            foreach (var prefix in route.Prefixes.Where(p => !beside.Contains(p)))
            {
                // What has left the config goes along while it is there, and does not come back when a restart of the router took it.
                var there = seen.TryGetValue(prefix, out var read);
                if (there ? read!.Look != look : wanted.Prefixes.Contains(prefix)) changes.Add(new(prefix, look));
            }
        }

        return changes;
    }

    // The next reading tells; until then it stands as it was told.
    void Took(PrefixChange change)
    {
        other.Told(change);
        if (change.Look is null) seen.Remove(change.Prefix);
        else seen[change.Prefix] = new(change.Prefix, change.Look, "not read back yet");
    }

    string? Left(List<PrefixChange> others) => others.Count == 0 ? null
        : $"{word}: somebody else changed {string.Join(", ", others.Select(o => o.Prefix))} again after it was put right once; it is left as it is. Find the other writer, or withdraw the route (`oops drain ROUTE`)";

    RouteSeen Say(RouterRoute route)
    {
        var told = ledger.Standing.FirstOrDefault(r => r.Route == route.Name);
        var ours = told is null or { Form: RouteForm.Withdrawn } ? [] : told.Prefixes.ToHashSet();
        return PrefixSeen.Join(route.Name, [.. route.Prefixes.Select(p => Say(p, route.Degrade, told?.Form, ours))]);
    }

    PrefixSeen Say(IPNetwork prefix, Degradation degrade, RouteForm? told, HashSet<IPNetwork> ours) =>
        seen.TryGetValue(prefix, out var read) ? Say(read, degrade, told, ours) with { Other = read.Other } : new(prefix, RouteForm.Withdrawn, "not announced");

    static PrefixSeen Say(PrefixRead read, Degradation degrade, RouteForm? told, HashSet<IPNetwork> ours)
    {
        var prefix = read.Prefix;
        if (read.Unheard) return new(prefix, RouteForm.Withdrawn, read.Detail);
        if (read.Look is { } look && look.Form(degrade, told) is { } form) return new(prefix, form, read.Detail);
        // What we told and somebody changed is missing, so that it is put right; what was found so is announced, by whoever it is.
        return new(prefix, ours.Contains(prefix) ? null : RouteForm.Plain, $"{read.Detail}, {read.Look?.ToString() ?? "with other attributes"}, not as ours");
    }
}
