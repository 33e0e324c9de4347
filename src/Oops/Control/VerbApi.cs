using System.Collections.Immutable;
using System.Net;
using Oops.Core;
using Oops.Engine;

namespace Oops.Control;

/// <summary>What a person can say. Each word is checked against the policy first, so that a typing error is an answer and not a silence.</summary>
internal sealed class VerbApi(Daemon daemon)
{
    /// <summary>The answer to an `unhold` where nobody holds anything.</summary>
    public const string NoHold = "there was no hold";

    static readonly TimeSpan OneHour = TimeSpan.FromHours(1);

    Policy Policy => daemon.Plan.Policy;

    public async Task<VerbAnswer> RunAsync(string verb, VerbRequest request, string who, CancellationToken stop)
    {
        var all = request.Routes is ["all"];
        if (all) request = request with { Routes = null };
        if (request.Routes is { } routes && routes.Except(Policy.Routes.Select(r => r.Name)).ToList() is { Count: > 0 } unknown)
            return VerbAnswer.NotFound(NoSuch.Route(Policy, unknown[0]));
        if (request.Server is { } server && Policy.Servers.All(s => s.Name != server))
            return VerbAnswer.NotFound(NoSuch.Server(Policy, server));
        if (request.For is <= 0 or > 366 * 86_400) return VerbAnswer.Usage($"how long it stands ({(verb == "signal" ? "--valid-for" : "--for")}) is more than 0 and at most a year");
        if (request.Wait is < 0 or > 86_400) return VerbAnswer.Usage("how long to wait (--timeout) is at most a day");
        return verb switch
        {
            "signal" => Signal(request, who),
            "override" => await OverrideAsync(request, who).ConfigureAwait(false),
            "drain" when !all && request is { Routes: null or { IsEmpty: true }, Server: null } => VerbAnswer.Usage(DrainVerb.Which(Policy)),
            "drain" => await new DrainVerb(daemon).RunAsync(request, who, stop).ConfigureAwait(false),
            "undrain" => await UndrainAsync(request, who).ConfigureAwait(false),
            "hold" => await HoldAsync(request, who).ConfigureAwait(false),
            "unhold" => await UnholdAsync(request, who).ConfigureAwait(false),
            "confirm" => await ConfirmAsync(request, who).ConfigureAwait(false),
            "release" => await ReleaseAsync(request, who).ConfigureAwait(false),
            "flush" => await daemon.FlushAsync().ConfigureAwait(false) ? VerbAnswer.Done("the journal is complete until now") : VerbAnswer.Failed(daemon.Journal.Broken ?? "the disk is too slow"),
            "accept" => await new VerifyApi(daemon).AcceptAsync(request, who, stop).ConfigureAwait(false),
            "reload" => await ReloadAsync(request).ConfigureAwait(false),
            _ => VerbAnswer.Usage($"no verb {verb}"),
        };
    }

    VerbAnswer Signal(VerbRequest request, string who)
    {
        if (request.Condition is not { } name || request.Subject is not { } subject) return VerbAnswer.Usage("a condition and a server");
        if (Policy.Conditions.OfType<KindSpec>().FirstOrDefault(c => c.Name == name && c.Kind == Kind.External) is not { } spec) return VerbAnswer.NotFound(NoSuch.External(Policy, name));
        if (Policy.Servers.All(s => s.Name != subject)) return VerbAnswer.NotFound(NoSuch.Server(Policy, subject));
        if (!Words.TryState(request.State ?? "", out var state)) return VerbAnswer.Usage("the state is met, not-met or unknown");
        daemon.Engine.Send(new ExternalClaim("cli/" + who, name, subject, state, spec.Proof ? Evidence.Proof : Evidence.Suspicion, TimeSpan.FromSeconds(request.For ?? 300), Printable(request.Detail)));
        return VerbAnswer.Done($"{name} at {subject} is claimed {Words.Of(state)}");
    }

