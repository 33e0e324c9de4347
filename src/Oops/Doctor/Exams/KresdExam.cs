namespace Oops.Doctor.Exams;

/// <summary>kresd.conf: Debian's unit gives each instance a control socket; statistics are a module.</summary>
internal static class KresdExam
{
    const string ControlFolder = "/run/knot-resolver/control";

    public static void Examine(Chart chart)
    {
        var root = chart.Root;
        var modules = string.Join(' ', root.Find("modules").Concat(root.Find("modules.load")).Select(m => m.First));
        Listens(chart, modules);
        if (!modules.Contains("stats", StringComparison.Ordinal))
            chart.SayOff(Grade.Advice, "kresd-stats-off", "the module stats is off: its counters cannot be read", Pages.Doctor, chart.InConfig("modules.load('stats')"));
        Dnstap.Examine(chart, root.Find("dnstap.config").Any(), chart.InConfig(
            "modules.load('dnstap')", $"dnstap.config({{ socket_path = '{Dnstap.Path}', client = {{ log_queries = false, log_responses = true }} }})"));
    }

    static void Listens(Chart chart, string modules)
    {
        var control = chart.Found.Unit?.StartsWith("kresd@", StringComparison.Ordinal) == true;
        if (control) chart.SetControl(Path.Combine(ControlFolder, Instance(chart.Found.Unit!)), "kresd", Pages.Doctor);
        foreach (var listen in chart.Root.Find("net.listen"))
        {
            var texts = LuaArguments.Texts(listen.First);
            var kind = LuaArguments.Value(listen.First, "kind") ?? "dns";
            if (texts.Count == 0) continue;
            var parts = listen.First.Split(',');
            var port = parts.Length > 1 && int.TryParse(parts[1].Trim(), out var number) ? number : 53;
            if (kind == "control")
            {
                control = true;
                chart.SetControl(texts[0], "kresd", Pages.Doctor);
            }
            else if (Addresses.TryParse(texts[0], port, out var endpoint))
            {
                if (kind == "dns") chart.Configured.Add(endpoint);
                if (kind == "webmgmt") Web(chart, endpoint, listen.At.ToString(), modules);
            }
        }

        chart.Hear("kresd", chart.State(control || chart.Api is not null), "that it works; its counters");
        if (!control && chart.Api is null)
            chart.SayOff(Grade.Advice, "kresd-control-off", "it has neither a control socket nor an HTTP listener: its counters cannot be read", Pages.Doctor,
                chart.InConfig("net.listen('/run/knot-resolver/control/oops', nil, { kind = 'control' })"), chart.InOops("kresd", $"server: {chart.Server}"));
    }

    static void Web(Chart chart, System.Net.IPEndPoint endpoint, string at, string modules)
    {
        chart.Api = Addresses.Yaml(endpoint);
        if (!System.Net.IPAddress.IsLoopback(endpoint.Address))
            chart.Say(Grade.Unsafe, "kresd-webmgmt-open", $"{at}: its management pages are open on {endpoint}, without any key", Pages.Doctor, chart.InConfig("-- instead:", $"net.listen('127.0.0.1', {endpoint.Port}, {{ kind = 'webmgmt' }})"));
        if (!modules.Contains("http", StringComparison.Ordinal))
            chart.SayOff(Grade.Advice, "kresd-http-off", $"{at}: it listens for its management pages, and the module http is not loaded", Pages.Doctor, chart.InConfig("modules.load('http')"));
    }

    static string Instance(string unit) => unit["kresd@".Length..].Split('.')[0];
}
