using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Oops.Config;
using Oops.Core;
using Oops.Engine;
using Oops.Routers;

namespace Oops.Actions.Speaker;

/// <summary>
/// Routes by BGP sessions of our own. It announces what the machine wants and nothing else, imports nothing, and its routes die with us: the kernel closes the sessions, and each peer drops what it had
/// from us. An intent is encoded and written before the first await.
/// </summary>
internal sealed class SpeakerAction : IAction
{
    /// <summary>How long a reading waits for the peers' kernels; a newer intent does not wait for it.</summary>
    static readonly TimeSpan AcknowledgePatience = TimeSpan.FromMilliseconds(250), FirstLook = TimeSpan.FromMilliseconds(1);

    /// <summary>What has not changed is said again so often.</summary>
    static readonly TimeSpan SaidAgain = TimeSpan.FromMinutes(1);

    readonly TimeProvider time;
    readonly SpeakerRib rib;
    readonly Lock gate = new();
    volatile SpeakerCast cast;
    volatile TaskCompletionSource recast = News();
    volatile IReadOnlyList<RouterRoute> routes;
    volatile IEngine? engine;
    CancellationToken ending;
    (RouterObserved Observed, long At)? told;

    public SpeakerAction(SpeakerConfig config, IReadOnlyList<RouterRoute> routes, TimeProvider time)
    {
        (this.routes, this.time) = (routes, time);
        rib = new(TellAsync);
        cast = new(config, (speaker, peer) => new(speaker, peer, rib, time), (at, peers) => new(at.ToIPEndPoint(SpeakerPeer.Port), peers, TellAsync, time));
    }

    public string Name => cast.Config.Name;

    public TimeSpan? ReadEvery => cast.Config.ReadEvery;

    public bool SessionActs => true;

    public IReadOnlyList<SessionReport> Sessions
    {
        get
        {
            var idle = Acts(routes) ? null : "its routes are only observed: nobody is connected to";
            var now = cast;
            return [.. now.Peers.Select(p => p.Report(now.Listeners.Any(l => l.Down is null && l.At.AddressFamily == p.Address.AddressFamily), idle))];
        }
    }

    public IReadOnlyList<ListenReport> Listening => [.. cast.Listeners.Select(l => new ListenReport(l.Address, l.Down))];

    public async Task<IReadOnlyList<string>> ProveAsync(Func<string, Task<bool>> listens)
    {
        List<string> problems = [.. cast.Peers.Select(p => (p.Address, p.ReadPassword().Problem)).Where(p => p.Problem is not null).Select(p => $"the password of {p.Address}: {p.Problem}")];
        foreach (var listener in cast.Listeners)
            if (await listener.ProveAsync().ConfigureAwait(false) is ({ } cannot, var taken) && !(taken && await listens(listener.Address).ConfigureAwait(false))) problems.Add(cannot);
        return problems;
    }

    /// <summary>Connects and listens, until it is stopped: then each peer is told that we go.</summary>
    public async Task RunAsync(IEngine engine, CancellationToken stop)
    {
        // With routes that are only observed it touches nothing, and a session would be something.
        if (!Acts(routes)) return;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        (this.ending, this.engine) = (stop, engine);
        var stage = new SpeakerStaging(ending.Token);
        try
        {
            while (true)
            {
                // Before the look, so that no change is missed.
                var news = recast;
                await stage.PlayAsync(cast).ConfigureAwait(false);
                if (news != recast) continue;
                var first = await Task.WhenAny([news.Task, .. stage.Running]).ConfigureAwait(false);
                await first.ConfigureAwait(false);
            }
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await stage.CloseAsync().ConfigureAwait(false);
            this.engine = null;
        }
    }

    public bool Renew(IActionConfig own, OopsConfig config)
    {
        var next = RouterRoute.Via(Name, config);
        if (own is not SpeakerConfig speaker || Acts(next) != Acts(routes)) return false;
        routes = next;
        cast = cast.With(speaker);
        var before = recast;
        recast = News();
        before.TrySetResult();
        return true;
    }

    public void Retire()
    {
        foreach (var peer in cast.Peers) peer.Retire();
    }

