using System.Globalization;
using System.Net;
using Oops.Config;
using Oops.Wire.Dns;

namespace Oops.Reports.Setup;

/// <summary>What is to be written where, and what must not be.</summary>
internal static class SetupWords
{
    /// <summary>Octets of `_er.65535.` before a name and `.65535._er` behind it.</summary>
    const int Around = 4 + 6 + 6 + 4;

    static readonly ServerKind[] Known = [ServerKind.Nsd, ServerKind.Knot, ServerKind.Bind, ServerKind.Powerdns];

    /// <summary>For each software of the plan's servers; where none is known, for all.</summary>
    public static IReadOnlyList<SetupLines> Servers(SetupPlan plan)
    {
        var kinds = plan.Servers.Select(s => s.Kind).Distinct().ToList();
        return [.. (kinds.Count == 0 || kinds.Contains(ServerKind.Other) ? Known : kinds.ToArray()).Select(k => Of(k, plan))];
    }

    /// <summary>What one software has to be told.</summary>
    public static SetupLines Of(ServerKind kind, SetupPlan plan)
    {
        var (zone, agent) = (plan.Zone, plan.Agent.Domain);
        return kind switch
        {
            ServerKind.Nsd => new("nsd", "NSD whose nsd.conf(5) has report-channel (merged in 2026)", ["zone:", $"    name: {zone}", $"    report-channel: {agent}"]),
            ServerKind.Knot => new("knot", "Knot DNS from 3.5.4", ["mod-dnserr:", "  - id: oops", $"    report-channel: {agent}", "zone:", $"  - domain: {zone}", "    module: mod-dnserr/oops"]),
            ServerKind.Bind => new("bind", "BIND from 9.21.3", [$"zone \"{zone}\" {{", $"    send-report-channel {agent}.;", "};"]),
            _ => new("powerdns", "PowerDNS cannot announce an agent domain yet", []),
        };
    }

    /// <summary>What to do about a server of this kind that does not announce.</summary>
    public static string Remedy(ServerKind kind, SetupPlan plan)
    {
        var word = kind switch
        {
            ServerKind.Nsd => $"write report-channel: {plan.Agent.Domain}",
            ServerKind.Knot => $"write mod-dnserr with report-channel: {plan.Agent.Domain}",
            ServerKind.Bind => $"write send-report-channel {plan.Agent.Domain}.;",
            ServerKind.Powerdns => "none",
            _ => $"let it announce {plan.Agent.Domain}, if it can: NSD of 2026, Knot DNS from 3.5.4 and BIND from 9.21.3 can",
        };
        return word == "none" ? Of(kind, plan).Since : kind == ServerKind.Other ? word : $"{word}, which takes {Of(kind, plan).Since}";
    }

    /// <summary>Lines for the zone above the agent domain: NS, and the addresses of those inside it.</summary>
    public static IReadOnlyList<string> Delegation(SetupPlan plan)
    {
        var agent = plan.Agent;
        return
        [
            .. agent.Servers.Select(s => $"{agent.Domain}. NS {s.Name}."),
            .. agent.Servers.SelectMany(s => s.Addresses.Select(a => $"{s.Name}. {TypeNames.Of(a.Type)} {new IPAddress(a.Data)}")),
        ];
    }

    public static IReadOnlyList<string> Rules(SetupPlan plan) =>
    [
        $"The agent domain must not be {plan.Zone} or below it (RFC 9567, 8.1): what is broken would hide its own reports.",
        "It should not be signed, so no DS for it (RFC 9567, 8.2): resolvers may answer themselves what should have been a report.",
        string.Create(CultureInfo.InvariantCulture, $"It should be short (RFC 9567, 8.1): a report that is longer than 255 octets must not be sent; with {plan.Agent.Domain} there is room for names of {Longest(plan.Agent.Domain)}."),
        "Its own answers have no Report-Channel: nobody reports on reports. Those of oops never have.",
    ];

    /// <summary>What the config alone shows to be wrong.</summary>
    public static IEnumerable<SetupFinding> Faults(SetupPlan plan)
    {
        var agent = plan.Agent.Domain;
        if (agent.IsWithin(plan.Zone)) yield return new($"agent domain {agent}", SetupFinding.Wrong, $"it is {plan.Zone} or below it, on which it reports (RFC 9567, 8.1: must not)", "take a domain that does not depend on the zone");
        else if (plan.Zone.IsWithin(agent)) yield return new($"agent domain {agent}", SetupFinding.Wrong, $"{plan.Zone} is below it, and is answered for here", "take another agent domain");
        foreach (var listen in plan.Source.Listen)
            if (listen.Port is { } port and not 53) yield return new($"listen {listen}", SetupFinding.Wrong, $"resolvers ask at port 53, and not at {port}", "listen at port 53, or have it forwarded");
    }

    /// <summary>Octets, as in a message, of the longest name that can always be reported.</summary>
    public static int Longest(in DnsName agent) => DnsName.MaxLength - Around - agent.Wire.Length + 1;
}
