using System.Collections.Immutable;
using System.Globalization;
using Oops.Core;
using Oops.Engine;

namespace Oops.Actions.Bird;

/// <summary>
/// Routes through BIRD. The include file holds the wanted state and outlives both of us; enabling and disabling is the fast path. To withdraw: disable, file,
/// configure. To announce: file, configure, enable. What already is as wanted is not touched, so a restart of ours is invisible to the router.
/// </summary>
internal sealed class BirdAction : IAction, IDisposable
{
    /// <summary>How long a whole read-back stands while the router says that nothing has changed. Only what another protocol brings into the table is seen so late.</summary>
    private static readonly TimeSpan WholeEvery = TimeSpan.FromSeconds(30);

    private readonly BirdClient _client;
    private readonly BirdFile _file;
    private readonly BirdReadBack _readBack;
    private readonly BirdConfig _config;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, RouteForm?> _seen = new(StringComparer.Ordinal);
    private BirdRouter? _last;
    private uint? _asn;
    private (BirdRouter Router, long At)? _whole;

    public BirdAction(BirdConfig config, IReadOnlyList<BirdRouteSpec> routes, TimeProvider time)
    {
        _config = config;
        _time = time;
        _asn = (uint?)config.Asn;
        _file = new BirdFile(BirdFile.PathFor(config.Include, config.Name));
        _client = new BirdClient(config.Socket, config.Timeout, time);
        _readBack = new BirdReadBack(_client, routes, config.Sessions);
    }

    public string Name => _config.Name;

    public TimeSpan? ReadEvery => _config.ReadEvery;

    /// <summary>The include file's path, for `oops check` and messages.</summary>
    public string IncludePath => _file.Path;

    public Task RunAsync(IEngine engine, CancellationToken stop) => Task.CompletedTask;

    /// <summary>Two commands while nothing changes, and then null: what was last observed stands. Everything else when something has changed, was applied, could not be read, or is not as wanted.</summary>
    public async ValueTask<Input?> ReadAsync(Intent? intent, CancellationToken stop)
    {
        (BirdRouter Router, long At)? whole = _whole;
        _whole = null;
        (BirdRouter? router, string? why) = await BirdRouter.ReadAsync(_client, stop);
        if (router is null)
            return new RouterUnseen(Name, why!);
        if (whole is { } last && last.Router.IsLike(router) && _time.GetElapsedTime(last.At) < WholeEvery && Stands(intent as RouterIntent))
        {
            _whole = whole;
            return null;
        }
        long at = _time.GetTimestamp();
        (ImmutableArray<RouteSeen> routes, ImmutableArray<System.Net.IPNetwork> orphans, why) = await _readBack.ReadAsync(router, stop);
        if (why is not null)
            return new RouterUnseen(Name, why);
        _seen.Clear();
        foreach (RouteSeen route in routes)
            _seen[route.Route] = route.Form;
        _whole = (router, at);
        return new RouterObserved(Name, routes, orphans, Incarnation(router));
    }

    public async ValueTask<Outcome> ApplyAsync(Intent intent, CancellationToken stop)
    {
        if (intent is not RouterIntent table)
            return new Failed($"bird carries routes; it cannot run {intent.GetType().Name}");
        _whole = null;
        string? silent = await WithdrawAsync(table, stop);
        // The file is not written on the caller's thread, which is the machine's.
        await Task.Yield();
        string? before = _file.Read();
        ImmutableArray<RouteWanted> routes = BirdInclude.Merge(BirdInclude.Parse(before ?? ""), table.Routes, table.Released);
        if (silent is null && _asn is null && routes.Any(r => r.Degrade.Prepend > 0))
            _asn = await LocalAsAsync(stop);
        string text = BirdInclude.Render(Name, routes, _asn);
        if (text != before && _file.Write(text) is { } cannot)
            return new Retry(cannot);
        if (silent is not null)
            return new Retry(silent);
        return await CommitAsync(routes, text, text != before, stop);
    }

    public void Dispose() => _client.Dispose();

    private bool Stands(RouterIntent? table) =>
        _seen.Values.All(form => form is not null) && (table is null || table.Routes.All(r => _seen.GetValueOrDefault(r.Route) == r.Form));

    /// <summary>The fast path: one command per route and form, both families at once, before anything else. What BIRD says to it is not asked twice: the rest looks anyway. The reason, when it does not answer at all.</summary>
    private async ValueTask<string?> WithdrawAsync(RouterIntent table, CancellationToken stop)
    {
        foreach (RouteWanted route in table.Routes)
        {
            RouteForm? seen = _seen.GetValueOrDefault(route.Route);
            if (route.Form != RouteForm.Withdrawn || seen == RouteForm.Withdrawn)
                continue;
            // Plain first: it is hidden beneath the others, and must not come to light on the way out.
            foreach (RouteForm form in BirdNames.Forms)
            {
                if (form != RouteForm.Plain && seen is not null && seen != form)
                    continue;
                BirdAnswer answer = await _client.AskAsync("disable " + BirdNames.Pattern(route.Route, form), stop);
                if (answer.Reply is null)
                    return answer.Why;
            }
        }
        return null;
    }

