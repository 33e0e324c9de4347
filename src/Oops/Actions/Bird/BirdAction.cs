using System.Collections.Immutable;
using System.Globalization;
using Oops.Core;
using Oops.Engine;
using Oops.Routers;

namespace Oops.Actions.Bird;

/// <summary>
/// Routes through BIRD. The include file holds the wanted state and outlives both of us; enabling and disabling is the fast path. To withdraw: disable, file,
/// configure. To announce: file, configure, enable. What already is as wanted is not touched, so a restart of ours is invisible to the router.
/// </summary>
internal sealed class BirdAction : IAction, IDisposable
{
    /// <summary>How long a whole read-back stands while the router says that nothing has changed. Only what another protocol brings into the table is seen so late.</summary>
    static readonly TimeSpan WholeEvery = TimeSpan.FromSeconds(30);

    readonly BirdClient client;
    readonly LedgerFile file;
    readonly BirdReadBack readBack;
    readonly BirdConfig config;
    readonly IReadOnlyList<RouterRoute> specs;
    readonly TimeProvider time;
    readonly HashSet<string> owned;
    readonly Dictionary<string, RouteForm?> seen = new(StringComparer.Ordinal);
    BirdRouter? last;
    uint? asn;
    (BirdRouter Router, long At)? whole;

    ImmutableArray<RouteWanted>? standing;

    /// <param name="config">Its own.</param>
    /// <param name="routes">Those that go via it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="owned">The files of all actions of the config: the others of ours are strays.</param>
    public BirdAction(BirdConfig config, IReadOnlyList<RouterRoute> routes, TimeProvider time, IEnumerable<string>? owned = null)
    {
        this.config = config;
        specs = routes;
        this.time = time;
        asn = (uint?)config.Asn;
        file = new LedgerFile(config.FilePath);
        this.owned = [.. owned ?? [], config.FilePath];
        client = new BirdClient(config.Socket, config.Timeout, time);
        readBack = new BirdReadBack(client, routes, config.Sessions);
    }

    /// <summary>What is in the file, as it was read at first and written since.</summary>
    ImmutableArray<RouteWanted> Standing() => standing ??= Inheritance.Look(config.Include, owned, file, specs.Where(r => !r.Observed).Select(r => r.Name)).Routes;

    public string Name => config.Name;

    public TimeSpan? ReadEvery => config.ReadEvery;

    /// <summary>The include file's path, for `oops check` and messages.</summary>
    public string IncludePath => file.Path;

    public string? NotTaken => BirdConfigText.Read(config.Config, file.Path).Text is { TakesOurs: false }
        ? $"{config.Config} does not include {file.Path}; write, on a line of its own: include \"{config.Include}\";"
        : null;

    public Task<IReadOnlyList<string>> ProveAsync(Func<string, Task<bool>> listens) => Task.FromResult(BirdStrays.Doubles(config.Include));

    public Task RunAsync(IEngine engine, CancellationToken stop) => Task.CompletedTask;

    /// <summary>Two commands while nothing changes, and then null: what was last observed stands. Everything else when something has changed, was applied, could not be read, or is not as wanted.</summary>
    public async ValueTask<Input?> ReadAsync(Intent? intent, CancellationToken stop)
    {
        (BirdRouter Router, long At)? whole = this.whole;
        this.whole = null;
        (BirdRouter? router, string? why) = await BirdRouter.ReadAsync(client, stop);
        // Known before there is something to withdraw, which waits for no file.
        _ = Standing();
        if (router is null)
            return new RouterUnseen(Name, why!);
        if (whole is { } last && last.Router.IsLike(router) && time.GetElapsedTime(last.At) < WholeEvery && Stands(intent as RouterIntent))
        {
            this.whole = whole;
            return null;
        }
        long at = time.GetTimestamp();
        (ImmutableArray<RouteSeen> routes, ImmutableArray<System.Net.IPNetwork> orphans, why) = await readBack.ReadAsync(router, stop);
        if (why is not null)
            return new RouterUnseen(Name, why);
        seen.Clear();
        foreach (RouteSeen route in routes)
            seen[route.Route] = route.Lacks.IsEmpty ? route.Form : null;
        this.whole = (router, at);
        return new RouterObserved(Name, routes, orphans, Incarnation(router)) { Followed = Ledger.Followed(Standing(), specs, orphans) };
    }

