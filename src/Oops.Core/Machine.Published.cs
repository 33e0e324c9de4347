namespace Oops.Core;

/// <summary>What is believed, for those who tell others.</summary>
public sealed partial class Machine
{
    /// <summary>
    /// Of every server each condition that somebody covers; of conditions of zones the sum over the expected ones, and by name the zones where it is not well, so many of each at most: those that came to it last, and others that are found among the first.
    /// What of a sum cannot be named is counted in it.
    /// </summary>
    /// <param name="most">So many; less than 0: nothing but what is asked for.</param>
    /// <param name="also">Zones that are asked for whatever their state is, by the id of the condition.</param>
    /// <param name="moment">Ages count from here.</param>
    public IReadOnlyList<ConditionReport> Believed(int most, IReadOnlyCollection<string> also, Moment moment)
    {
        var at = At.Max(now, moment.At);
        List<ConditionReport> believed = [];
        foreach (var server in servers.Values)
        {
            if (most < 0) break;
            believed.AddRange(Covered(server, moment, at));
            foreach (var condition in server.Zones.Conditions)
            {
                believed.Add(Sum(server, condition));
                if (most > 0) believed.AddRange(Unwell(server, condition, most).Select(zone => Report(condition.Spec, server, zone, server.Zones.Find(zone), moment, at)));
            }
        }

        foreach (var id in also)
            if (id.Split('/', 4) is [_, var name, var server, var zone] && Condition(name, server, zone, moment) is { } report) believed.Add(report);
        return believed;
    }

    static ConditionReport Sum(Server server, ZoneCondition condition)
    {
        var (name, polarity, zones) = (condition.Spec.Name, condition.Spec.Polarity, server.Zones);
        var (id, kind) = ($"condition/{name}/{server.Name}", Kinds.Of(condition.Spec.Kind).Name);
        if (!zones.Complete) return new(id, kind, State.Unknown, false, null, "the expected zones were never completely known");
        var tally = zones.Tally(condition, ZoneTable.ExpectedSelector, ~0u, not: false, Comparison.None);
        if (tally.Count == 0) return new(id, kind, State.Unknown, false, null, "no zone is expected");
        var state = Kleene.Fold(polarity, tally.Met > 0, tally.NotMet > 0, tally.Unknown > 0);
        var first = state == Kleene.Well(polarity) ? null : zones.First(condition, state);
        var words = $"{Words.Of(state)}: of {Words.Count(tally.Count, "zone")} {tally.Met} met, {tally.NotMet} not met, {tally.Unknown} unknown{(first is null ? "" : ", first " + first)}";
        return new(id, kind, state, !condition.Spec.IsHearsay, null, words) { Counts = new(tally.Met, tally.NotMet, tally.Unknown, first) };
    }

    static List<string> Unwell(Server server, ZoneCondition condition, int most) =>
        (condition.Spec.Polarity == Polarity.Good ? condition == server.Zones.Ready ? server.Zones.NotServed(most) : (0, []) : server.Zones.With(condition, most)).Item2;
}
