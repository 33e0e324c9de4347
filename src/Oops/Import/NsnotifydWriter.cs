using System.Text;
using Oops.Config;

namespace Oops.Import;

/// <summary>Writes a config in mode observe that does what nsnotifyd did, with a comment for what differs.</summary>
internal static class NsnotifydWriter
{
    const string Git = "nsnotify2git", Update = "nsnotify2update", Stealth = "nsnotify2stealth";

    /// <param name="imported">Without errors.</param>
    /// <param name="folder">Where it ran; null: nobody says.</param>
    public static string Write(ImportedNotifyd imported, string? folder)
    {
        var text = new StringBuilder();
        ImportWriter.Comment(text, "", "From nsnotifyd, by `oops import`. It decides and shows, and runs nothing; when its history is what you would have done, write act.");
        text.Append("mode: observe\n");
        foreach (var note in imported.Notes)
            ImportWriter.Comment(text, "", note);
        var listed = imported.Zones.Count > 0 && !imported.Wildcard ? $", zones: {{ list: {Zones(imported.Zones)} }}" : "";
        text.Append($"servers:\n  primary: {{ kind: other{(imported.Authority is { } authority ? $", address: {Quoted(authority.ToString())}" : "")}{listed} }}\n");
        Source(text, imported);
        var name = Action(text, imported.Command, folder);
        ImportWriter.Comment(text, "", $"It runs when the serial has changed{(imported.Wildcard ? ", not at each NOTIFY, and not when a zone is heard of for the first time" : "")}, again after a failure within seconds, and no second time for a version that it was done for.");
        text.Append($"rules:\n  - {{ on: zone-updated{(imported.Wildcard ? ", zones: [\"*\"]" : "")}, do: [ {{ run: {name} }} ] }}\n");
        return text.ToString();
    }

    static void Source(StringBuilder text, ImportedNotifyd imported)
    {
        if (imported.Authority is not null)
            ImportWriter.Comment(text, "", "Only the server of -s may notify; nsnotifyd took it from anybody. For others write `allow`. Who notifies is asked for the SOA, at port 53 (`port`, or `primary` for always the same one).");
        text.Append($"sources:\n  notify:\n    - server: primary\n      listen: [{Quoted(imported.Listen.ToString())}]\n");
        if (imported.Authority is null)
        {
            ImportWriter.Comment(text, "      ", "Anybody, as with nsnotifyd. Better are the addresses of your primaries, or a key.");
            text.Append("      allow: [ { from: [0.0.0.0/0, \"::/0\"] } ]\n");
        }

        if (imported.Wildcard)
            text.Append($"      zones: {Zones([.. imported.Zones, "*"])}\n");
        Clamp(text, "refresh", imported.Refresh);
        Clamp(text, "retry", imported.Retry);
        if (imported.TcpTimeout is { } tcp)
            text.Append($"      tcp-timeout: {Duration.Format(tcp)}\n");
    }

    static void Clamp(StringBuilder text, string key, (TimeSpan Least, TimeSpan Most)? clamp)
    {
        if (clamp is { } pair)
            text.Append($"      {key}: {{ least: {Duration.Format(pair.Least)}, most: {Duration.Format(pair.Most)} }}\n");
    }

    /// <summary>Its name.</summary>
    static string Action(StringBuilder text, string command, string? folder)
    {
        var program = Path.GetFileName(command);
        text.Append("actions:\n");
        if (program == Git)
        {
            ImportWriter.Comment(text, "  ", $"In place of {Git}: its files go on, in canonical form. {(folder is null ? "Write the folder where nsnotifyd was started; it" : "The folder")} must belong to the user of oops.");
            text.Append($"  git: [ {{ name: zone-history, folder: {Quoted(folder ?? "/var/lib/oops/zones")} }} ]\n");
            return "zone-history";
        }

        if (program == Update)
            ImportWriter.Comment(text, "  ", $"The action `update` does what {Update} does, without nsdiff and nsupdate: see docs/how-to/sign-in-the-wire.md.");
        if (program == Stealth)
            ImportWriter.Comment(text, "  ", $"The action `notify-send` with `learn` does what {Stealth} does, without a log: see docs/how-to/stealth-secondaries.md.");
        ImportWriter.Comment(text, "  ", "One at a time, as there; more with `concurrency`. One that takes longer than `timeout` (60s) is ended. Its output is not in syslog but in `oops history`.");
        if (folder is null)
            ImportWriter.Comment(text, "  ", "It ran where nsnotifyd was started, and here in /: write that as `folder` if it matters.");
        text.Append($"  exec: [ {{ name: command, command: [{Quoted(command)}], concurrency: 1{(folder is null ? "" : $", folder: {Quoted(folder)}")} }} ]\n");
        return "command";
    }

    static string Zones(IReadOnlyList<string> zones) => $"[{string.Join(", ", zones.Select(Quoted))}]";

    /// <summary>What could be taken for a number, a null or a boolean is quoted, as are `no` and `1.0`, which are zones.</summary>
    static string Quoted(string word) => word is [>= 'a' and <= 'z', ..] && word.Contains('.', StringComparison.Ordinal) && word.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-') ? word : ImportWriter.Quoted(word);
}
