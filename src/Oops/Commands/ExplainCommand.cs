using System.CommandLine;
using Oops.Control;
using Oops.Core;
using Oops.Engine;
using Oops.Journal;

namespace Oops.Commands;

/// <summary>`oops explain ID`: every claim, what blocks, what would change it.</summary>
internal static class ExplainCommand
{
    public static Command New()
    {
        var socket = Options.Socket();
        var json = Options.Json();
        var id = new Argument<string>("id") { Description = "route/NAME, server/NAME, zone/SERVER/ZONE, condition/NAME/SERVER[/ZONE], rule/N (the first is rule/0), action/NAME, alarm/ID (as `oops status` names it), or a bare name." };
        return new Command("explain", "Why something is as it is, since when, by whose word, and what would change it.") { id, socket, json }.Does((parsed, stop) =>
            Verb.ReadAsync(parsed.GetValue(socket)!, "/explain/" + Uri.EscapeDataString(parsed.GetValue(id)!), ControlJson.Default.ExplainAnswer, parsed.GetValue(json), answer =>
            {
                if (!parsed.GetValue(json)) Print(answer);
                return Verb.Done;
            }, stop));
    }

    static void Print(ExplainAnswer a)
    {
        if (a.Route is { } route) Route(route);
        if (a.Condition is { } condition) Condition(condition, "");
        if (a.Server is { } server) Server(server);
        if (a.Zone is { } zone) Zone(zone);
        if (a.Action is { } action) Terminal.Line($"action/{action.Name}: {action.Waiting} wait or run; carries {(action.Routes.IsEmpty ? "no route" : string.Join(", ", action.Routes))}");
        foreach (var l in a.Action?.Listening ?? []) Terminal.Line("  " + Listening(l));
        List("sessions", a.Sessions.Select(Session), "  ");
        if (a.Alarm is { } alarm) Alarm(alarm);
        if (a.Rule is { } rule) Terminal.Line(Rule(rule));
        if (a.History.IsEmpty) return;
        Terminal.Line("history:");
        foreach (var line in a.History) Terminal.Decision(line);
    }

    /// <summary>Most reasons name the address themselves.</summary>
    internal static string Listening(ListenReport l) =>
        l.Down is null ? $"listens at {l.Address}" : l.Down.Contains(l.Address, StringComparison.Ordinal) ? l.Down : $"does not listen at {l.Address}: {l.Down}";

    /// <summary>What it says, of what it is, and where more is to be found.</summary>
    static void Alarm(AlarmReport alarm)
    {
        Terminal.Line($"alarm/{alarm.Id}: stands{Since(alarm.Since)}");
        Terminal.Line($"  {alarm.Text}");
        Terminal.Line($"  what it means and what to do: docs/operation.md, Alarms; when it stood before: oops history alarm/{alarm.Id}");
    }

    static string Session(SessionReport s) =>
        $"{s.Peer} (AS {s.Asn}): {s.State}{Since(s.Since)}, established {Words.Count(s.Transitions, "time")}{(SessionText.Why(s, Time) is { Length: > 0 } why ? "; " + why : "")}";

    internal static string Rule(RuleAnswer r) =>
        $"rule/{r.Index}: on {r.On} ({(r.States.IsEmpty ? "each new value" : string.Join(", ", r.States))}) of {(r.Zones is null ? "" : r.Zones + " at ")}{(r.Servers.IsDefaultOrEmpty ? "every server" : string.Join(", ", r.Servers))}: run {string.Join(", ", r.Run)}";

    static void Route(RouteReport r)
    {
        Terminal.Line($"route/{r.Name} ({string.Join(", ", r.Prefixes)} via {r.Action}): {Words.Of(r.State)}{(r.Shadow ? " (observed: nothing is touched)" : "")}{(r.LastResort ? ", last resort" : "")}{Since(r.Since)}");
        Terminal.Line($"  because {r.Because}");
        Terminal.Line($"  wanted {(r.Wanted is { } w ? Words.Of(w) : "not known yet")}, router {(r.Shadow ? "untouched" : r.Router is { } f ? Words.Of(f) : "not known")}{(r.RouterWhy is null ? "" : ": " + r.RouterWhy)}");
        if (r.Shared is { } shared) Terminal.Line($"  shared: {shared}");
        if (r.Upstream is { } u) Terminal.Line($"  upstream {Upstream(u)}: {u.Says}{(u.Age is { } age ? $", {Words.Of(age)} ago" : "")}");
        if (r.Person is { } person) Terminal.Line($"  person: {person}");
        Entries("announce when all of", r.Announce);
        Entries("withdraw when any of", r.Withdraw);
        Entries("degrade while any of", r.Degrade);
        List("timers", r.Timers, "  ");
        List("blocked by", r.Blocked, "  ");
        Terminal.Line($"  budget: {(r.BudgetLeft is { } left ? $"{Words.Count(left, "announcement")} left{(r.BudgetFree ? "; the next is not counted: the first is free, and one after a person's drain or confirm" : "")}" : "off")}");
        List("covered meanwhile by", r.Covers.Select(c => $"{Words.Of(c.State),-8} {c}"), "  ");
        List("would change it", r.WouldChange, "  ");
    }