    /// <summary>Makes BIRD take the file, unless it has, or somebody would be surprised; then puts right what differs.</summary>
    private async ValueTask<Outcome> CommitAsync(ImmutableArray<RouteWanted> routes, string text, bool changed, CancellationToken stop)
    {
        (BirdRouter? router, string? why) = await BirdRouter.ReadAsync(_client, stop);
        if (router is null)
            return new Retry(why!);
        string? withheld = null;
        if (!await HasLoadedAsync(router, routes, text, changed, stop))
        {
            withheld = BirdSecondWriter.Finds(router, _config.Config, _file.Path);
            if (withheld is null)
            {
                BirdAnswer answer = await _client.AskAsync("configure", stop);
                if (answer.Reply is null)
                    return new Retry(answer.Why!);
                withheld = answer.Reply.Reconfigured ? null : $"bird: did not take the configuration: {answer.Reply}";
                (router, why) = await BirdRouter.ReadAsync(_client, stop);
                if (router is null)
                    return new Retry(why!);
            }
        }
        string? refused = await PutRightAsync(router, routes, stop);
        if ((withheld ?? refused) is { } reason)
            return new Retry(reason);
        return routes.FirstOrDefault(r => r.Form == RouteForm.Degraded && !BirdInclude.Protocols(r, _asn).Any(p => p.Protocol.Contains("_degraded", StringComparison.Ordinal))) is { } bare
            ? new Retry($"bird: {bare.Route} cannot be degraded by prepending: no BGP protocol tells the local AS; write `asn:`")
            : Outcome.Done;
    }

    /// <summary>Enables and disables what is not as the file says: after an `enable` or `disable` by hand, or where the reconfiguration is withheld. Null, or what could not be done.</summary>
    private async ValueTask<string?> PutRightAsync(BirdRouter router, ImmutableArray<RouteWanted> routes, CancellationToken stop)
    {
        List<(string Protocol, bool Up)> wanted = [.. routes.SelectMany(r => BirdInclude.Protocols(r, _asn))];
        string? refused = null;
        // From the most to the least preferred when enabling, the other way round when disabling: nothing hidden comes to light.
        foreach ((string protocol, bool up) in wanted.Where(w => w.Up).Reverse().Concat(wanted.Where(w => !w.Up)))
        {
            if (!router.Protocols.TryGetValue(protocol, out BirdProtocol? row))
            {
                refused ??= $"bird: protocol {protocol} is not there: does bird.conf include {_config.Include}, by a glob on a line of its own?";
                continue;
            }
            if (row.Down != up)
                continue;
            BirdAnswer answer = await _client.AskAsync($"{(up ? "enable" : "disable")} {protocol}", stop);
            refused ??= answer.Refusal;
        }
        return refused;
    }

    /// <summary>Whether BIRD runs with this text: its protocols are there, and the constant in it has the text's value. No clock is asked: a file's time is too coarse for that.</summary>
    private async ValueTask<bool> HasLoadedAsync(BirdRouter router, ImmutableArray<RouteWanted> routes, string text, bool changed, CancellationToken stop)
    {
        if (changed || !routes.SelectMany(r => BirdInclude.Protocols(r, _asn)).All(w => router.Protocols.ContainsKey(w.Protocol)))
            return false;
        BirdAnswer answer = await _client.AskAsync("eval " + BirdInclude.ConstantName(Name), stop);
        return answer.Reply is { Ok: true } reply && reply.Text.Trim() == BirdInclude.ConstantOf(text);
    }

    /// <summary>"Local AS:" of the first BGP protocol, which BIRD shows whether or not the session is up.</summary>
    private async ValueTask<uint?> LocalAsAsync(CancellationToken stop)
    {
        BirdAnswer answer = await _client.AskAsync("show protocols all", stop);
        foreach (BirdLine line in answer.Reply?.Lines ?? [])
            if (line.Text.Trim() is var text && text.StartsWith("Local AS:", StringComparison.Ordinal) && uint.TryParse(text["Local AS:".Length..].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out uint asn))
                return asn;
        return null;
    }

    /// <summary>The router's incarnation as text that changes when, and only when, it was restarted or reconfigured.</summary>
    private string Incarnation(BirdRouter router)
    {
        if (_last is null || !BirdRouter.SameInstant(_last.Rebooted, router.Rebooted) || !BirdRouter.SameInstant(_last.Reconfigured, router.Reconfigured))
            _last = router;
        return string.Create(CultureInfo.InvariantCulture, $"rebooted {_last.Rebooted:yyyy-MM-ddTHH:mm:ss.fffZ}, reconfigured {_last.Reconfigured:yyyy-MM-ddTHH:mm:ss.fffZ}");
    }
}
