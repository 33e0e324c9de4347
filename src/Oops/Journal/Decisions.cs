using Oops.Core;

namespace Oops.Journal;

/// <summary>What a step led to, as lines of the history: the same for the journal, the log, `oops watch` and replay.</summary>
internal static class Decisions
{
    public static IEnumerable<Decision> Of(Moment now, Input input, IReadOnlyList<Effect> effects)
    {
        if (OfInput(now.Wall, input) is { } said) yield return said;
        foreach (var effect in effects) yield return OfEffect(now.Wall, effect);
    }

    public static Decision OfEffect(DateTimeOffset wall, Effect effect) => effect switch
    {
        ConditionChanged c => new(wall, "condition", c.Id, Words.Of(c.From), Words.Of(c.To), c.Because),
        RouteChanged r => new(wall, r.Shadow ? "shadow" : "route", "route/" + r.Route, Words.Of(r.From), Words.Of(r.To), r.Because),
        CauseChanged c => new(wall, "cause", c.Id, Words.Of(c.From), Words.Of(c.To), c.Because),
        StayChanged s => new(wall, "stay", "route/" + s.Route, null, Words.Of(s.Why), s.Because),
        AlarmChanged a => new(wall, "alarm", a.Id.StartsWith("alarm/", StringComparison.Ordinal) ? a.Id : "alarm/" + a.Id, null, Words.Of(a.Phase), a.Text),
        RouterIntent r => new(wall, "intent", "action/" + r.Action, null, string.Join(", ", r.Routes.Select(w => $"{w.Route} {Words.Of(w.Form)}")), r.Because),
        ReactionIntent r => new(wall, r.Shadow ? "shadow" : "reaction", $"rule/{r.Rule}", null, $"{r.Action} {r.Server}{(r.Zone is null ? "" : "/" + r.Zone)} {Words.Of(r.State)}", r.Because),
        _ => new(wall, "other", effect.GetType().Name, null, "", ""),
    };

    static Decision? OfInput(DateTimeOffset wall, Input input) => input switch
    {
        Applied { Outcome: Done d } a => new(wall, "outcome", "action/" + a.Action, null, "done", d.Detail ?? ""),
        Applied { Outcome: Retry r } a => new(wall, "outcome", "action/" + a.Action, null, "retry", r.Why),
        Applied { Outcome: Failed f } a => new(wall, "outcome", "action/" + a.Action, null, "failed", f.Why),
        SessionEnded s => new(wall, "session", "action/" + s.Action, null, "ended", "by a reload: " + s.Says),
        ZoneTold z => new(wall, "zone", $"zone/{z.Server}/{z.Zone}", null, z.What, $"{z.By}: {z.Says}"),
        Override o => Said(wall, o, $"condition/{o.Condition}/{o.Server}{(o.Zone is null ? "" : "/" + o.Zone)}", $"override {Words.Of(o.State)} for {Words.Of(o.For)}", o.Reason),
        Unoverride o => Said(wall, o, $"condition/{o.Condition}/{o.Server}{(o.Zone is null ? "" : "/" + o.Zone)}", "override ended", ""),
        Drain d => Said(wall, d, d.Server is null ? Routes(d.Routes) : "server/" + d.Server, $"drain for {Words.Of(d.For)}{(d.UntilStarted ? " or until started" : "")}{(d.Force ? ", forced" : "")}", ""),
        Undrain d => Said(wall, d, Routes(d.Routes), "undrain", ""),
        Hold h => Said(wall, h, Routes(h.Routes), h.For is { } span ? $"hold for {Words.Of(span)}" : "hold", h.Reason),
        Unhold h => Said(wall, h, Routes(h.Routes), "unhold", ""),
        Confirm c => Said(wall, c, Routes(c.Routes), "confirm", ""),
        Accept a => Said(wall, a, $"zone/{a.Server}/{a.Zone}", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"accept the size of serial {a.Serial}"), ""),
        Release r => Said(wall, r, "prefix/" + r.Prefix, "release", ""),
        BreakGlass b => new(wall, "hold", "hold/file", null, b.There ? "held" : "free", b.Path),
        Shed s => new(wall, "gap", "gap/" + s.Where, null, s.Count.ToString(System.Globalization.CultureInfo.InvariantCulture), $"{s.Where}: {s.Count}"),
        ClockTrust c => new(wall, "clock", "clock/wall", null, c.Trusted ? "trusted" : "untrusted", c.Why),
        ExternalClaim e => new(wall, "claim", $"condition/{e.Condition}/{e.Server}", null, Words.Of(e.State), $"{e.By}{(e.Detail is null ? "" : ": " + e.Detail)}"),
        _ => null,
    };

    static Decision Said(DateTimeOffset wall, Operator who, string id, string to, string text) => new(wall, "operator", id, null, to, text.Length == 0 ? who.Who : $"{who.Who}: {text}");

    static string Routes(IReadOnlyList<string> routes) => routes.Count == 0 ? "route/all" : string.Join(' ', routes.Select(r => "route/" + r));
}
