using System.CommandLine;
using System.Net;
using System.Text.Json;
using Oops.Config;
using Oops.Engine;
using Oops.Reports;
using Oops.Reports.Setup;
using Oops.Wire.Dns;

namespace Oops.Commands;

/// <summary>`oops reports setup ZONE [--check]`: what has to stand where so that errors of a zone are reported here, and whether it does.</summary>
internal static class ReportsSetupCommand
{
    public static Command New()
    {
        var config = Options.Config();
        var zone = ReportOptions.Name("zone", "The zone whose errors are to be reported.");
        var server = new Option<string?>("--server") { Description = "The server of the source error-reports, where there are several." };
        var agent = ReportOptions.NameOption("--agent", "The agent domain, where the source has several.");
        var check = new Option<bool>("--check") { Description = "Asks the servers, the delegation and the agent whether it is so. Sends one report, of oops-test.invalid, to each address of the agent." };
        var parent = ReportOptions.Address("--parent", "Where the delegation is asked for: a resolver or a server of the zone above the agent domain, ADDRESS[@PORT]. Default: the resolvers of /etc/resolv.conf.");
        var timeout = ReportOptions.Timeout();
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        return new Command("setup", "Says what to write into NSD, Knot DNS and BIND and into the zone above the agent domain so that resolvers report here (RFC 9567). Exit 1: something is wrong, or could not be asked.") { zone, config, server, agent, check, parent, timeout, json }.Does(async (parsed, stop) =>
        {
            var loaded = Plan.Load(parsed.GetValue(config)!, out var errors);
            foreach (var line in errors.Lines) Console.Error.WriteLine(Terminal.Safe(line));
            if (loaded is null) return Verb.Usage;
            if (SetupPlan.Of(loaded.Config, parsed.GetValue(zone), parsed.GetValue(server), parsed.GetValue(agent), out var problem) is not { } plan)
            {
                Terminal.Error(problem);
                return Verb.Usage;
            }

            List<SetupFinding> findings = [.. SetupWords.Faults(plan)];
            if (parsed.GetValue(check))
            {
                IReadOnlyList<IPEndPoint> parents = parsed.GetValue(parent) is { } at ? [at.ToIPEndPoint(53)] : await ReportOptions.SystemResolversAsync(stop).ConfigureAwait(false);
                findings.AddRange(await new SetupCheck(plan, parents, parsed.GetValue(timeout) ?? ReportOptions.Patience, TimeProvider.System).RunAsync(stop).ConfigureAwait(false));
            }

            var report = new SetupReport(1, plan.Zone.ToString(), plan.Agent.Domain.ToString(), plan.Source.Server, SetupWords.Servers(plan), SetupWords.Delegation(plan), SetupWords.Rules(plan), findings);
            if (parsed.GetValue(json)) Console.Out.WriteLine(JsonSerializer.Serialize(report, SetupJson.Default.SetupReport));
            else if (parsed.GetValue(check)) Findings(report);
            else Print(report);
            return report.Good ? Verb.Done : Verb.Failed;
        });
    }

    static void Print(SetupReport report)
    {
        Terminal.Line($"Errors of {report.Zone} are reported to {report.Agent}, where oops hears them (source error-reports of {report.Source}).");
        Terminal.Line("");
        Terminal.Line($"The servers of {report.Zone} announce it:");
        foreach (var server in report.Servers)
        {
            Terminal.Line($"  {server.Since}{(server.Lines.Count > 0 ? ":" : ".")}");
            foreach (var line in server.Lines) Terminal.Line($"      {line}");
        }

        Terminal.Line("");
        Terminal.Line($"The zone above {report.Agent} delegates it:");
        foreach (var line in report.Delegation) Terminal.Line($"      {line}");
        Terminal.Line("");
        Terminal.Line("To be kept to:");
        foreach (var rule in report.Rules) Terminal.Line($"  {rule}");
        if (report.Checks.Count > 0) Terminal.Line("");
        Findings(report);
    }

    static void Findings(SetupReport report)
    {
        foreach (var f in report.Checks) Terminal.Line($"{f.State,-8} {f.Of}: {f.Found}{(f.Do is null ? "" : $"; {f.Do}")}");
    }
}
