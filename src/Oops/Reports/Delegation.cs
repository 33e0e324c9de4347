using System.Net;
using Oops.Dns;
using Oops.Wire.Dns;

namespace Oops.Reports;

/// <summary>The delegation of an agent domain, as a resolver or a server of the parent zone tells it.</summary>
/// <param name="Servers">The name servers; empty: there is none.</param>
/// <param name="Addresses">Of each that has any.</param>
/// <param name="Why">Why it is not known; null: it is.</param>
internal sealed record Delegation(IReadOnlyList<DnsName> Servers, IReadOnlyList<(DnsName Server, IPAddress Address)> Addresses, string? Why)
{
    /// <summary>More name servers than any sane delegation has; so many are looked up.</summary>
    const int MostServers = 13;

    /// <summary>Asks for the NS records of <paramref name="agent"/> and the addresses of each. A referral is as good as an answer.</summary>
    public static async Task<Delegation> FindAsync(AgentClient parent, DnsName agent, CancellationToken stop)
    {
        var came = await AskAsync(parent, agent, DnsType.Ns, stop).ConfigureAwait(false);
        if (came.Answer is not { } answer) return new([], [], came.Why);
        if (answer.Rcode is not (DnsRcode.NoError or DnsRcode.NxDomain)) return new([], [], $"it says {DnsWords.Of(answer.Rcode)}");
        var servers = answer.Records.Where(r => r.Type == DnsType.Ns && r.Owner == agent).Select(r => r.Target).Distinct().Take(MostServers).ToList();
        var addresses = new List<(DnsName, IPAddress)>();
        foreach (var server in servers)
        {
            foreach (var type in new[] { DnsType.A, DnsType.Aaaa })
            {
                var there = answer.Records.Concat((await AskAsync(parent, server, type, stop).ConfigureAwait(false)).Answer?.Records ?? []);
                addresses.AddRange(there.Where(r => r.Type == type && r.Owner == server && r.Data.Length is 4 or 16).Select(r => new IPAddress(r.Data)).Distinct().Select(a => (server, a)));
            }
        }

        return new(servers, addresses, null);
    }

    /// <summary>Whether the parent has DS records of it: null, and why not known.</summary>
    public static async Task<(bool? Signed, string? Why)> IsSignedAsync(AgentClient parent, DnsName agent, CancellationToken stop)
    {
        var came = await AskAsync(parent, agent, DnsType.Ds, stop).ConfigureAwait(false);
        if (came.Answer is not { } answer) return (null, came.Why);
        return answer.Rcode is DnsRcode.NoError or DnsRcode.NxDomain ? (answer.Records.Any(r => r.Type == DnsType.Ds && r.Owner == agent), null) : (null, $"it says {DnsWords.Of(answer.Rcode)}");
    }

    static Task<Exchanged> AskAsync(AgentClient parent, DnsName name, DnsType type, CancellationToken stop) => parent.WholeAsync(new PlainQuery(name, type) { RecursionDesired = true }, stop);
}
