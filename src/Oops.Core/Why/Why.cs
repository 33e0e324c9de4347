namespace Oops.Core;

/// <summary>The because of a server's condition in one line: the claim that decides.</summary>
internal static class Why
{
    public static string Of(Beliefs beliefs, string name, Server server, uint excluded, At now)
    {
        if (beliefs.Overrides.TryGetValue((name, server.Name, null), out var forced) && now < forced.Ends) return $"overridden by {forced.Word.Who}: {forced.Word.Reason}";
        return beliefs.Find(name) switch
        {
            KindSpec { Kind: Kind.AllZonesReady } => OfZones(server, excluded),
            KindSpec kind => OfClaims(server, kind, excluded, now),
            ComposedSpec composed => string.Join("; ", composed.Members.Select(m => $"{m} {Words.Of(beliefs.Judge(m, server, excluded, Comparison.None, now).State)}")),
            _ => "not defined",
        };
    }

    static string OfZones(Server server, uint excluded)
    {
        if (!server.Zones.Complete) return "the expected zones were never completely known";
        var tally = Beliefs.Ready(server, excluded, Comparison.None);
        if (tally.Count == 0) return "no zone is expected";
        var condition = server.Zones.Ready!;
        var words = $"{tally.Met} of {tally.Count} zones ready";
        if (tally.NotMet > 0) words += $", {tally.NotMet} missing, first {server.Zones.First(condition, State.NotMet)}";
        if (tally.Unknown > 0) words += $", {tally.Unknown} unknown, first {server.Zones.First(condition, State.Unknown)}";
        return words;
    }

    static string OfClaims(Server server, KindSpec kind, uint excluded, At now)
    {
        var (verdict, claims) = ServerJudge.Read(server, kind, excluded, now);
        if (claims.Count == 0) return "nobody covers it or has spoken";
        // Who has said something tells more than who has not.
        var deciding = claims.Find(c => c.State == verdict.State && c.Age is not null) ?? claims.Find(c => c.State == verdict.State) ?? claims[0];
        return $"{deciding.Says} ({deciding.Channel})";
    }
}
