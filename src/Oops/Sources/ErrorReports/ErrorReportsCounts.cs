using Oops.Dns;
using Oops.Engine;
using Oops.Reports;

namespace Oops.Sources.ErrorReports;

/// <summary>What `/metrics` and `status` show of a monitoring agent.</summary>
internal static class ErrorReportsCounts
{
    public static IReadOnlyList<SourceCount> Checks(CheckCounts checks) =>
    [
        new("checks_confirmed", "Checks that found what was reported.", checks.Confirmed),
        new("checks_not_confirmed", "Checks that found that all is well.", checks.NotConfirmed),
        new("checks_unknown", "Checks of which nothing can be said.", checks.Unknown),
        new("checks_shed", "Reports that were not checked, because too many of one zone or of all waited.", checks.Shed),
        new("checks_dropped", "Reports that were not checked, because their zone is none of ours any more.", checks.Dropped),
        new("checks_waiting", "Reports that wait for a check.", checks.Waiting, SourceCountKind.Level),
    ];

    public static IReadOnlyList<SourceCount> All(ResponderCounts answered, TallyCounts counted, DnsListenerCounts? traffic) =>
    [
        new("reports_stream", "Reports received over TCP or TLS.", answered[Outcome.Stream]),
        new("reports_cookie", "Reports received over UDP with a DNS cookie of ours.", answered[Outcome.Cookie]),
        new("reports_unverified", "Reports received over UDP whose address nothing proves.", answered[Outcome.Unverified]),
        new("reports_truncated", "Reports over UDP that were answered with TC, to come again over TCP.", answered[Outcome.Truncated]),
        new("reports_bad_cookie", "Reports over UDP that were answered with BADCOOKIE.", answered[Outcome.BadCookie]),
        new("reports_malformed", "Names that begin as a report and are none.", answered[Outcome.MalformedReport]),
        new("nodata", "Queries for names or types without data: steps of QNAME minimisation.", answered[Outcome.NoData]),
        new("zone_data", "Queries for SOA, NS and addresses of an agent domain, and for what version.server and its like say.", answered[Outcome.Data]),
        new("refused", "Queries for names that are not in an agent domain, of other classes, and for zone transfers.", answered[Outcome.Refused]),
        new("malformed", "Queries that were malformed, or of another opcode.", answered[Outcome.Malformed]),
        new("dropped", "Messages without an answer: responses, and what is shorter than a header.", answered[Outcome.Dropped]),
        new("rate_limited", "Queries without an answer, because their prefix got too many.", answered[Outcome.Limited]),
        new("rate_slipped", "Queries that were answered with TC for the same reason.", answered[Outcome.Slipped]),
        new("counted_verified", "New reports of senders that receive at their address.", counted.Verified),
        new("counted_unverified", "New reports of others.", counted.Unverified),
        new("repeated", "Reports that the same network had sent within the window.", counted.Repeated),
        new("shed_network", "Reports shed, because there were too many from one network.", counted.ShedNetwork),
        new("shed_zone", "Reports shed, because there were too many of one zone.", counted.ShedZone),
        new("elsewhere", "New reports of names in no zone that is known here.", counted.Elsewhere),
        new("crowded", "New reports that count for no zone, because no more zones are counted.", counted.Crowded),
        new("zones_forgotten", "Zones whose counters made room for others'.", counted.ZonesForgotten),
        new("displaced", "Different reports that gave their place in the table to others.", counted.Displaced),
        new("forgotten", "Reports of these that were not stored.", counted.Forgotten),
        new("tcp_connections", "TCP connections accepted.", traffic?.Tcp.Accepted ?? 0),
        new("tcp_connections_closed", "TCP connections closed for a limit, or because they were quiet too long.", traffic?.Tcp.Closed ?? 0),
        new("tls_connections", "TLS connections accepted.", traffic?.Tls.Accepted ?? 0),
        new("tls_connections_closed", "TLS connections closed for a limit, or because they were quiet too long.", traffic?.Tls.Closed ?? 0),
        new("tls_handshakes_failed", "TLS handshakes that failed or took too long.", traffic?.Tls.Ungreeted ?? 0),
        new("udp_errors", "Responses that the kernel did not send, and errors on reading.", traffic?.UdpErrors ?? 0),
    ];
}
