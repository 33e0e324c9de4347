using Oops.Config;

namespace Oops.Doctor.Exams;

/// <summary>What is the same for routers, and the basics of those that no action of this version speaks to.</summary>
internal static class RouterExam
{
    public static void Examine(Chart chart)
    {
        var software = chart.Found.Software;
        if (chart.Found.Pid is null)
            chart.Say(Grade.Note, $"{software.Word}-not-running", $"{software.Title} is installed and does not run", Pages.Doctor);
        if (!Acts(software.Word))
            chart.Say(Grade.Note, $"{software.Word}-no-action", $"this version of oops announces no routes through {software.Title}; a command can (`exec`)", Pages.Exec);
        if (software.Word == "gobgp") GoBgp(chart);
        if (software.Word == "frr" && chart.Found.Config is { } config && !config.Root.All().Any(e => e.Is("no") && string.Join(' ', e.Values) == "bgp network import-check"))
            chart.Say(Grade.Note, "frr-import-check", "`network` announces a prefix only while the kernel has a route for it (bgp network import-check)", Pages.Doctor, chart.InConfig("router bgp AS", " no bgp network import-check"));
    }

    static void GoBgp(Chart chart)
    {
        if (chart.Found.Pid is null) return;
        var hosts = (chart.Found.Argument("--api-hosts") ?? ":50051").Split(',');
        var open = hosts.Where(h => !h.StartsWith("unix:", StringComparison.Ordinal) && !Addresses.IsLocal(h)).ToArray();
        if (open.Length > 0)
            chart.Say(Grade.Unsafe, "gobgp-api-open", $"its API on {string.Join(", ", open)} asks for no password: whoever reaches it may announce or withdraw anything", Pages.Safety,
                new Remedy("the command line of gobgpd", ["--api-hosts unix:///run/gobgp/gobgp.sock"]));
        else if (hosts.Any(h => !h.StartsWith("unix:", StringComparison.Ordinal)))
            chart.Say(Grade.Advice, "gobgp-api-local", "everybody on this machine may announce or withdraw anything through its API, which asks for no password", Pages.Safety,
                new Remedy("the command line of gobgpd", ["--api-hosts unix:///run/gobgp/gobgp.sock"]));
    }

    public static bool Acts(string word) => Shape.Keys(ConfigJson.Default.ActionsConfig).Any(k => k.Name == word);
}
