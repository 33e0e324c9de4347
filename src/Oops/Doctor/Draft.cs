using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Oops.Config;
using Oops.Doctor.Exams;

namespace Oops.Doctor;

/// <summary>A small config in `mode: observe` for what runs here, of what this version of oops knows.</summary>
internal sealed class Draft(IReadOnlyList<Chart> charts, Surroundings around)
{
    /// <summary>A line for each source: when it is worth writing, and what stands in its braces beside the server. One that this version does not have is left out.</summary>
    static readonly (string Source, Func<Chart, string?> Item)[] Table =
    [
        ("process", _ => ""),
        ("knot", c => Of(c, ServerKind.Knot, "knot") ? "" : null),
        ("nsd", c => Of(c, ServerKind.Nsd, "nsd") ? "" : null),
        ("bind", c => Of(c, ServerKind.Bind, "bind") && c.Api is { } api ? $", statistics: {api}" : null),
        ("unbound", c => Of(c, ServerKind.Unbound, "unbound") ? "" : null),
        ("powerdns", c => (Of(c, ServerKind.Powerdns, "powerdns") || Of(c, ServerKind.Recursor, "powerdns")) && c.Api is { } api ? $", api: {api}, key-file: /etc/oops/{c.Server}.key" : null),
        ("dnsdist", c => Of(c, ServerKind.Dnsdist, "dnsdist") && c.Api is { } api ? $", api: {api}, key-file: /etc/oops/{c.Server}.key" : null),
        ("kresd", c => Of(c, ServerKind.Kresd, "kresd") ? "" : null),
        ("systemd", c => c.Around.HasSystemd && c.Found.Unit is { } unit && IsPlain(unit) ? $", unit: {unit}" : null),
        ("probe", c => c.Asked() is { Count: > 0 } to ? $", to: [{string.Join(", ", to.Select(Addresses.Yaml))}]" : null),
    ];

    /// <summary>Null: nothing runs here that a config could be about.</summary>
    public string? Write()
    {
        var servers = charts.Where(c => c.Found is { Pid: not null, Software.IsRouter: false }).ToArray();
        if (servers.Length == 0) return null;
        var text = new StringBuilder("mode: observe                       # decide, show, touch nothing; then: act\nservers:\n");
        foreach (var chart in servers) text.Append(CultureInfo.InvariantCulture, $"    {chart.Server}: {Server(chart)}\n");
        text.Append("sources:\n");
        foreach (var (source, item) in Table.Where(t => Chart.Knows(t.Source)))
        {
            var items = servers.Select(c => (c.Server, Item: item(c))).Where(i => i.Item is not null).ToArray();
            if (items.Length == 0) continue;
            text.Append(CultureInfo.InvariantCulture, $"    {source}:\n");
            foreach (var (server, more) in items) text.Append(CultureInfo.InvariantCulture, $"        - {{ server: {server}{more} }}\n");
        }

        Routes(text, servers);
        return text.ToString();
    }

    static string Server(Chart chart)
    {
        var kind = chart.Found.Software.Kind!.Value.ToString().ToLowerInvariant();
        var parts = new List<string> { $"kind: {kind}" };
        if (chart.Asked() is [var first, ..]) parts.Add($"address: {Addresses.Yaml(first)}");
        if (chart.Pidfile is { } pidfile && IsPlain(pidfile)) parts.Add($"pidfile: {pidfile}");
        if (chart.Control is { Ours: not Access.Missing } control && IsPlain(control.Path)) parts.Add($"control: {control.Path}");
        if (Zones(chart) is { } least) parts.Add(string.Create(CultureInfo.InvariantCulture, $"zones: {{ own: {{ at-least: {least} }} }}"));
        return $"{{ {string.Join(", ", parts)} }}";
    }

    /// <summary>How many zones its own list must have at least; null: no source of this version reads its list.</summary>
    static int? Zones(Chart chart)
    {
        var item = chart.Found.Software.Kind is ServerKind.Knot or ServerKind.Nsd or ServerKind.Bind or ServerKind.Powerdns
            ? Table.FirstOrDefault(t => t.Source == chart.Found.Software.Word && Chart.Knows(t.Source)).Item?.Invoke(chart) : null;
        return item is null ? null : Math.Max(1, chart.Zones ?? 1);
    }

    // A route for the addresses on lo, where a router of ours runs and a server answers there.
    void Routes(StringBuilder text, Chart[] servers)
    {
        var bird = charts.FirstOrDefault(c => c.Found is { Pid: not null, Software.Word: "bird" });
        var routes = around.Anycast.Select((a, i) => (Address: a, Servers: servers.Where(s => s.ListensOn(a)).ToArray(), Name: $"anycast{(a.AddressFamily == AddressFamily.InterNetwork ? 4 : 6)}{(i > 1 ? "-" + (i + 1) : "")}")).Where(r => r.Servers.Length > 0).ToArray();
        if (bird is null || routes.Length == 0) return;
        var socket = bird.Control is { } control && IsPlain(control.Path) && control.Path != "/run/bird/bird.ctl" ? $", socket: {control.Path}" : "";
        var config = IsPlain(bird.Found.ConfigPath) && bird.Found.ConfigPath != "/etc/bird/bird.conf" ? $", config: {bird.Found.ConfigPath}" : "";
        text.Append(CultureInfo.InvariantCulture, $"actions:\n    bird: [ {{ name: edge{socket}{config} }} ]\nroutes:                             # the prefixes as the routers shall have them\n");
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (address, behind, name) in routes)
        {
            var unique = name;
            for (var n = 2; !names.Add(unique); n++) unique = string.Create(CultureInfo.InvariantCulture, $"{name}-{n}");
            var when = behind.All(s => Zones(s) is not null) ? "server-running, all-zones-ready" : "server-running";
            text.Append(CultureInfo.InvariantCulture, $"    {unique}: {{ prefixes: [\"{address}/{(address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)}\"], via: edge, servers: [{string.Join(", ", behind.Select(s => s.Server))}]{(behind.Length > 1 ? ", need: 1" : "")}, announce-when: [{when}] }}\n");
        }
    }

    static bool Of(Chart chart, ServerKind kind, string source) => chart.Found.Software.Kind == kind && chart.Hearings.Any(h => h.Source == source && h.State == HearingState.On);

    /// <summary>What stands in YAML as it is. Anything else comes from somebody who wants more than a path.</summary>
    static bool IsPlain(string text) => text.Length is > 0 and < 200 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_' or '@') && text[0] != '@';
}
