using System.Net;

namespace Oops.Doctor.Exams;

/// <summary>dnsdist.conf: the API wants a web server and a key.</summary>
internal static class DnsdistExam
{
    public static void Examine(Chart chart)
    {
        var root = chart.Root;
        foreach (var listen in root.Find("setLocal").Concat(root.Find("addLocal")))
            if (LuaArguments.Texts(listen.First) is [var text, ..] && Addresses.TryParse(text, 53, out var endpoint)) chart.Configured.Add(endpoint);
        Api(chart);
        Dnstap.Examine(chart, root.Find("DnstapLogResponseAction").Any(), chart.InConfig(
            $"oopsTap = newFrameStreamUnixLogger(\"{Dnstap.Path}\")", "addResponseAction(AllRule(), DnstapLogResponseAction(\"dnsdist\", oopsTap))"));
    }

    static void Api(Chart chart)
    {
        var root = chart.Root;
        var server = root.Last("webserver");
        var config = root.Last("setWebserverConfig");
        // Before 1.6 the key was the third argument of webserver().
        var key = config is not null && LuaArguments.Value(config.First, "apiKey") is { Length: > 0 } ? config : server is not null && LuaArguments.Texts(server.First).Count >= 3 ? server : null;
        var on = server is not null && key is not null;
        chart.Hear("dnsdist", chart.State(on), "its backends: up, down; its counters");
        if (!on)
            chart.SayOff(Grade.Advice, "dnsdist-api-off", "its API is off: neither the state of its backends nor its counters can be read. Write a long random word for the key, also into a file that only root and oops may read", Pages.Doctor,
                chart.InConfig("webserver(\"127.0.0.1:8083\")", "setWebserverConfig({ apiKey=\"KEY\", acl=\"127.0.0.0/8, ::1/128\" })"),
                chart.InOops("dnsdist", $"server: {chart.Server}, api: 127.0.0.1@8083, key-file: /etc/oops/dnsdist.key"));
        if (key is not null) HttpExam.Key(chart, "dnsdist", key.At.File);
        if (server is null || LuaArguments.Texts(server.First) is not [var address, ..] || !Addresses.TryParse(address, 8083, out var endpoint)) return;
        var acl = (config is null ? null : LuaArguments.Value(config.First, "acl")) ?? "127.0.0.0/8";
        HttpExam.Open(chart, "dnsdist", endpoint, acl.Split(','), server.At.ToString(), chart.InConfig("-- instead:", $"webserver(\"{IPAddress.Loopback}:{endpoint.Port}\")", "setWebserverConfig({ acl=\"127.0.0.0/8, ::1/128\" })"));
        if (root.Last("controlSocket") is { } control && LuaArguments.Texts(control.First) is [var console, ..] && !Addresses.IsLocal(console) && !root.Find("setKey").Any())
            chart.Say(Grade.Unsafe, "dnsdist-console-open", $"{control.At}: its console is open on {console} without a key: whoever reaches it may change everything", Pages.Doctor,
                chart.InConfig("-- instead:", "controlSocket(\"127.0.0.1:5199\")"));
    }
}
