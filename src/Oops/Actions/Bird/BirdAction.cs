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

    /// <summary>Include files are changed, and BIRD is told to read them, one action at a time: one may have to change another's, and what moves between two is in neither meanwhile.</summary>
    static readonly SemaphoreSlim Files = new(1, 1);

    readonly BirdClient client;
    readonly LedgerFile file;
    readonly BirdReadBack readBack;
    readonly BirdConfig config;
    readonly IReadOnlyList<RouterRoute> specs;
    readonly TimeProvider time;
    readonly HashSet<string> owned;
    readonly ImmutableHashSet<System.Net.IPNetwork> others;
    readonly Dictionary<string, RouteForm?> seen = new(StringComparer.Ordinal);
    BirdRouter? last;
    uint? asn;
    (BirdRouter Router, long At)? whole;

    ImmutableArray<RouteWanted>? standing;

    /// <summary>What BIRD runs with, as far as is known: another text may be in place that it has not taken.</summary>
    ImmutableArray<RouteWanted>? taken;

    /// <param name="config">Its own.</param>
    /// <param name="routes">Those that go via it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="owned">The files of all actions of the config: the others of ours are strays.</param>
    /// <param name="beside">Prefixes of routes via other actions at the same BIRD, and of none via this one.</param>
    /// <param name="others">Those of routes via any other: what is in their files of these is theirs.</param>
    public BirdAction(BirdConfig config, IReadOnlyList<RouterRoute> routes, TimeProvider time, IEnumerable<string>? owned = null, ImmutableHashSet<System.Net.IPNetwork>? beside = null, ImmutableHashSet<System.Net.IPNetwork>? others = null)
    {
        this.others = others ?? [];
        this.config = config;
        specs = routes;
        this.time = time;
        asn = (uint?)config.Asn;
        file = new LedgerFile(config.FilePath);
        this.owned = [.. owned ?? [], config.FilePath];
        client = new BirdClient(config.Socket, config.Timeout, time);
        readBack = new BirdReadBack(client, routes, config.Sessions, beside ?? []);
    }

    /// <summary>What is in the file, as it was read at first and written since.</summary>
    ImmutableArray<RouteWanted> Standing() => standing ??= Inheritance.Look(config.Include, owned, file, [.. specs.Where(r => !r.Observed).Select(r => r.Name)], []).Routes;

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
        routes = [.. routes.Select(Compare)];
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
        taken ??= Standing();
        if (silent is null && asn is null && Standing().Concat(table.Routes).Any(r => r.Degrade.Prepend > 0))
            asn = await LocalAsAsync(stop);
        Written written = await AloneAsync(() => ValueTask.FromResult(Write(table)), stop);
        if (written.Cannot is { } cannot)
        {
            // A proof outranks a prefix that cannot be moved first.
            await WithdrawAsync(table, sharing: true, stop);
            return new Retry(cannot);
        }
        (ImmutableArray<RouteWanted> there, ImmutableArray<RouteWanted> routes) = (written.There, written.Routes);
        standing = routes;
        if (silent is not null)
            return new Retry(silent);
        ImmutableArray<RouteWanted> untouched = [.. routes.Where(r => table.Routes.All(t => t.Route != r.Route) && there.Any(t => t.Route == r.Route && t.Form == r.Form))];
        return await CommitAsync(routes.RemoveRange(untouched), untouched, written.Text, written.Changed, stop);
    }

    /// <param name="There">What was in the file, and in those that it takes the place of.</param>
    /// <param name="Routes">What is in it now.</param>
    /// <param name="Text">The same as text.</param>
    /// <param name="Changed">It, or another, was written.</param>
    /// <param name="Cannot">Why not; null: it is in place.</param>
    readonly record struct Written(ImmutableArray<RouteWanted> There, ImmutableArray<RouteWanted> Routes, string Text, bool Changed, string? Cannot);

    Written Write(RouterIntent table)
    {
        var left = Inheritance.Look(config.Include, owned, file, [.. table.Routes.Select(r => r.Route)], table.Routes.SelectMany(r => r.Prefixes).Where(p => !others.Contains(p)).ToHashSet());
        ImmutableArray<RouteWanted> routes = Ledger.Merge(left.Routes, table.Routes, table.Released, specs);
        string text = BirdInclude.Render(Name, routes, asn);
        bool changed = text != left.Before || left.IsMore(table.Released);
        return new(left.Routes, routes, text, changed, left.Write(text) ?? left.Leave(table.Released, asn));
    }

    /// <summary>Takes no longer than a change of files, or one command to a BIRD.</summary>
    static async ValueTask<T> AloneAsync<T>(Func<ValueTask<T>> act, CancellationToken stop)
    {
        await Files.WaitAsync(stop);
        try
        {
            return await act();
        }
        finally
        {
            Files.Release();
        }
    }

    public void Dispose() => client.Dispose();

    /// <summary>A protocol says the form; how that looks the text does. What looks otherwise than the config has it by now is in no form: it is told again.</summary>
    RouteSeen Compare(RouteSeen seen)
    {
        if (seen.Form is not (RouteForm.Degraded or RouteForm.Draining) || (taken ?? Standing()).FirstOrDefault(r => r.Route == seen.Route) is not { } told)
            return seen;
        if (seen.Form == RouteForm.Draining && told.Form != RouteForm.DrainingDegraded)
            return seen;
        RouteForm form = seen.Form == RouteForm.Draining ? RouteForm.DrainingDegraded : RouteForm.Degraded;
        return specs.Any(s => !s.Observed && s.Name == seen.Route && s.Degrade != told.Degrade)
            ? seen with { Form = null, Detail = $"{seen.Detail}, {Look.Of(form, told.Degrade)}, not as the config has it" }
            : seen with { Form = form };
    }

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
                if (form != RouteForm.Plain && seen is not null && BirdNames.Carrier(seen) != form)
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
                BirdAnswer answer = await AloneAsync(() => client.AskAsync("configure", stop), stop);
                if (answer.Reply is null)
                    return new Retry(answer.Why!);
                withheld = answer.Reply.Reconfigured ? null : $"bird: did not take the configuration: {answer.Reply}";
                (router, why) = await BirdRouter.ReadAsync(client, stop);
                if (router is null)
                    return new Retry(why!);
                readBack.Others.Reconfigured(router);
            }
        }
        if (withheld is null)
            taken = [.. routes, .. untouched];
        string? refused = await PutRightAsync(router, routes, stop);
        if ((withheld ?? refused) is { } reason)
            return new Retry(reason);
        return routes.FirstOrDefault(r => r.Form is RouteForm.Degraded or RouteForm.DrainingDegraded && !BirdInclude.Protocols(r, asn).Any(p => p.Protocol.Contains("_degraded", StringComparison.Ordinal))) is { } bare
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
