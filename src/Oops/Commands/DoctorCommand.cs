using System.CommandLine;
using System.Text.Json;
using Oops.Doctor;

namespace Oops.Commands;

/// <summary>`oops doctor`: what runs here, what it could tell, what is switched off, what is unsafe.</summary>
internal static class DoctorCommand
{
    public static Command New()
    {
        var config = Options.Config();
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        var draft = new Option<bool>("--config-draft") { Description = "Only a small config in mode observe for what runs here." };
        return new Command("doctor", "Looks at this machine: its DNS servers and routers, what they could tell, what is switched off, what is unsafe, and the lines to add. Changes nothing. Exit 1: something is unsafe.") { config, json, draft }.Does(async (parsed, stop) =>
        {
            var path = Path.GetFullPath(parsed.GetValue(config)!);
            if (parsed.GetResult(config) is { Implicit: false } && !await HostLook.IsThereAsync(path, stop).ConfigureAwait(false))
            {
                Terminal.Error($"{path}: no such file");
                return Verb.Usage;
            }

            var (around, charts) = await new HostLook(path).RunAsync(stop).ConfigureAwait(false);
            var report = Report.Of(around, charts);
            if (parsed.GetValue(draft)) return Print(report.Draft);
            if (parsed.GetValue(json)) Console.Out.WriteLine(JsonSerializer.Serialize(report, DoctorJson.Default.Report));
            else DoctorText.Print(report);
            return report.Unsafe ? Verb.Failed : Verb.Done;
        });
    }

    static int Print(string? draft)
    {
        if (draft is null)
        {
            Terminal.Error("no DNS server runs here that we see");
            return Verb.Failed;
        }

        foreach (var line in draft.TrimEnd('\n').Split('\n')) Terminal.Line(line);
        return Verb.Done;
    }
}
