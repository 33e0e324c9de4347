using System.Globalization;
using System.Net;

namespace Oops.Doctor.Exams;

/// <summary>pdns.conf and recursor.conf: the API is off by default.</summary>
internal static class PowerDnsExam
{
    public static void Authoritative(Chart chart)
    {
        Common(chart, "powerdns", 8081, apiSwitch: true, "its zones: ready, updated; its counters");
        chart.SetPidfile(Setting(chart, "write-pid") is "no" ? null : Path.Combine(Setting(chart, "socket-dir") is { Length: > 0 } folder ? folder : "/run/pdns", "pdns.pid"));
        Notify.Examine(chart, Setting(chart, "also-notify") is { Length: > 0 }, "its zone updates, up to xfr-cycle-interval late", $"also-notify=127.0.0.1:{Notify.Port}");
        if (Setting(chart, "secondary") is "yes" || Setting(chart, "slave") is "yes")
            chart.Say(Grade.Note, "powerdns-never-expires", "as a secondary it never expires a zone: it answers beyond the SOA's expire. Compare it with its primaries (`primaries:` of the server)", Pages.Probe);
    }

    public static void Recursor(Chart chart)
    {
        Common(chart, "recursor", 8082, apiSwitch: false, "that it works; its counters");
        chart.SetPidfile(Setting(chart, "write-pid") is "no" ? null : Path.Combine(Setting(chart, "socket-dir") is { Length: > 0 } folder ? folder : "/run/pdns-recursor", "pdns_recursor.pid"));
        if (Setting(chart, "extended-resolution-errors") is not "yes")
            chart.SayOff(Grade.Advice, "recursor-ede-off", "Extended DNS Errors are off: a SERVFAIL does not say why", Pages.Doctor, chart.InConfig("extended-resolution-errors=yes"));
    }

    static void Common(Chart chart, string id, int defaultPort, bool apiSwitch, string tells)
    {
        Listens(chart);
        var key = Setting(chart, "api-key");
        var on = Setting(chart, "webserver") is "yes" && key is { Length: > 0 } && (!apiSwitch || Setting(chart, "api") is "yes");
        chart.Hear("powerdns", chart.State(on), tells);
        if (key is { Length: > 0 }) HttpExam.Key(chart, id, chart.Root.Last("api-key")!.At.File);
        var port = int.TryParse(Setting(chart, "webserver-port"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : defaultPort;
        string[] first = apiSwitch ? ["api=yes"] : [];
        if (!on)
            chart.SayOff(Grade.Advice, $"{id}-api-off", "its API is off: neither its zones nor its counters can be read. Write a long random word for the key, also into a file that only root and oops may read", Pages.Doctor,
                chart.InConfig([.. first, "webserver=yes", "webserver-address=127.0.0.1", $"webserver-port={port}", "webserver-allow-from=127.0.0.1,::1", "api-key=KEY"]),
                chart.InOops("powerdns", $"server: {chart.Server}, api: 127.0.0.1@{port}, key-file: /etc/oops/{id}.key"));
        if (Setting(chart, "webserver") is not "yes") return;
        var allowed = (Setting(chart, "webserver-allow-from") ?? "127.0.0.1,::1").Split(',', StringSplitOptions.TrimEntries);
        if (Addresses.TryParse(Setting(chart, "webserver-address") ?? "127.0.0.1", port, out var endpoint))
            HttpExam.Open(chart, id, endpoint, allowed, chart.Root.Last("webserver-address")?.At.ToString() ?? chart.Found.ConfigPath, chart.InConfig("webserver-address=127.0.0.1", "webserver-allow-from=127.0.0.1,::1"));
    }

    static void Listens(Chart chart)
    {
        var port = int.TryParse(Setting(chart, "local-port"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 53;
        foreach (var word in (Setting(chart, "local-address") ?? "").Split((char[])[',', ' '], StringSplitOptions.RemoveEmptyEntries))
            if (Addresses.TryParse(word, port, out var endpoint)) chart.Configured.Add(endpoint);
    }

    // The command line is over the file.
    static string? Setting(Chart chart, string name) => chart.Found.Argument("--" + name) ?? chart.Root.Value(name);
}
