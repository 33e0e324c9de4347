using System.Globalization;
using System.Net;
using Oops.Doctor.Reading;

namespace Oops.Doctor.Exams;

/// <summary>named.conf: no statistics channel by default, and 20 NOTIFYs a second however many zones there are.</summary>
internal static class BindExam
{
    const int DefaultRate = 20;

    /// <summary>What a start may take until the last zone was notified before it is worth a word.</summary>
    static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    public static void Examine(Chart chart)
    {
        var root = chart.Root;
        var zones = root.Find("zone").Concat(root.Find("view", "zone")).ToArray();
        var served = zones.Count(z => z.Value("type") is { } type && type.ToLowerInvariant() is "primary" or "master" or "secondary" or "slave");
        chart.Zones = served;
        chart.SetPidfile(root.Value("options", "pid-file") ?? "/run/named/named.pid");
        Listens(chart);
        Statistics(chart);
        Controls(chart);
        Rate(chart, served);
        Dnstap.Examine(chart, root.Find("options", "dnstap").Any(), chart.InConfig(
            "// within the block options { ... };", "dnstap { auth response; client response; };", $"dnstap-output unix \"{Dnstap.Path}\";"));
    }

    static void Listens(Chart chart)
    {
        foreach (var listen in chart.Root.Find("options", "listen-on").Concat(chart.Root.Find("options", "listen-on-v6")))
        {
            var at = listen.Values.IndexOf("port");
            var port = at >= 0 && at + 1 < listen.Values.Count && int.TryParse(listen.Values[at + 1], out var number) ? number : 53;
            foreach (var address in listen.Within)
                if (Addresses.TryParse(address.Name, port, out var endpoint) && !Addresses.IsAny(endpoint.Address)) chart.Configured.Add(endpoint);
        }
    }

    static void Statistics(Chart chart)
    {
        var channels = chart.Root.Find("statistics-channels", "inet").ToArray();
        chart.Hear("bind", chart.State(channels.Length > 0), "its zones: ready, expiring, expired, not refreshed; its counters");
        if (channels.Length == 0)
        {
            chart.SayOff(Grade.Advice, "bind-statistics-off", "it has no statistics channel: which zones are ready, expiring or expired cannot be read", Pages.Doctor,
                chart.InConfig("statistics-channels { inet 127.0.0.1 port 8053 allow { 127.0.0.1; }; };"), chart.InOops("bind", $"server: {chart.Server}, statistics: 127.0.0.1@8053"));
            return;
        }

        foreach (var channel in channels)
        {
            var port = PortOf(channel, 80);
            if (!Addresses.TryParse(channel.First == "*" ? "0.0.0.0" : channel.First, port, out var endpoint)) continue;
            chart.Api ??= Addresses.Yaml(Addresses.IsAny(endpoint.Address) ? new IPEndPoint(IPAddress.Loopback, port) : endpoint);
            // Without `allow` everybody may.
            if (!IPAddress.IsLoopback(endpoint.Address) && (!channel.Values.Contains("allow") || channel.Within.Any(e => e.Is("any"))))
                chart.Say(Grade.Unsafe, "bind-statistics-open", $"{channel.At}: everybody who reaches {endpoint} may read its statistics, with the name of each zone", Pages.Doctor,
                    chart.InConfig($"// instead of the channel on {endpoint}:", "statistics-channels { inet 127.0.0.1 port 8053 allow { 127.0.0.1; }; };"));
        }
    }

    static void Controls(Chart chart)
    {
        foreach (var control in chart.Root.Find("controls", "inet"))
            if (!Addresses.IsLocal(control.First) && control.Within.Any(e => e.Is("any")))
                chart.Say(Grade.Unsafe, "bind-controls-open", $"{control.At}: rndc is open to every address; only its key stands before a stop of the server", Pages.Doctor,
                    chart.InConfig("// instead:", "controls { inet 127.0.0.1 allow { 127.0.0.1; } keys { \"rndc-key\"; }; };"));
    }

    static void Rate(Chart chart, int zones)
    {
        var root = chart.Root;
        var tells = root.Find("options", "also-notify").Concat(root.Find("zone", "also-notify")).Any(a => a.Within.Any(e => Addresses.IsLocal(e.Name)));
        Notify.Examine(chart, tells, "its zone updates, and all zones at its start", "// within the block options { ... };", $"also-notify {{ 127.0.0.1 port {Notify.Port}; }};");
        var rate = Math.Min(RateOf(root, "startup-notify-rate"), RateOf(root, "notify-rate"));
        var takes = TimeSpan.FromSeconds((double)zones / rate);
        if (takes < Long) return;
        var heard = HearsNotify(chart);
        var wanted = Math.Max(1000, zones / 60).ToString(CultureInfo.InvariantCulture);
        chart.Say(heard ? Grade.Unsafe : Grade.Advice, "bind-notify-rate",
            $"it sends {rate} NOTIFYs a second and has {zones} zones: after a start, or a change of all, the last is told {Core.Words.Of(takes)} late{(heard ? ", and our config goes by what it is told" : "")}", Pages.Notify,
            chart.InConfig("// within the block options { ... };", $"notify-rate {wanted};", $"startup-notify-rate {wanted};"));
    }

    static bool HearsNotify(Chart chart) =>
        chart.Around.Own?.Config is { } own && own.Sources.Notify.Any(n => own.Servers.TryGetValue(n.Server, out var server) && server.Kind == Config.ServerKind.Bind);

    static int RateOf(Statement root, string option) =>
        int.TryParse(root.Value("options", option), NumberStyles.None, CultureInfo.InvariantCulture, out var rate) && rate > 0 ? rate : DefaultRate;

    static int PortOf(Statement channel, int otherwise)
    {
        var at = channel.Values.IndexOf("port");
        return at >= 0 && at + 1 < channel.Values.Count && int.TryParse(channel.Values[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536 ? port : otherwise;
    }
}
