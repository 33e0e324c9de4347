using Oops.Core;
using Oops.Engine;

namespace Oops.Control;

/// <summary>`drain`: out of service in an orderly way, and, if asked, no answer before the router shows it.</summary>
internal sealed class DrainVerb(Daemon daemon)
{
    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    /// <summary>One request on its way: what is still chosen of it, and what is said of what is not.</summary>
    sealed class Story(VerbRequest request, List<RouteSpec> chosen)
    {
        public VerbRequest Request => request;

        public List<RouteSpec> Chosen { get; private set; } = chosen;

        /// <summary>Why those that are not chosen any more stay, and what else is to be known.</summary>
        public List<string> Lines { get; } = [];

        /// <summary>Held by a person.</summary>
        public List<string> Held { get; } = [];

        /// <summary>They would leave nobody who answers.</summary>
        public List<string> Refused { get; } = [];

        /// <summary>Only observed.</summary>
        public List<RouteSpec> Shadows { get; } = [];

        /// <summary>Before a stop of the server there is nobody to ask, and nothing may delay it.</summary>
        public bool BeforeStop => request.UntilStarted == true;

        public IReadOnlyList<string> Names => Chosen.ConvertAll(r => r.Name);

        /// <summary>Leaves out what stays; true: nothing is left.</summary>
        public bool Without(Predicate<RouteSpec> stays)
        {
            Chosen = Chosen.FindAll(r => !stays(r));
            return Chosen.Count == 0;
        }

        public VerbAnswer Nothing(Func<string, ReadOnlySpan<string>, VerbAnswer> answer) => answer("nothing is drained", [.. Lines]);
    }

    public async Task<VerbAnswer> RunAsync(VerbRequest request, string who, CancellationToken stop)
    {
        var story = new Story(request, [.. daemon.Plan.Policy.Routes.Where(r => Chosen(r, request))]);
        return Choose(story)
            ?? await LeaveHeldAsync(story).ConfigureAwait(false)
            ?? await LeaveAloneAsync(story).ConfigureAwait(false)
            ?? await SayAsync(story, who).ConfigureAwait(false)
            ?? await LeaveShadowsAsync(story).ConfigureAwait(false)
            ?? await AnswerAsync(story, stop).ConfigureAwait(false);
    }

    /// <summary>Last resorts stay, unless they are forced. Null, here and below: the story goes on.</summary>
    static VerbAnswer? Choose(Story story)
    {
        if (story.Chosen.Count == 0) return story.Request.Server is { } server ? NotNeeded(server, []) : VerbAnswer.Refused("there is no route to drain");
        if (story.Request.Force == true) return null;
        story.Lines.AddRange(story.Chosen.Where(r => r.LastResort).Select(r => $"{r.Name} is a last resort and stays; `--force` drains it all the same"));
        if (!story.Without(r => r.LastResort)) return null;
        return story.Nothing(story.BeforeStop ? VerbAnswer.Done : VerbAnswer.Refused);
    }

    /// <summary>A drain moves nothing that a person holds: said at once, for the server's unit would wait in vain.</summary>
    async Task<VerbAnswer?> LeaveHeldAsync(Story story)
    {
        var held = await HeldAsync(story, story.Names).ConfigureAwait(false);
        story.Lines.AddRange(held.Select(h => h.Words));
        story.Held.AddRange(held.Select(h => h.Route));
        if (!story.Without(r => story.Held.Contains(r.Name))) return null;
        return story.Lines is [var only] ? VerbAnswer.Refused(only) : story.Nothing(VerbAnswer.Refused);
    }

    /// <summary>Peers that are known not to answer: nobody would be left.</summary>
    async Task<VerbAnswer?> LeaveAloneAsync(Story story)
    {
        var mayRefuse = !story.BeforeStop && story.Request.Force != true;
        var alone = await AloneAsync(story.Chosen).ConfigureAwait(false);
        story.Lines.AddRange(alone.Select(a => $"{a.Route}: nobody else answers{(mayRefuse ? "; `--force` drains it all the same" : "")} ({a.Words})"));
        if (mayRefuse) story.Refused.AddRange(alone.Select(a => a.Route));
        return story.Without(r => story.Refused.Contains(r.Name)) ? story.Nothing(VerbAnswer.Refused) : null;
    }

    /// <summary>The word itself. Where enough other servers cover, draining one of them is no reason to leave; which those are is the machine's to say, for it knows who else is down.</summary>
    async Task<VerbAnswer?> SayAsync(Story story, string who)
    {
        var word = new Drain(who, story.Names, story.Request.Server, Span(story.Request), story.BeforeStop, story.Request.Force == true);
        HashSet<string> drained = [];
        if (await daemon.OperateAsync(word, (m, now) => drained = [.. story.Names.Where(r => m.Route(r, now) is { State: RouteState.Drained })]).ConfigureAwait(false) is { } why) return VerbAnswer.Of(why, [.. story.Lines]);
        if (!story.Without(r => !drained.Contains(r.Name))) return null;
        return story.Request.Server is { } server && story.Held.Count == 0 ? NotNeeded(server, story.Lines) : story.Nothing(VerbAnswer.Refused);
    }

