using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Oops.Config;
using Oops.Native;

namespace Oops.Import;

/// <summary>Reads the checks of anycast-healthchecker 0.9: *.conf in its folder, and the [DEFAULT] and [daemon] sections of its own file.</summary>
internal static class AnycastHealthchecker
{
    public const string DaemonFile = "/etc/anycast-healthchecker.conf";

    // As the source of 0.8 and 0.9 has them (its README says otherwise of two): what does not say check_disabled = false is disabled. What is in [DEFAULT] of either file goes before.
    static readonly Dictionary<string, string> Defaults = new(StringComparer.OrdinalIgnoreCase)
    {
        ["check_interval"] = "10",
        ["check_timeout"] = "2",
        ["check_rise"] = "2",
        ["check_fail"] = "2",
        ["check_disabled"] = "true",
        ["on_disabled"] = "withdraw",
        ["ip_check_disabled"] = "false",
        ["interface"] = "lo",
    };

    static readonly string[] Known = [.. Defaults.Keys, "check_cmd", "ip_prefix", "custom_bird_reconfigure_cmd", "custom_bird_reconfigure_cmd_timeout"];

    /// <param name="folder">Its folder of checks.</param>
    /// <param name="daemon">Its own file; one that is not there is passed over where it is the default.</param>
    public static Imported Read(string folder, string daemon)
    {
        var imported = new Imported($"anycast-healthchecker {folder}", "bird");
        var general = IniFile.Read(daemon, daemon == DaemonFile && !File.Exists(daemon) ? "" : TextFile.Read(daemon, imported.Errors), imported.Errors);
        var shared = general.Find(s => s.Name == IniFile.Default);
        string[] files;
        try
        {
            files = [.. Directory.GetFiles(folder, "*.conf").Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            imported.Errors.Add($"{folder}: cannot be read ({Reason.Of(e)}); name the folder with its checks");
            return imported;
        }

        foreach (var file in files)
        {
            var sections = IniFile.Read(file, TextFile.Read(file, imported.Errors), imported.Errors);
            var own = sections.Find(s => s.Name == IniFile.Default);
            foreach (var section in sections.Where(s => s.Name is not (IniFile.Default or "daemon"))) Check(section, [section, own, shared], imported);
        }

        // Checks may stand in its own file, too.
        foreach (var section in general.Where(s => s.Name is not (IniFile.Default or "daemon"))) Check(section, [section, shared], imported);
        if (imported.Checks.Count == 0 && imported.Errors.Count == 0) imported.Errors.AddRange([.. imported.Notes, $"{folder}: no check is in it{(imported.Notes.Count == 0 ? ": *.conf with a section for each" : " that is enabled")}"]);
        if (general.Find(s => s.Name == "daemon") is { } settings && settings.Entries.TryGetValue("bird_variable", out var variable))
            imported.Notes.Add($"The filter of bird.conf that looks for prefixes in {variable.Value} is replaced by the one that `oops sample bird` prints; the static protocols and the list file are not needed any more.");
        return imported;
    }

    static void Check(IniFile.Section section, IniFile.Section?[] levels, Imported imported)
    {
        string? Get(string key) => levels.Select(l => l?.Entries.GetValueOrDefault(key)?.Value).FirstOrDefault(v => v is not null) ?? Defaults.GetValueOrDefault(key);
        int LineOf(string key) => section.Entries.GetValueOrDefault(key)?.Line ?? section.Line;
        bool Refuse(string key, string problem)
        {
            imported.Errors.Add($"{section.File}:{LineOf(key)}: [{section.Name}] {key} {problem}");
            return false;
        }

        var well = true;
        var interval = Number("check_interval", 0.1, 86_400);
        var timeout = Number("check_timeout", 0.1, 3600);
        var (rise, fail) = ((int)Number("check_rise", 1, 1000), (int)Number("check_fail", 1, 1000));
        var problem = "is not there; without a command there is no check";
        var command = Get("check_cmd") is { Length: > 0 } text ? ShellWords.Split(text, out problem) : null;
        if (command is null or []) well = Refuse("check_cmd", problem);
        if (!TryPrefix(Get("ip_prefix") ?? "", out var prefix)) well = Refuse("ip_prefix", $"is no prefix: {Config.ConfigErrors.Show(Get("ip_prefix") ?? "")}");
        foreach (var (key, entry) in section.Entries.Where(e => !Known.Contains(e.Key, StringComparer.OrdinalIgnoreCase)))
            imported.Notes.Add($"[{section.Name}] {key} (line {entry.Line}) is not known, and was left out.");
        if (!well) return;

        if (IsTrue(Get("check_disabled")))
        {
            imported.Notes.Add(IsAdvertised(Get("on_disabled"))
                ? $"[{section.Name}] is disabled and announces {prefix} whatever happens: left out. A route that follows nothing belongs into bird.conf itself."
                : $"[{section.Name}] is disabled and withdraws {prefix}: left out. It is so unless `check_disabled = false` is written.");
            return;
        }

        var notes = new List<string>();
        if (!IsTrue(Get("ip_check_disabled"))) notes.Add($"It was announced only while {prefix.BaseAddress} was on {Get("interface")}, which is not looked at here; a source `probe` that asks that address would miss it.");
        if (Get("custom_bird_reconfigure_cmd") is { Length: > 0 } custom) notes.Add($"custom_bird_reconfigure_cmd = {custom} has no place here: BIRD is told by its socket.");
        imported.Checks.Add(new(section.Name, command!, [prefix]) { Interval = TimeSpan.FromSeconds(interval), Timeout = TimeSpan.FromSeconds(timeout), Rise = rise, Fall = fail, Notes = notes });

        double Number(string key, double least, double most)
        {
            if (double.TryParse(Get(key), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most) return value;
            well = Refuse(key, string.Create(CultureInfo.InvariantCulture, $"is not a number from {least} to {most}"));
            return least;
        }
    }

    static bool IsTrue(string? word) => word?.ToLowerInvariant() is "true" or "yes" or "on" or "1";

    static bool IsAdvertised(string? word) => string.Equals(word, "advertise", StringComparison.OrdinalIgnoreCase);

    /// <summary>Without a length it is one address.</summary>
    internal static bool TryPrefix(string text, out IPNetwork prefix)
    {
        if (IPAddress.TryParse(text, out var address))
        {
            prefix = new(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
            return true;
        }

        return IPNetwork.TryParse(text, out prefix);
    }
}
