namespace Oops.Doctor.Exams;

/// <summary>unbound.conf: control, counters that last, and the reason in each failure.</summary>
internal static class UnboundExam
{
    public static void Examine(Chart chart)
    {
        var root = chart.Root;
        chart.SetPidfile(chart.Found.Arguments.Contains("-p") ? null : root.Value("server", "pidfile") ?? "/run/unbound.pid");
        var port = int.TryParse(root.Value("server", "port"), out var number) ? number : 53;
        foreach (var listen in root.Find("server", "interface").Concat(root.Find("server", "ip-address")))
            if (Addresses.TryParse(listen.First, port, out var endpoint)) chart.Configured.Add(endpoint);
        var zones = root.Find("auth-zone").Count(z => z.Find("name").Any());
        chart.Zones = zones > 0 ? zones : null;
        Control(chart);
        Counters(chart);
        if (!root.Yes(false, "server", "ede"))
            chart.SayOff(Grade.Advice, "unbound-ede-off", "Extended DNS Errors are off: a SERVFAIL does not say why", Pages.Doctor, chart.InConfig("server:", "    ede: yes"));
        Dnstap.Examine(chart, root.Yes(false, "dnstap", "dnstap-enable"), chart.InConfig(
            "dnstap:", "    dnstap-enable: yes", $"    dnstap-socket-path: \"{Dnstap.Path}\"", "    dnstap-bidirectional: yes", "    dnstap-log-client-response-messages: yes"));
    }

    static void Control(Chart chart)
    {
        var root = chart.Root;
        var on = root.Yes(false, "remote-control", "control-enable");
        chart.Hear("unbound", chart.State(on), "that it works; its auth zones: ready, expired; its counters");
        if (!on)
        {
            chart.SayOff(Grade.Advice, "unbound-control-off", "its control socket is off: neither its counters nor its auth zones can be read", Pages.Doctor,
                chart.InConfig("remote-control:", "    control-enable: yes", "    control-interface: /run/unbound.ctl"), chart.InOops("unbound", $"server: {chart.Server}"));
            return;
        }

        var interfaces = root.Find("remote-control", "control-interface").SelectMany(i => i.Values).ToArray();
        foreach (var path in interfaces.Where(i => i.StartsWith('/'))) chart.SetControl(path, "unbound", Pages.Doctor);
        var open = interfaces.Where(i => Addresses.TryParse(i, 8953, out _) && !Addresses.IsLocal(i)).ToArray();
        if (open.Length > 0 && !root.Yes(true, "remote-control", "control-use-cert"))
            chart.Say(Grade.Unsafe, "unbound-control-remote", $"its control port is open to others on {string.Join(", ", open)}, and asks for no certificate: whoever reaches it may stop or change it", Pages.Doctor,
                chart.InConfig("remote-control:", "    control-use-cert: yes"));
        else if (open.Length > 0)
            chart.Say(Grade.Advice, "unbound-control-remote", $"its control port is open to others on {string.Join(", ", open)}: only its certificates stand before it. A Unix socket is enough for oops", Pages.Doctor,
                chart.InConfig("remote-control:", "    control-interface: /run/unbound.ctl"));
    }

    static void Counters(Chart chart)
    {
        var root = chart.Root;
        if (!root.Yes(false, "server", "extended-statistics"))
            chart.SayOff(Grade.Advice, "unbound-statistics-off", "its extended statistics are off: how many answers failed, and how many were bogus, is not counted", Pages.Doctor, chart.InConfig("server:", "    extended-statistics: yes"));
        if (int.TryParse(root.Value("server", "statistics-interval"), out var seconds) && seconds > 0 && !root.Yes(false, "server", "statistics-cumulative"))
            chart.Say(Grade.Advice, "unbound-statistics-reset", $"its counters begin anew every {seconds} s, so that rates cannot be told", Pages.Doctor, chart.InConfig("server:", "    statistics-cumulative: yes"));
    }
}
