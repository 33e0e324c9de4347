using System.CommandLine;
using System.Text.Json;
using Oops.Dns;
using Oops.Reports;
using Oops.Reports.Conformance;
using Oops.Wire.Dns;

namespace Oops.Commands;

/// <summary>`oops reports check AGENT`: what a monitoring agent, ours or another's, does right and wrong by RFC 9567.</summary>
internal static class ReportsCheckCommand
{
    /// <summary>The longest label that a check puts around its plain report, and what it puts before it.</summary>
    const int Room = 24;

    public static Command New()
    {
        var agent = ReportOptions.Name("agent", "The agent domain.");
        var to = ReportOptions.Address("--to", "Where it is, ADDRESS[@PORT]. Default: what the resolvers of /etc/resolv.conf say.");
        var zone = ReportOptions.NameOption("--zone", $"The zone of the test's name, {Examination.TestLabel}.ZONE. Default: {Examination.TestZone}, which no agent has; one that an agent has is counted by it.");
        var tls = new Option<bool>("--tls") { Description = "Streams are TLS (RFC 7858) at port 853 of --to, and not TCP; UDP is asked at port 53." };
        var timeout = ReportOptions.Timeout();
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        return new Command("check", "Asks a monitoring agent, of whatever make, what RFC 9567 asks of it; each check names its section. Exit 1: something is against a MUST or a SHOULD, or could not be asked.") { agent, to, zone, tls, timeout, json }.Does(async (parsed, stop) =>
        {
            var (domain, failed) = (parsed.GetValue(agent), $"{Examination.TestLabel}.{parsed.GetValue(zone)?.ToString() ?? Examination.TestZone}");
            if (domain.IsRoot || failed.EndsWith("..", StringComparison.Ordinal) || !DnsName.TryParse(failed, out var name) || !ReportName.TryMake([DnsType.A], name, ushort.MaxValue, domain, out var report) || report.Wire.Length + Room > DnsName.MaxLength)
            {
                Terminal.Error(domain.IsRoot ? "the root is no agent domain" : "agent domain and zone are too long for a report");
                return Verb.Usage;
            }

            var patience = parsed.GetValue(timeout) ?? ReportOptions.Patience;
            if (await ReportOptions.FindAsync(parsed.GetValue(to), 53, domain, patience, stop).ConfigureAwait(false) is not { } server) return Verb.Failed;
            var examination = new Examination(new AgentClient(server, patience, TimeProvider.System) { TlsPort = 853 }, domain, failed, parsed.GetValue(tls) ? Transport.Tls : Transport.Tcp);
            var result = new ConformanceReport(1, domain.ToString(), server.ToString(), await AgentChecks.RunAsync(examination, stop).ConfigureAwait(false));
            if (parsed.GetValue(json)) Console.Out.WriteLine(JsonSerializer.Serialize(result, ConformanceJson.Default.ConformanceReport));
            else Print(result);
            return result.Good ? Verb.Done : Verb.Failed;
        });
    }

    static void Print(ConformanceReport report)
    {
        Terminal.Line($"{report.Agent} at {report.Server}");
        foreach (var c in report.Checks) Terminal.Line($"{c.State,-8} {c.Level,-6} {c.Id,-22} {c.Asks}: {c.Found} ({c.Of})");
        var states = report.Checks.CountBy(c => c.State).ToDictionary();
        Terminal.Line($"{Count("ok")} ok, {Count("wrong")} wrong, {Count("note")} to be known, {Count("unasked")} could not be asked");

        int Count(string state) => states.GetValueOrDefault(state);
    }
}