    async Task<VerbAnswer> OverrideAsync(VerbRequest request, string who)
    {
        if (request.Condition is not { } name || request.Subject is not { } subject) return VerbAnswer.Usage("a condition and a subject");
        var slash = subject.IndexOf('/');
        var server = slash < 0 ? subject : subject[..slash];
        var zone = slash < 0 ? null : subject[(slash + 1)..].ToLowerInvariant();
        if (zone is { Length: > 1 }) zone = zone.TrimEnd('.');
        var missing = await daemon.Engine.AskAsync((m, now) => m.Condition(name, server, zone, now) is null ? NoSuch.Condition(Policy, m, now, name, server, zone) : ((string Text, bool Misshapen)?)null).ConfigureAwait(false);
        if (missing is { } why) return why.Misshapen ? VerbAnswer.Usage(why.Text) : VerbAnswer.NotFound(why.Text);
        if (request.End == true) return await EndOverrideAsync(new Unoverride(who, name, server, zone)).ConfigureAwait(false);
        if (!Words.TryState(request.State ?? "", out var state)) return VerbAnswer.Usage("the state is met, not-met or unknown");
        if (string.IsNullOrWhiteSpace(request.Reason)) return VerbAnswer.Usage("an override needs a reason: --reason TEXT");
        var span = TimeSpan.FromSeconds(request.For ?? OneHour.TotalSeconds);
        return await SayAsync(new Override(who, name, server, zone, state, span, Printable(request.Reason)!), $"{name} {subject} counts as {Words.Of(state)} for {Words.Of(span)}").ConfigureAwait(false);
    }

    async Task<VerbAnswer> UndrainAsync(VerbRequest request, string who)
    {
        var names = Names(request);
        var drained = await daemon.Engine.AskAsync((m, now) => m.Status(now).Routes.Where(r => r.State == RouteState.Drained && (names.Count == 0 || names.Contains(r.Name))).Select(r => r.Name).ToList()).ConfigureAwait(false);
        if (drained.Count == 0) return VerbAnswer.Done(names.Count == 0 ? "nothing was drained" : $"{string.Join(", ", names)}: not drained");
        var answer = await SayAsync(new Undrain(who, drained), $"undrained {string.Join(", ", drained)}; full admission decides").ConfigureAwait(false);
        return answer.Exit != 0 ? answer : answer with { Lines = [.. names.Except(drained).Select(n => $"{n}: was not drained")] };
    }

    async Task<VerbAnswer> EndOverrideAsync(Unoverride word)
    {
        var subject = $"{word.Condition} {word.Server}{(word.Zone is null ? "" : "/" + word.Zone)}";
        // As status lists it: also one that forces nothing, because the condition is a value and no state.
        var stood = await daemon.Engine.AskAsync((m, now) => m.Status(now).People.Any(p => p.StartsWith($"override {subject} ", StringComparison.Ordinal))).ConfigureAwait(false);
        return stood ? await SayAsync(word, $"the override of {subject} has ended").ConfigureAwait(false) : VerbAnswer.Done($"{subject}: there was no override");
    }

    Task<VerbAnswer> HoldAsync(VerbRequest request, string who)
    {
        var (names, span) = (Names(request), TimeSpan.FromSeconds(request.For ?? OneHour.TotalSeconds));
        var held = names.Count == 0 ? "held all routes" : "held " + string.Join(", ", names);
        return SayAsync(new Hold(who, names, span, request.Reason ?? ""), $"{held} for {Words.Of(span)}: nothing moves until then, or until oops unhold{string.Concat(names.Select(n => " " + n))}");
    }