    public async ValueTask<Outcome> ApplyAsync(Intent intent, CancellationToken stop)
    {
        if (intent is not RouterIntent table)
            return new Failed($"bird carries routes; it cannot run {intent.GetType().Name}");
        whole = null;
        string? silent = await WithdrawAsync(table, sharing: false, stop);
        // The file is not written on the caller's thread, which is the machine's.
        await Task.Yield();
        var left = Inheritance.Look(config.Include, owned, file, table.Routes.Select(r => r.Route));
        string? before = left.Before;
        ImmutableArray<RouteWanted> there = left.Routes;
        ImmutableArray<RouteWanted> routes = Ledger.Merge(there, table.Routes, table.Released, specs);
        if (silent is null && asn is null && routes.Any(r => r.Degrade.Prepend > 0))
            asn = await LocalAsAsync(stop);
        string text = BirdInclude.Render(Name, routes, asn);
        bool changed = text != before || left.Strays(table.Released);
        if ((left.Enter() ?? (text != before ? file.Write(text) : null) ?? left.Leave(table.Released, asn)) is { } cannot)
        {
            // A proof outranks a prefix that cannot be moved first.
            await WithdrawAsync(table, sharing: true, stop);
            return new Retry(cannot);
        }
        standing = routes;
        if (silent is not null)
            return new Retry(silent);
        ImmutableArray<RouteWanted> untouched = [.. routes.Where(r => table.Routes.All(t => t.Route != r.Route) && there.Any(t => t.Route == r.Route && t.Form == r.Form))];
        return await CommitAsync(routes.RemoveRange(untouched), untouched, text, changed, stop);
    }

    public void Dispose() => client.Dispose();

    bool Stands(RouterIntent? table) =>
        seen.Values.All(form => form is not null) && (table is null || table.Routes.All(r => seen.GetValueOrDefault(r.Route) == r.Form));

    /// <summary>The fast path: one command per route and form, both families at once, before anything else. What BIRD says to it is not asked twice: the rest looks anyway. The reason, when it does not answer at all.</summary>
    /// <param name="table">The intent.</param>
    /// <param name="sharing">Only routes whose protocols have prefixes that are another's by now; else only the others.</param>
    /// <param name="stop">Gives up.</param>
    async ValueTask<string?> WithdrawAsync(RouterIntent table, bool sharing, CancellationToken stop)
    {
        foreach (RouteWanted route in table.Routes)
        {
            RouteForm? seen = this.seen.GetValueOrDefault(route.Route);
            if (route.Form != RouteForm.Withdrawn || seen == RouteForm.Withdrawn || Ledger.IsAlone(Standing(), route, specs) == sharing)
                continue;
            // Plain first: it is hidden beneath the others, and must not come to light on the way out.
            foreach (RouteForm form in BirdNames.Forms)
            {
                if (form != RouteForm.Plain && seen is not null && seen != form)
                    continue;
                BirdAnswer answer = await client.AskAsync("disable " + BirdNames.Pattern(route.Route, form), stop);
                if (answer.Reply is null)
                    return answer.Why;
            }
        }
        return null;
    }

