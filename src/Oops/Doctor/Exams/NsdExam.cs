namespace Oops.Doctor.Exams;

/// <summary>nsd.conf: the control socket is off by default, and on Debian there is no pidfile.</summary>
internal static class NsdExam
{
    const string DefaultPidfile = "/run/nsd/nsd.pid";

    public static void Examine(Chart chart)
    {
        var root = chart.Root;
        chart.Zones = root.Find("zone").Count(z => z.Find("name").Any());
        var pidfile = chart.Found.Argument("-P") ?? root.Value("server", "pidfile") ?? DefaultPidfile;
        chart.SetPidfile(pidfile);
        var port = int.TryParse(chart.Found.Argument("-p") ?? root.Value("server", "port"), out var number) ? number : 53;
        foreach (var listen in root.Find("server", "ip-address").Concat(root.Find("server", "interface")))
            if (Addresses.TryParse(listen.First, port, out var endpoint)) chart.Configured.Add(endpoint);
        Control(chart, pidfile);
        Dnstap.Examine(chart, root.Yes(false, "dnstap", "dnstap-enable"), chart.InConfig(
            "dnstap:", "    dnstap-enable: yes", $"    dnstap-socket-path: \"{Dnstap.Path}\"", "    dnstap-log-auth-response-messages: yes"));
        var notifies = root.Find("zone").Concat(root.Find("pattern")).Any(z => z.Find("notify").Any());
        Notify.Examine(chart, notifies, "its zone updates, and all zones at its start", "# within each zone: or pattern:", $"    notify: 127.0.0.1@{Notify.Port} NOKEY");
        if (!root.Yes(false, "verify", "enable"))
            chart.SayOff(Grade.Note, "nsd-verify-off", "`verify:` is off: it could ask a command whether a transferred zone is good before it serves it", Pages.Doctor);
    }

    static void Control(Chart chart, string pidfile)
    {
        var root = chart.Root;
        var on = root.Yes(false, "remote-control", "control-enable");
        chart.Hear("nsd", chart.State(on), "its zones: ready, expired, not refreshed; its counters");
        var interfaces = root.Find("remote-control", "control-interface").SelectMany(i => i.Values).ToArray();
        if (!on)
        {
            // The folder of the pidfile is one that it may write.
            var folder = pidfile.Length > 0 && Path.GetDirectoryName(pidfile) is { Length: > 1 } own ? own : "/run/nsd";
            chart.SayOff(Grade.Advice, "nsd-control-off", "its control socket is off: which zones are ready, expired or not refreshed cannot be read", Pages.Doctor,
                chart.InConfig("remote-control:", "    control-enable: yes", $"    control-interface: {Path.Combine(folder, "nsd.ctl")}"), chart.InOops("nsd", $"server: {chart.Server}"));
            return;
        }

        foreach (var path in interfaces.Where(i => i.StartsWith('/'))) chart.SetControl(path, "nsd", Pages.Doctor);
        var open = interfaces.Where(i => !i.StartsWith('/') && Addresses.TryParse(i, 8952, out _) && !Addresses.IsLocal(i)).ToArray();
        if (open.Length > 0)
            chart.Say(Grade.Advice, "nsd-control-remote", $"its control port is open to others on {string.Join(", ", open)}: only the keys in /etc/nsd stand before it. A Unix socket is enough for oops", Pages.Doctor,
                chart.InConfig("remote-control:", "    control-enable: yes", "    control-interface: /run/nsd/nsd.ctl"));
    }
}