    /// <summary>The router of what is only observed goes on as before: what waits for a drain, to restart a server, must not go on.</summary>
    async Task<VerbAnswer?> LeaveShadowsAsync(Story story)
    {
        var chosen = story.Chosen;
        story.Shadows.AddRange(await daemon.Engine.AskAsync((m, now) => chosen.FindAll(r => m.Route(r.Name, now) is { Shadow: true })).ConfigureAwait(false));
        story.Lines.AddRange(story.Shadows.Select(r => $"{r.Name} is only observed (mode: observe): nothing was touched, the router keeps what it has; it counts as drained in what is observed, until that ends or is acted for"));
        return story.Without(story.Shadows.Contains) ? story.Nothing(VerbAnswer.Observed) : null;
    }

    /// <summary>What became of it; and of what else was asked for.</summary>
    async Task<VerbAnswer> AnswerAsync(Story story, CancellationToken stop)
    {
        var request = story.Request;
        var answer = request.Wait is { } wait
            ? await WaitAsync(story.Chosen, TimeSpan.FromSeconds(wait), story.Lines, stop).ConfigureAwait(false)
            : VerbAnswer.Done($"draining {Names(story.Chosen)} {Until(story.Chosen, request, Span(request))}", [.. story.Lines]);
        if (answer.Exit != 0) return answer;
        if (request.Wait is not null && story.Held.Count > 0 && await HeldAsync(story, story.Held).ConfigureAwait(false) is { Count: > 0 } left)
            return VerbAnswer.Refused($"{answer.Text}; not {string.Join(", ", left.Select(h => h.Route))}: held", [.. answer.Lines]);
        if (story.Refused.Count > 0) return VerbAnswer.Refused($"{answer.Text}; not {string.Join(", ", story.Refused)}", [.. answer.Lines]);
        return story.Shadows.Count == 0 ? answer : VerbAnswer.Observed($"{answer.Text}; not {Names(story.Shadows)}", [.. answer.Lines]);
    }

    Task<IReadOnlyList<(string Route, string Words)>> HeldAsync(Story story, IReadOnlyList<string> names) => daemon.Engine.AskAsync((m, now) => m.HeldAgainst(names, story.Request.Server, now));

    static TimeSpan Span(VerbRequest request) => TimeSpan.FromSeconds(request.For ?? 3600);

    /// <summary>A drain of everything is asked for by its name: by mistake it is an outage.</summary>
    public static string Which(Policy policy) =>
        $"which routes? `oops drain ROUTE`, `--server NAME` for those of a server, or `all`; there are: {(policy.Routes.IsEmpty ? "none" : Names(policy.Routes))}";

    /// <summary>Those that have peers, of which all are silent, and that no other route covers.</summary>
    Task<List<(string Route, string Words)>> AloneAsync(List<RouteSpec> chosen) => daemon.Engine.AskAsync((m, now) => chosen
        .Select(r => (r.Name, Covers: m.Route(r.Name, now)!.Covers))
        // What is drained by the same word covers nothing.
        .Where(r => r.Covers.Any(c => c.Peer) && r.Covers.All(c => c.Peer ? c.State == State.NotMet : c.State != State.Met || chosen.Exists(o => o.Name == c.Route)))
        .Select(r => (r.Name, string.Join(", ", r.Covers.Where(c => c.Peer)))).ToList());

    async Task<VerbAnswer> WaitAsync(List<RouteSpec> chosen, TimeSpan longest, List<string> lines, CancellationToken stop)
    {
        var began = daemon.Engine.Now;
        while (true)
        {
            var now = await daemon.Engine.AskAsync((m, now) => chosen.Select(r => m.Route(r.Name, now)).OfType<RouteReport>().ToList()).ConfigureAwait(false);
            var left = now.FindAll(r => !r.Drained);
            if (left.Count == 0)
            {
                lines.AddRange(now.Where(r => r.Upstream is { State: State.Unknown }).Select(r => $"{r.Name}: whether its upstream has followed is not known: {r.Upstream!.Says}"));
                return VerbAnswer.Done($"drained {Names(chosen)}", [.. lines]);
            }

            if (daemon.Engine.Now - began >= longest)
                return VerbAnswer.TimedOut($"not withdrawn within {Words.Of(longest)}", [.. lines, .. left.Select(r => $"{r.Name}: {r.Person ?? Words.Of(r.State)}{(r.RouterWhy is null ? "" : ", " + r.RouterWhy)}{(r.Shared is null ? "" : "; " + r.Shared)}")]);
            await Task.Delay(Look, daemon.Time, stop).ConfigureAwait(false);
        }
    }

    // Without a server each route waits for its first one.
    static string Until(List<RouteSpec> chosen, VerbRequest request, TimeSpan span)
    {
        if (request.UntilStarted != true) return $"for {Words.Of(span)}";
        var servers = chosen.Select(r => request.Server ?? r.Servers[0]).Distinct(StringComparer.Ordinal).ToList();
        return $"until {string.Join(" and ", servers)} {(servers.Count == 1 ? "is" : "are")} started, at most {Words.Of(span)}";
    }

    static VerbAnswer NotNeeded(string server, List<string> lines) => VerbAnswer.Done($"no route depends on {server} alone: nothing to drain", [.. lines]);

    static bool Chosen(RouteSpec route, VerbRequest request) =>
        (request.Routes is not { Length: > 0 } names || names.Contains(route.Name))
        && (request.Server is not { } server || route.Servers.Contains(server));

    static string Names(IEnumerable<RouteSpec> routes) => string.Join(", ", routes.Select(r => r.Name));
}
