using Microsoft.Extensions.Logging;
using Oops.Core;

namespace Oops.Engine;

/// <summary>One line of the log for each change of state; traffic is left to `oops watch`.</summary>
internal sealed class DecisionLog(StderrLog log)
{
    // What each action said last: a router that stays away is one line, not one per try.
    readonly Dictionary<string, string> said = new(StringComparer.Ordinal);

    // What each trouble of a router's was last: its alarm tells of the first, and stands meanwhile.
    readonly Dictionary<string, string> troubles = new(StringComparer.Ordinal);

    /// <summary>A tap of the engine.</summary>
    public void Record(Moment now, Input input, IReadOnlyList<Effect> effects)
    {
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case RouteChanged r:
                    log.Line(r.To is RouteState.Announced ? LogLevel.Information : LogLevel.Warning, $"route {r.Route}{(r.Shadow ? " (observed)" : "")}: {Words.Of(r.From)} -> {Words.Of(r.To)}: {r.Because}");
                    break;
                case StayChanged { Why: not Stay.No } s:
                    log.Line(LogLevel.Warning, $"route {s.Route}{(s.Shadow ? " (observed)" : "")} is not withdrawn: {s.Because}");
                    break;
                case AlarmChanged a:
                    troubles.Remove(a.Id);
                    log.Line(a.Phase == AlarmPhase.Cleared ? LogLevel.Information : LogLevel.Warning, $"alarm {a.Id} {Words.Of(a.Phase)}: {a.Text}");
                    break;
                case ConditionChanged c:
                    // A million zones must not flood the log: what concerns a zone is debug.
                    log.Line(c.Id.Count(x => x == '/') > 2 ? LogLevel.Debug : LogLevel.Information, $"{c.Id}: {Words.Of(c.From)} -> {Words.Of(c.To)}: {c.Because}");
                    break;
            }
        }

        switch (input)
        {
            case RouterObserved observed:
                foreach (var trouble in observed.Troubles)
                    if (troubles.TryGetValue(trouble.Id, out var before) && before != trouble.Says) log.Line(LogLevel.Warning, $"{trouble.Id}: {trouble.Says}");
                foreach (var trouble in observed.Troubles) troubles[trouble.Id] = trouble.Says;
                break;
            case Applied { Outcome: Done } a:
                said.Remove(a.Action);
                break;
            case Applied { Outcome: Retry r } a when said.TryAdd(a.Action, r.Why) || said[a.Action] != r.Why:
                said[a.Action] = r.Why;
                log.Line(LogLevel.Warning, $"action {a.Action}: to be tried again: {r.Why}");
                break;
            case Applied { Outcome: Failed f } a:
                log.Line(LogLevel.Error, $"action {a.Action}: failed: {f.Why}");
                break;
            case Operator o:
                log.Line(LogLevel.Information, $"operator {o.Who}: {o.GetType().Name.ToLowerInvariant()}");
                break;
            // As with conditions: what concerns a zone is debug.
            case ZoneTold z:
                log.Line(LogLevel.Debug, $"zone/{z.Server}/{z.Zone}: {z.What}: {z.By}: {z.Says}");
                break;
            case Shed s:
                log.Line(LogLevel.Debug, $"shed: {s.Where}: {s.Count}");
                break;
        }
    }
}