    /// <summary>Makes BIRD take the file, unless it has, or somebody would be surprised; then puts right what differs.</summary>
    /// <param name="routes">Those in the file that the intent speaks of, and what has come to stand otherwise because of it.</param>
    /// <param name="untouched">The others in it: they are held, were not read yet, or have left the config.</param>
    /// <param name="text">The file's.</param>
    /// <param name="changed">It has just been written.</param>
    /// <param name="stop">Gives up.</param>
    async ValueTask<Outcome> CommitAsync(ImmutableArray<RouteWanted> routes, ImmutableArray<RouteWanted> untouched, string text, bool changed, CancellationToken stop)
    {
        (BirdRouter? router, string? why) = await BirdRouter.ReadAsync(client, stop);
        if (router is null)
            return new Retry(why!);
        string? withheld = null;
        if (!await HasLoadedAsync(router, [.. routes, .. untouched], text, changed, stop))
        {
            withheld = BirdSecondWriter.Finds(router, untouched.SelectMany(r => BirdInclude.Protocols(r, asn))) ?? BirdSecondWriter.Finds(router, config.Config, file.Path);
            if (withheld is null)
            {
                BirdAnswer answer = await client.AskAsync("configure", stop);
                if (answer.Reply is null)
                    return new Retry(answer.Why!);
                withheld = answer.Reply.Reconfigured ? null : $"bird: did not take the configuration: {answer.Reply}";
                (router, why) = await BirdRouter.ReadAsync(client, stop);
                if (router is null)
                    return new Retry(why!);
                readBack.Others.Reconfigured(router);
            }
        }
        string? refused = await PutRightAsync(router, routes, stop);
        if ((withheld ?? refused) is { } reason)
            return new Retry(reason);
        return routes.FirstOrDefault(r => r.Form == RouteForm.Degraded && !BirdInclude.Protocols(r, asn).Any(p => p.Protocol.Contains("_degraded", StringComparison.Ordinal))) is { } bare
            ? new Retry($"bird: {bare.Route} cannot be degraded by prepending: no BGP protocol tells the local AS; write `asn:`")
            : Outcome.Done;
    }

    /// <summary>Enables and disables what is not as the file says: after an `enable` or `disable` by hand, or where the reconfiguration is withheld. Null, or what could not be done.</summary>
    async ValueTask<string?> PutRightAsync(BirdRouter router, ImmutableArray<RouteWanted> routes, CancellationToken stop)
    {
        List<(string Protocol, bool Up)> wanted = [.. routes.SelectMany(r => BirdInclude.Protocols(r, asn))];
        string? refused = null;
        // From the most to the least preferred when enabling, the other way round when disabling: nothing hidden comes to light.
        foreach ((string protocol, bool up) in wanted.Where(w => w.Up).Reverse().Concat(wanted.Where(w => !w.Up)))
        {
            if (!router.Protocols.TryGetValue(protocol, out BirdProtocol? row))
            {
                refused ??= $"bird: protocol {protocol} is not there: does bird.conf include {config.Include}, by a glob on a line of its own?";
                continue;
            }
            if (row.Down != up)
                continue;
            BirdAnswer answer = await client.AskAsync($"{(up ? "enable" : "disable")} {protocol}", stop);
            refused ??= answer.Refusal;
        }
        return refused;
    }

    /// <summary>Whether BIRD runs with this text: its protocols are there, and the constant in it has the text's value. No clock is asked: a file's time is too coarse for that.</summary>
    async ValueTask<bool> HasLoadedAsync(BirdRouter router, ImmutableArray<RouteWanted> routes, string text, bool changed, CancellationToken stop)
    {
        if (changed || !routes.SelectMany(r => BirdInclude.Protocols(r, asn)).All(w => router.Protocols.ContainsKey(w.Protocol)))
            return false;
        BirdAnswer answer = await client.AskAsync("eval " + BirdInclude.ConstantName(Name), stop);
        return answer.Reply is { Ok: true } reply && reply.Text.Trim() == BirdInclude.ConstantOf(text);
    }

    /// <summary>"Local AS:" of the first BGP protocol, which BIRD shows whether or not the session is up.</summary>
    async ValueTask<uint?> LocalAsAsync(CancellationToken stop)
    {
        BirdAnswer answer = await client.AskAsync("show protocols all", stop);
        foreach (BirdLine line in answer.Reply?.Lines ?? [])
            if (line.Text.Trim() is var text && text.StartsWith("Local AS:", StringComparison.Ordinal) && uint.TryParse(text["Local AS:".Length..].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out uint asn))
                return asn;
        return null;
    }

    /// <summary>The router's incarnation as text that changes when, and only when, it was restarted or reconfigured.</summary>
    string Incarnation(BirdRouter router)
    {
        if (last is null || !BirdRouter.SameInstant(last.Rebooted, router.Rebooted) || !BirdRouter.SameInstant(last.Reconfigured, router.Reconfigured))
            last = router;
        return string.Create(CultureInfo.InvariantCulture, $"rebooted {last.Rebooted:yyyy-MM-ddTHH:mm:ss.fffZ}, reconfigured {last.Reconfigured:yyyy-MM-ddTHH:mm:ss.fffZ}");
    }
}