    public IReadOnlyList<string> Losses(IActionConfig? own, OopsConfig config)
    {
        var next = own as SpeakerConfig;
        var acts = next is not null && Acts(RouterRoute.Via(Name, config));
        var now = cast;
        return rib.Look((_, sessions) => (IReadOnlyList<string>)[.. sessions.Where(s => s.Sent.Prefixes.Count > 0 && !(acts && now.Goes(s.Peer.Config.Address, next!) == s.Peer))
            .Select(s => $"{Name}: the session with {s.Peer.Address} ends, which takes {string.Join(' ', s.Sent.Prefixes)} from it {Lost(s.Peer, acts ? next : null, next is not null)}")]);
    }

    /// <summary>For how long.</summary>
    static string Lost(SpeakerPeer peer, SpeakerConfig? next, bool stays) =>
        next?.Peers.FirstOrDefault(p => p.Address.Address.Equals(peer.Address)) is { } again
            ? again.Passive ? "until it connects again: some seconds, or as long as it pauses after an end" : "until the next session stands: some seconds, or as long as it pauses after an end"
            : next is not null ? "for good: it is no peer any more"
            : stays ? "for as long as nothing is announced via this action: its routes are only observed, or go elsewhere"
            : "for good: the action leaves the config";

    static TaskCompletionSource News() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    static bool Acts(IReadOnlyList<RouterRoute> routes) => routes.Any(r => !r.Observed);

    public ValueTask<Outcome> ApplyAsync(Intent intent, CancellationToken stop)
    {
        if (intent is not RouterIntent wanted) return new(new Failed($"a speaker carries routes; it cannot run {intent.GetType().Name}"));
        var config = routes;
        var allowed = config.Where(r => !r.Observed).SelectMany(r => r.Prefixes).ToHashSet();
        var unheard = rib.Change(wanted.Sequence, standing =>
        {
            // What left the config stands until it is released; nothing that is not there comes.
            allowed.UnionWith(standing.SelectMany(r => r.Prefixes));
            var listed = wanted.Routes.Select(r => r with { Prefixes = [.. r.Prefixes.Where(allowed.Contains)] }).ToImmutableArray();
            return Ledger.Merge(standing, listed, wanted.Released, config);
        });
        return SayAsync(unheard);
    }

    public async ValueTask<Input?> ReadAsync(Intent? intent, CancellationToken stop)
    {
        await AcknowledgedAsync(stop).ConfigureAwait(false);
        lock (gate)
        {
            var observed = Observe();
            if (told is { } last && time.GetElapsedTime(last.At) < SaidAgain && Same(last.Observed, observed)) return null;
            told = (observed, time.GetTimestamp());
            return observed;
        }
    }

    /// <summary>A session came or went, or peers can connect or no longer.</summary>
    async Task TellAsync()
    {
        // Our own end is no news.
        if (engine is not { } to || ending.IsCancellationRequested) return;
        await LookAsync().ConfigureAwait(false);
        lock (gate)
        {
            // A reading that is on its way may come to the machine behind this: the next one is told in any case.
            told = null;
            to.Send(Observe());
        }
    }

    async ValueTask<Outcome> SayAsync(ImmutableArray<UnheardRoute> unheard)
    {
        await LookAsync().ConfigureAwait(false);
        var (up, deaf) = rib.Look((_, sessions) => (sessions.Select(s => s.Peer).ToHashSet(), sessions.Where(s => s.Waiting > 0).Select(s => s.Peer.Address).ToList()));
        if (deaf.Count > 0) return new Retry($"speaker: {string.Join(", ", deaf)} takes nothing at the moment: what it must know waits for it") { Unheard = unheard };
        List<string> words = [.. Lacks(cast.Peers.Where(p => !up.Contains(p)))];
        if (!unheard.IsEmpty) words.Insert(0, $"no peer has had {string.Join(", ", unheard.Select(u => u.Route))} since it was announced: that announcement does not count");
        return words.Count == 0 ? Outcome.Done : new Done(string.Join("; ", words)) { Unheard = unheard };
    }

    async Task AcknowledgedAsync(CancellationToken stop)
    {
        var since = time.GetTimestamp();
        for (var pause = FirstLook; !await LookAsync().ConfigureAwait(false) && time.GetElapsedTime(since) < AcknowledgePatience; pause *= 2)
            await Task.Delay(pause, time, stop).ConfigureAwait(false);
    }

