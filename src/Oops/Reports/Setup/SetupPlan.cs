using System.Net;
using Oops.Config;
using Oops.Sources.ErrorReports;
using Oops.Wire.Dns;

namespace Oops.Reports.Setup;

/// <summary>An authoritative server that may serve the zone.</summary>
/// <param name="Address">Null: the config has none.</param>
/// <param name="Expected">The config says that it serves the zone.</param>
internal sealed record SetupServer(string Name, ServerKind Kind, IPEndPoint? Address, bool Expected);

/// <summary>Which source, which agent domain and which servers a zone's reports are about, from the config.</summary>
internal sealed record SetupPlan(DnsName Zone, ErrorReportsConfig Source, AgentDomain Agent, IReadOnlyList<SetupServer> Servers)
{
    /// <summary>Null, and why.</summary>
    /// <param name="config">A good one.</param>
    /// <param name="zone">The zone.</param>
    /// <param name="server">Of the source; null: the one that is meant is found by the zone.</param>
    /// <param name="agent">The agent domain; null: there is one only.</param>
    /// <param name="problem">Why there is no plan.</param>
    public static SetupPlan? Of(OopsConfig config, DnsName zone, string? server, DnsName? agent, out string problem)
    {
        problem = "";
        var sources = config.Sources.ErrorReports.Where(s => server is null || s.Server == server).ToList();
        if (sources.Count > 1 && sources.Where(s => Serves(config.Servers[s.Server], zone) == true || (s.Zones ?? []).Any(z => Parse(z.Text) == zone)).ToList() is { Count: > 0 } named) sources = named;
        if (sources.Count != 1)
        {
            problem = sources.Count > 0 ? $"several sources error-reports may be meant: write --server, one of {string.Join(", ", sources.Select(s => s.Server))}"
                : server is null ? "the config has no source error-reports; see oops sample error-reports" : $"no source error-reports is of the server {server}";
            return null;
        }

        var source = sources[0];
        var agents = source.Agents.Select(a => a.ToDomain(source.Listen)).Where(a => agent is not { } wanted || a.Domain == wanted).ToList();
        if (agents.Count != 1)
        {
            problem = agents.Count > 0 ? $"there are several agent domains: write --agent, one of {string.Join(", ", agents.Select(a => a.Domain))}"
                : $"the source has no agent domain {agent}; it has {string.Join(", ", source.Agents.Select(a => a.Domain))}";
            return null;
        }

        return new SetupPlan(zone, source, agents[0], [.. config.Servers.SelectMany(s => Authorities(s.Key, s.Value, zone, source))]);
    }

    /// <summary>The server and its peers, where they may serve the zone.</summary>
    static IEnumerable<SetupServer> Authorities(string name, ServerConfig server, DnsName zone, ErrorReportsConfig source)
    {
        if (server.Kind is not (ServerKind.Nsd or ServerKind.Knot or ServerKind.Bind or ServerKind.Powerdns or ServerKind.Other) || Serves(server, zone) is false) yield break;
        var expected = Serves(server, zone) == true || name == source.Server;
        yield return new SetupServer(name, server.Kind, server.Address?.ToIPEndPoint(53), expected);
        foreach (var peer in server.Peers) yield return new SetupServer($"peer of {name}", server.Kind, peer.ToIPEndPoint(53), expected);
    }

    /// <summary>Null: the config alone does not tell.</summary>
    static bool? Serves(ServerConfig server, DnsName zone) => server.Zones?.List is { } list ? list.Any(z => Parse(z.Text) == zone) : null;

    static DnsName Parse(string text) => DnsName.TryParse(text, out var name) ? name : default;
}