    async Task<VerbAnswer> UnholdAsync(VerbRequest request, string who)
    {
        var names = Names(request);
        var before = await HoldsAsync().ConfigureAwait(false);
        var ended = names.Count == 0 ? before : [.. before.Intersect(names)];
        var answer = ended.Count == 0
            ? VerbAnswer.Done(names.Count == 0 ? NoHold : $"{string.Join(", ", names)}: there was no hold of that name")
            : await SayAsync(new Unhold(who, names.Count == 0 ? [] : ended), $"the hold of {string.Join(", ", ended.Select(h => h.Length == 0 ? "all" : h))} has ended").ConfigureAwait(false);
        if (answer.Exit != 0) return answer;
        var moved = ended.Count == 0 ? [] : await daemon.Engine.AskAsync((m, now) => m.Status(now).Routes.Where(r => !r.Held && r is { Wanted: { } wanted, Router: { } router } && wanted != router).Select(r => $"{r.Name}: the router shows {Words.Of(r.Router!.Value)}, and is told {Words.Of(r.Wanted!.Value)} now").ToList()).ConfigureAwait(false);
        // A hold of all and one of a route are two words: who ends one must not believe that the other is gone.
        var left = (await HoldsAsync().ConfigureAwait(false)).Select(h => h.Length == 0 ? "still held: all; oops unhold" : $"still held: {h}; oops unhold {h}");
        return answer with { Lines = [.. moved, .. left] };
    }

    Task<IReadOnlyList<string>> HoldsAsync() => daemon.Engine.AskAsync((m, _) => m.Holds);

    async Task<VerbAnswer> ConfirmAsync(VerbRequest request, string who)
    {
        if (request.Routes is null && await daemon.ConfirmReloadAsync().ConfigureAwait(false) is { } taken)
        {
            if (!taken.Taken) return VerbAnswer.Failed(taken.Text, [.. taken.Lines]);
            // What else waits was not shown with it.
            var left = await daemon.Engine.AskAsync((m, now) => m.ConfirmedBy(new(who, []), now)).ConfigureAwait(false);
            return VerbAnswer.Done(taken.Text, [.. taken.Lines, .. left.Select(l => $"waits for another `oops confirm`: {l}")]);
        }

        var word = new Confirm(who, Names(request));
        var lines = await daemon.Engine.AskAsync((m, now) => m.ConfirmedBy(word, now)).ConfigureAwait(false);
        var answer = await SayAsync(word, lines.Count == 0 ? "nothing waited for it" : "confirmed").ConfigureAwait(false);
        return answer with { Lines = [.. lines, .. answer.Lines] };
    }

    async Task<VerbAnswer> ReleaseAsync(VerbRequest request, string who)
    {
        if (!IPNetwork.TryParse(request.Prefix ?? "", out var prefix)) return VerbAnswer.Usage($"{request.Prefix} is no prefix");
        var orphans = await daemon.Engine.AskAsync((m, now) => m.Status(now).Routes.Where(r => r.State == RouteState.Orphan).SelectMany(r => r.Prefixes).ToList()).ConfigureAwait(false);
        if (!orphans.Contains(prefix.ToString())) return VerbAnswer.Refused($"{prefix} is no orphan; orphans: {(orphans.Count == 0 ? "none" : string.Join(", ", orphans))}");
        return await SayAsync(new Release(who, prefix), $"{prefix} is let go").ConfigureAwait(false);
    }

    async Task<VerbAnswer> ReloadAsync(VerbRequest request)
    {
        var result = await daemon.ReloadAsync(request.Confirm == true).ConfigureAwait(false);
        return new(1, result.Taken ? 0 : result.Bad ? 2 : 4, result.Text, [.. result.Lines]);
    }

    async Task<VerbAnswer> SayAsync(Operator word, string done) =>
        await daemon.OperateAsync(word).ConfigureAwait(false) is { } why ? VerbAnswer.Of(why) : VerbAnswer.Done(done);

    internal static IReadOnlyList<string> Names(VerbRequest request) => request.Routes is { } routes ? [.. routes] : [];

    /// <summary>What a person types is shown on other terminals.</summary>
    internal static string? Printable(string? text) => text is null ? null : string.Concat(text.Take(500).Select(c => char.IsControl(c) ? ' ' : c));
}