    /// <summary>What the kernels have, now. True: all of it.</summary>
    async Task<bool> LookAsync()
    {
        var sessions = rib.Look((_, sessions) => sessions.ToList());
        await Task.WhenAll(sessions.Select(s => s.LookAsync())).ConfigureAwait(false);
        return sessions.TrueForAll(s => s.IsAcknowledged);
    }

    RouterObserved Observe() => rib.Look((table, sessions) =>
    {
        var (config, now) = (routes, cast);
        var mine = config.SelectMany(r => r.Prefixes).ToHashSet();
        var incarnation = string.Create(CultureInfo.InvariantCulture, $"our own, AS {now.Config.Asn}, router ID {now.Config.RouterId.Address}");
        var left = table.Looks.Keys.Where(p => !mine.Contains(p)).ToList();
        return new RouterObserved(Name, [.. config.Select(r => Observe(r, table, sessions))], [.. left], incarnation)
        {
            Followed = Ledger.Followed(table.Routes, config, left),
            Troubles = engine is null ? [] : [.. now.Peers.Select(p => p.Trouble).Concat(now.Listeners.Select(l => l.Trouble(Name))).OfType<RouterTrouble>()],
        };
    });

    RouteSeen Observe(RouterRoute route, SpeakerTable table, IReadOnlyList<SpeakerSession> sessions)
    {
        var seen = route.Prefixes.Select(p => Compare(Observe(p, table, sessions), table, route.Degrade)).ToList();
        var joined = PrefixSeen.Join(route.Name, seen);
        // Wanted, and nobody has it: that is neither withdrawn nor announced.
        return joined.Form == RouteForm.Withdrawn && route.Prefixes.Any(table.Looks.ContainsKey) ? joined with { Form = null } : joined;
    }

    /// <summary>What is out in a form that looks otherwise by now is in none: it is told again.</summary>
    static PrefixSeen Compare(PrefixSeen seen, SpeakerTable table, Degradation degrade) =>
        seen.Form is { } form && form != RouteForm.Withdrawn && table.Looks[seen.Prefix] is var look && Look.Of(form, degrade) != look
            ? seen with { Form = null, Detail = $"{seen.Detail}, {look}, not as the config has it" }
            : seen;

    PrefixSeen Observe(IPNetwork prefix, SpeakerTable table, IReadOnlyList<SpeakerSession> sessions)
    {
        if (!table.Looks.TryGetValue(prefix, out var look)) return new(prefix, RouteForm.Withdrawn, "not announced");
        var have = sessions.Where(s => s.Sent.Has(prefix, look)).ToList();
        var words = new List<string>();
        if (have.Count > 0) words.Add($"announced to {string.Join(", ", have.Select(s => s.IsAcknowledged ? $"{s.Peer.Address}" : $"{s.Peer.Address} (not acknowledged yet)"))}");
        words.AddRange(sessions.Where(s => !s.Sent.Carries(prefix)).Select(s => $"{s.Peer.Address} does not take this family, or there is no next hop of it (next-hop4, next-hop6)"));
        words.AddRange(Lacks(cast.Peers.Where(p => sessions.All(s => s.Peer != p))));
        return new(prefix, have.Count > 0 ? table.FormOf(prefix) : RouteForm.Withdrawn, string.Join("; ", words));
    }

    /// <summary>Why those have no session; what keeps several from connecting to us is said once.</summary>
    List<string> Lacks(IEnumerable<SpeakerPeer> without)
    {
        var peers = without.ToList();
        var deaf = cast.Listeners.Where(l => l.Down is not null && peers.Exists(p => p.Address.AddressFamily == l.At.AddressFamily)).Select(l => l.Down!);
        return [.. peers.Select(p => $"no session with {p.Address}: {p.Down}"), .. deaf];
    }

    static bool Same(RouterObserved a, RouterObserved b) =>
        a.Routes.AsSpan().SequenceEqual(b.Routes.AsSpan()) && a.Orphans.AsSpan().SequenceEqual(b.Orphans.AsSpan()) && a.Followed.AsSpan().SequenceEqual(b.Followed.AsSpan()) && a.Troubles.AsSpan().SequenceEqual(b.Troubles.AsSpan());
}
