using System.Globalization;

namespace Oops.Core;

/// <summary>From what was measured of a server's load to its conditions (draft 10 to 12), with hysteresis.</summary>
internal static class LoadJudge
{
    const int MostNamed = 3;

    public static void Hear(KindSpec spec, uint excluded, ref Hearing hearing)
    {
        var measure = Latches.MeasureOf(spec.Kind)!.Value;
        foreach (var channel in hearing.Server.Channels)
        {
            if (!ServerJudge.Counts(channel, excluded) || !channel.Covers(measure)) continue;
            var cover = spec.Kind == Kind.ExtendedError ? channel.Spec.Counts(spec.Codes) : CodeCover.All;
            if (cover == CodeCover.None) continue;
            if (channel.Living(measure, hearing.Now) is not { } claim)
            {
                if (cover == CodeCover.All) hearing.TakeSilence(channel);
                continue;
            }
            var (least, most) = Latches.Amount(spec, claim);
            // Between the two, and not standing: what is only known together may be of the set, or not.
            var state = channel.Latches.Stands(spec) ? State.Met : most > spec.Number ? State.Unknown : State.NotMet;
            // Who counts only some of the codes can say that there are too many, and never that there are not.
            if (cover == CodeCover.Some && state != State.Met) continue;
            var says = !hearing.IsRead ? "" : Says(spec, claim, least, most, state) + (cover == CodeCover.Some ? $"; it does not count {Uncounted(channel, spec)}" : "");
            hearing.Take(channel, claim, state, says);
        }
    }

    static string Says(KindSpec spec, in ServerClaim claim, double least, double most, State state)
    {
        var (limit, ends) = (Number(spec.Number), Number(spec.ClearsBelow));
        var words = $"{Number(least)} {Unit(spec.Kind)}, " + state switch
        {
            State.Met when least > spec.Number => $"more than {limit}, ends below {ends}",
            State.Met => $"was more than {limit} and has not been below {ends} since",
            State.Unknown when most > spec.Number => $"and up to {Number(most)} of INFO-CODEs that are not told one by one, against {limit}",
            _ => $"not more than {limit}",
        };
        if (claim.Errors is { } errors && Named(spec, errors) is { Length: > 0 } named) words += ": " + named;
        return claim.Detail is null ? words : $"{words} ({claim.Detail})";
    }

    static string Uncounted(Channel channel, KindSpec spec) => string.Join(", ", spec.Codes.Codes.Where(c => !channel.Spec.Codes!.Contains(c)).Take(MostNamed).Select(ErrorCodes.Of));

    static string Named(KindSpec spec, ErrorRates errors)
    {
        var found = errors.Codes.Where(r => spec.Codes.Contains(r.Code) && r.PerSecond > 0).OrderByDescending(r => r.PerSecond).ThenBy(r => r.Code).ToList();
        var named = found.Take(MostNamed).Select(r => $"{ErrorCodes.Of(r.Code)} {Number(r.PerSecond)}/s{(r.Names is null ? "" : ", " + r.Names)}");
        return string.Join("; ", named) + (found.Count > MostNamed ? $"; and {Words.Count(found.Count - MostNamed, "other code")}" : "");
    }

    static string Unit(Kind kind) => kind switch
    {
        Kind.QueryRateHigh => "queries/s",
        Kind.QueryRateRising => "queries/s more each second",
        _ => "errors/s",
    };

    static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
