using System.Net;

namespace Oops.Reports;

/// <summary>What came of one report since it was told last. All text is safe for terminals and logs: names are in presentation form (RFC 1035, 5.1), all else than printable ASCII as \DDD.</summary>
/// <param name="Agent">The agent domain.</param>
/// <param name="Zone">The zone that the name is in, or the delegation in it; null: in none that is known here.</param>
/// <param name="Name">The name that failed.</param>
/// <param name="Types">RR types as they were reported: `1`, `1-28`.</param>
/// <param name="Code">INFO-CODE (RFC 8914).</param>
/// <param name="Count">How many came since: repetitions of one network within the window count once.</param>
/// <param name="Verified">Of these by senders that receive at their address (TCP, TLS, or a DNS cookie).</param>
/// <param name="First">When the first came, as far as it is remembered.</param>
/// <param name="Last">When the last came.</param>
/// <param name="Paths">A bit for each <see cref="ReportPath"/> that any of them took.</param>
/// <param name="Networks">About how many networks (IPv4 /24, IPv6 /48) told of it, as far as it is remembered.</param>
/// <param name="LastFrom">Who sent the last one, or wrote this address.</param>
internal sealed record ReportNews(
    string Agent, string? Zone, string Name, string Types, int Code, long Count, long Verified, DateTimeOffset First, DateTimeOffset Last, byte Paths, int Networks, IPAddress LastFrom);
