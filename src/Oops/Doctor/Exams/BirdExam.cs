using System.Globalization;
using Oops.Actions.Bird;
using Oops.Doctor.Reading;

namespace Oops.Doctor.Exams;

/// <summary>bird.conf: the include of our file must be a glob, the export filter must let our protocols out, and a router that hangs must be noticed.</summary>
internal static class BirdExam
{
    /// <summary>Longer, a neighbour sends queries to a router that hangs, and nobody knows.</summary>
    const int LongestHold = 30;

    const int DefaultHold = 240;

    public static void Examine(Chart chart)
    {
        var glob = OurGlob(chart);
        chart.SetControl(chart.Found.Argument("-s") ?? "/run/bird/bird.ctl", "bird", Pages.Bird);
        Literal(chart, glob);
        var ours = chart.Found.Config!.Includes.Where(i => IsOurs(i, glob)).ToArray();
        if (ours.Length == 0)
            chart.SayOff(Grade.Advice, "bird-no-include", "it does not include the file that oops writes: it announces nothing of ours", Pages.Bird, chart.InConfig($"include \"{glob}\";"));
        else
            Included(chart, glob);
        Sessions(chart);
        foreach (var cli in chart.Root.Find("cli").Where(c => c.Find("restrict").Any()))
            chart.Say(Grade.Advice, "bird-socket-restricted", $"{cli.At}: this control socket is restricted: through it oops can read, and announce or withdraw nothing", Pages.Bird);
    }

    /// <summary>The action of our config for this router, else the only one, else the default.</summary>
    static string OurGlob(Chart chart)
    {
        var actions = chart.Around.Own?.Config?.Actions.Bird ?? [];
        var own = actions.FirstOrDefault(a => a.Config == chart.Found.ConfigPath) ?? (actions.Count == 1 ? actions[0] : null);
        return own?.Include ?? new BirdConfig { Name = "edge" }.Include;
    }

    static void Literal(Chart chart, string glob)
    {
        foreach (var include in chart.Found.Config!.Includes.Where(i => !i.IsGlob))
        {
            var ours = Globs.Matches(glob, include.Pattern);
            if (!ours && !include.Missing && !IsFleeting(include.Pattern)) continue;
            var file = Path.GetFileName(include.Pattern);
            var instead = ours ? glob : Path.Combine(Path.GetDirectoryName(include.Pattern) ?? "/", file.Length > 0 ? $"{file[..^1]}[{file[^1]}]" : "*");
            chart.Say(Grade.Unsafe, "bird-literal-include",
                $"{include.At}: BIRD does not start at all, and every route of this machine is lost, while {include.Pattern} {(include.Missing ? "is missing, as it is now" : "is missing, as after a reboot")}. A glob may match nothing", Pages.Bird,
                new Remedy(include.At.File, [$"# instead of: include \"{include.Pattern}\";", $"include \"{instead}\";"]));
        }
    }

    static void Included(Chart chart, string glob)
    {
        var folder = Path.GetDirectoryName(glob)!;
        if (chart.Around.Exists(folder) == false)
            chart.Say(Grade.Advice, "bird-include-folder", $"the folder {folder} is not there", Pages.Doctor, new Remedy("/etc/tmpfiles.d/oops.conf", [$"d {folder} 0755 oops oops -"]));
        var named = chart.Root.All().Any(e => e.Values.Any(v => v.StartsWith("oops_", StringComparison.Ordinal)));
        var exportsAll = Bgp(chart).SelectMany(p => p.All()).Any(e => e.Is("export") && e.First == "all");
        if (!named && !exportsAll)
            chart.SayOff(Grade.Advice, "bird-export-filter", "no export filter names our protocols (oops_*): the neighbours do not get what oops announces", Pages.Bird,
                chart.InConfig("filter to_upstream {                     # export filter to_upstream; in the BGP protocol's channels", "    if proto ~ \"oops_*\" then accept;", "    reject;", "}"));
        if (chart.Root.Find("protocol").Where(p => p.First == "kernel").SelectMany(p => p.All()).FirstOrDefault(e => e.Is("export") && e.First == "all") is { } kernel)
            chart.Say(Grade.Advice, "bird-kernel-export", $"{kernel.At}: the kernel gets our routes too, and they are for the neighbours: what of a prefix is not an address of this machine is lost here", Pages.Bird,
                new Remedy(kernel.At.File, ["# instead of: export all;", "export where !(proto ~ \"oops_*\");"]));
    }

    static void Sessions(Chart chart)
    {
        var templates = chart.Root.Find("template").Where(t => t.Values.Count > 1).ToLookup(t => t.Values[1], StringComparer.Ordinal);
        foreach (var protocol in Bgp(chart))
        {
            var from = protocol.Values.IndexOf("from");
            Statement[] all = [.. from >= 0 && from + 1 < protocol.Values.Count ? templates[protocol.Values[from + 1]] : [], protocol];
            var bfd = all.SelectMany(p => p.Find("bfd")).LastOrDefault() is { } option && option.First is not ("off" or "no");
            var written = all.SelectMany(p => p.Find("hold")).LastOrDefault(h => h.First == "time")?.Values.ElementAtOrDefault(1);
            var hold = int.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : DefaultHold;
            if (bfd || (hold > 0 && hold <= LongestHold)) continue;
            var name = protocol.Values.ElementAtOrDefault(1) ?? "";
            chart.Say(Grade.Advice, "bird-hold-time", $"{protocol.At}: protocol {name}: a router that hangs is noticed after {hold} s, and by nothing sooner; neither BFD nor a short hold time is written", Pages.Bird,
                new Remedy(protocol.At.File, [$"# within protocol bgp {name} {{ ... }}", "hold time 30;"]));
        }
    }

    static IEnumerable<Statement> Bgp(Chart chart) => chart.Root.Find("protocol").Where(p => p.First == "bgp");

    static bool IsOurs(Included include, string glob) =>
        include.IsGlob ? include.Pattern == glob || Globs.Matches(include.Pattern, glob.Replace("*", "edge", StringComparison.Ordinal)) : Globs.Matches(glob, include.Pattern);

    // Folders that are empty after a reboot.
    static bool IsFleeting(string path) => path.StartsWith("/run/", StringComparison.Ordinal) || path.StartsWith("/var/run/", StringComparison.Ordinal) || path.StartsWith("/tmp/", StringComparison.Ordinal);
}
