using System.Net;
using Oops.Dns;
using Oops.Reports;
using Oops.Wire.Dns;

namespace Oops.Tests.Reports;

/// <summary>What a tally tells, for tests of what comes after it.</summary>
internal static class News
{
    public static DateTimeOffset Noon { get; } = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    public static ReportNews Of(string name, int code = 9, string? zone = "example", DateTimeOffset? last = null, long count = 1, string types = "1", string from = "192.0.2.1", long verified = 0, int networks = 1) =>
        new("agent.test", zone, name, types, code, count, verified, last ?? Noon, last ?? Noon, verified > 0 ? (byte)4 : (byte)1, networks, IPAddress.Parse(from));

    /// <summary>Names as a hostile resolver writes them: wire labels with whatever octets, through the tally that counts them.</summary>
    public static IReadOnlyList<ReportNews> Heard(TimeProvider time, params IReadOnlyList<byte[][]> names)
    {
        var tally = new ReportTally(new() { Rows = 1024, PerNetwork = 10_000, PerZone = 10_000 }, time) { Zones = new(["example"]) };
        DnsName.TryParse("agent.test", out var agent);
        foreach (var labels in names)
        {
            List<byte> wire = [3, (byte)'_', (byte)'e', (byte)'r', 4, (byte)'1', (byte)'-', (byte)'2', (byte)'8'];
            foreach (var label in labels) wire.AddRange([(byte)label.Length, .. label]);
            wire.AddRange([1, (byte)'9', 3, (byte)'_', (byte)'e', (byte)'r', .. agent.Wire]);
            if (!DnsName.TryFromWire([.. wire], out var query) || ReportName.Read(query, agent, out var report) != ReportReading.Report) throw new ArgumentException("no report");
            tally.Take(new HeardReport { Agent = 0, Name = report, From = PeerAddress.From(IPAddress.Parse("192.0.2.7")), Path = ReportPath.Tcp, At = Arrival.Now(time) });
        }
        return [.. tally.TakeNews(["agent.test"])];
    }
}
