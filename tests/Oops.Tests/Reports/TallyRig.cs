using System.Net;
using Oops.Core;
using Oops.Dns;
using Oops.Reports;
using Oops.Tests.Engine;
using Oops.Wire.Dns;

namespace Oops.Tests.Reports;

/// <summary>A tally of the zones that a test names, and reports to it.</summary>
internal sealed class TallyRig
{
    static readonly string[] Agents = ["a01.agent-domain.example"];

    public TallyRig(TallyOptions? options = null, params string[] zones)
    {
        Tally = new(options ?? new() { Conditions = [Bogus] }, Time) { Zones = new(zones.Length > 0 ? zones : ["test", "broken.test", "other.example"]) };
    }

    /// <summary>Codes 6 and 7, in 10 minutes, from 3 networks.</summary>
    public static KindSpec Bogus { get; } = new("bogus", Kind.ErrorReported) { Codes = new([6, 7]), Span = TimeSpan.FromMinutes(10), Networks = 3 };

    public FakeTime Time { get; } = new();

    public ReportTally Tally { get; }

    public void Report(string name, int code = 7, string from = "192.0.2.1", ReportPath path = ReportPath.Tcp, string types = "1")
    {
        if (!DnsName.TryParse($"_er.{types}.{(name == "." ? "" : name + ".")}{code}._er.{Agents[0]}", out var query) || !DnsName.TryParse(Agents[0], out var agent)) throw new ArgumentException(name);
        if (ReportName.Read(query, agent, out var report) != ReportReading.Report) throw new ArgumentException(name);
        Tally.Take(new HeardReport { Agent = 0, Name = report, From = PeerAddress.From(IPAddress.Parse(from)), Path = path, At = Arrival.Now(Time) });
    }

    public List<ReportNews> News() => [.. Tally.TakeNews(Agents)];

    /// <summary>`broken.test 3: 7 (signature-expired)`.</summary>
    public List<string> Told()
    {
        List<string> told = [];
        while (Tally.TryNews(out var news)) told.Add($"{news.Zone} {news.Value}{(news.Remark is null ? "" : $": {news.Remark}")}");
        return told;
    }
}