    internal static string Upstream(UpstreamReport u) => u.State switch { State.Met => "shows it", State.NotMet => "does not show it", _ => "not known" };

    static void Entries(string head, IEnumerable<EntryReport> entries)
    {
        var all = entries.ToList();
        if (all.Count == 0) return;
        Terminal.Line($"  {head}:");
        foreach (var e in all) Terminal.Line($"    {Words.Of(e.State),-8} {e.Entry} at {e.Server}: {e.Because}{(e.Proven || e.State == State.Unknown ? "" : " (suspicion)")}");
    }

    static void Condition(ConditionReport c, string indent)
    {
        Terminal.Line($"{indent}{c.Id} ({c.Kind}): {Words.Of(c.State)}{(c.Proven || c.State == State.Unknown ? "" : " (suspicion)")}{Since(c.Since)}");
        Terminal.Line($"{indent}  because {c.Because}");
        if (c.Override is { } forced) Terminal.Line($"{indent}  {forced}");
        if (c.Counts is { } n) Terminal.Line($"{indent}  zones: {n.Met} met, {n.NotMet} not met, {n.Unknown} unknown{(n.FirstNotMet is null ? "" : $"; first {n.FirstNotMet}")}");
        foreach (var claim in c.Claims)
            Terminal.Line($"{indent}  {Words.Of(claim.State),-8} {claim.Channel} ({claim.Standing.ToString().ToLowerInvariant()}, {claim.Evidence.ToString().ToLowerInvariant()}): {claim.Says}"
                + $"{(claim.Age is { } age ? $", {Words.Of(age)} ago" : "")}{(claim.ValidFor is { } left ? $", valid for {Words.Of(left)}" : "")}{(claim.Incarnation is { } pid ? $", pid {pid}" : "")}{(claim.Ended is null ? "" : $"; counts no longer: {claim.Ended}")}");
        List("what that usually means, and what to look at first", c.Advice ?? [], indent + "  ");
        foreach (var member in c.Members) Condition(member, indent + "  ");
        List("would change it", c.WouldChange, indent + "  ");
    }

    static void Server(ServerReport s)
    {
        Terminal.Line($"server/{s.Name}: process {s.Process}{(s.Pid is { } pid ? $", pid {pid}" : "")}; expected zones {s.ZonesExpected}{(s.ZonesComplete ? "" : " (set not complete)")}{(s.Ready is { } r ? $", ready {r.Met}, not ready {r.NotMet}, unknown {r.Unknown}" : "")}");
        foreach (var condition in s.Conditions) Condition(condition, "  ");
    }

    static void Zone(ZoneReport z)
    {
        Terminal.Line($"zone/{z.Server}/{z.Zone}: {(z.Expected ? "expected" : "not expected")}, serial {(z.Serial is { } serial ? serial.ToString(System.Globalization.CultureInfo.InvariantCulture) : "not known")}, zone-ready {Words.Of(z.Ready)}");
        foreach (var condition in z.Conditions) Condition(condition, "  ");
    }

    static void List(string head, IEnumerable<string> lines, string indent)
    {
        var all = lines.ToList();
        if (all.Count == 0) return;
        Terminal.Line($"{indent}{head}:");
        foreach (var line in all) Terminal.Line($"{indent}  {line}");
    }

    static string Since(DateTimeOffset? since) => since is { } s ? $" since {Time(s)}" : "";

    static string Time(DateTimeOffset at) => $"{at.ToLocalTime():yyyy-MM-dd HH:mm:ss.fff}";
}
