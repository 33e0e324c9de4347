using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Oops.Config;
using Oops.Wire.Dns;

namespace Oops.Import;

/// <summary>Reads config.json of dnsnotify2route53 and writes a config that does the same, with a comment for what differs.</summary>
internal static class DnsNotify2Route53
{
    const int DnsPort = 53;

    // Seconds: beyond the first `most` must be written, too, and beyond the other it cannot be.
    const int MostRefresh = 32768, LongestRefresh = 30 * 86400;

    static readonly string[] Known = ["listen_ip", "listen_port", "notify_servers", "domains_to_manage", "domains_to_manage_from_aws", "zone_refresh_wait_interval", "mute_botocore_debug", "tsig_secret"];

    /// <summary>The config; null: see the errors, `file: what, and what to do`.</summary>
    public static string? Read(string file, List<string> errors)
    {
        var text = TextFile.Read(file, errors);
        if (errors.Count > 0)
            return null;
        try
        {
            using var json = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 8 });
            if (json.RootElement.ValueKind == JsonValueKind.Object)
                return Write(file, json.RootElement, errors);
            errors.Add($"{file}: is no JSON object");
        }
        catch (JsonException e)
        {
            errors.Add(string.Create(CultureInfo.InvariantCulture, $"{file}:{e.LineNumber + 1}: is no JSON"));
        }
        catch (InvalidOperationException)
        {
            // Half of a pair of surrogates: JSON can say it.
            errors.Add($"{file}: has a string that is no text");
        }

        return null;
    }

    static string? Write(string file, JsonElement json, List<string> errors)
    {
        var servers = Addresses(file, json, "notify_servers", errors);
        var listen = Texts(json, "listen_ip") is [var word] ? word : "0.0.0.0";
        if (!IPAddress.TryParse(listen, out var address))
            errors.Add($"{file}: listen_ip is no address: {ConfigErrors.Show(listen)}");
        var port = json.TryGetProperty("listen_port", out var number) ? number.ValueKind == JsonValueKind.Number && number.TryGetUInt16(out var value) ? value : 0 : DnsPort;
        if (port == 0)
            errors.Add($"{file}: listen_port is no port");
        List<string> zones = [];
        foreach (var domain in Texts(json, "domains_to_manage"))
        {
            if (!domain.Contains('*', StringComparison.Ordinal) && DnsName.TryParse(domain, out var zone))
                zones.Add(zone.ToString());
            else
                errors.Add($"{file}: domains_to_manage: {ConfigErrors.Show(domain)} is no zone name");
        }

        if (servers.Count == 0 && errors.Count == 0)
            errors.Add($"{file}: notify_servers has no address, and zones come from there; write it");
        var all = json.TryGetProperty("domains_to_manage_from_aws", out var fromAws) && fromAws.ValueKind == JsonValueKind.True;
        if (zones.Count == 0 && !all && errors.Count == 0)
            errors.Add($"{file}: domains_to_manage has no zone; write those that `aws route53 list-hosted-zones` lists and that are meant");
        var wait = Wait(file, json, errors);
        if (errors.Count > 0)
            return null;

        var config = new StringBuilder();
        ImportWriter.Comment(config, "", $"From dnsnotify2route53 {file}, by `oops import`. It decides and shows, and touches nothing: look at `oops sync plan to-aws ZONE` for each zone, and when that is meant, write act.");
        config.Append("mode: observe\nservers:\n");
        config.Append(CultureInfo.InvariantCulture, $"  primary: {{ kind: other, address: {ImportWriter.Quoted(servers[0])}{(zones.Count == 0 ? "" : $", zones: {{ list: [{string.Join(", ", zones.Distinct().Select(ImportWriter.Quoted))}] }}")} }}\n");
        config.Append(CultureInfo.InvariantCulture, $"sources:\n  notify:\n    - server: primary\n      listen: [{ImportWriter.Quoted(port == DnsPort ? address!.ToString() : $"{address}@{port.ToString(CultureInfo.InvariantCulture)}")}]\n");
        config.Append(CultureInfo.InvariantCulture, $"      allow: [ {{ from: [{string.Join(", ", servers.Select(s => ImportWriter.Quoted($"{s}/{(IPAddress.Parse(s).AddressFamily == AddressFamily.InterNetwork ? 32 : 128)}")))}] }} ]\n");
        if (all)
        {
            ImportWriter.Comment(config, "      ", "domains_to_manage_from_aws was true: each zone that is notified is taken, and carried where the account has a public hosted zone of its name (of another it is said that there is none). It is known from its first NOTIFY on, and carried at its next change: name zones here that are to be asked for before, and run `oops sync apply to-aws --zones FILE` once for all of them, since nothing is compared at a start.");
            config.Append(CultureInfo.InvariantCulture, $"      zones: [{string.Join(", ", zones.Distinct().Select(ImportWriter.Quoted).Append("\"*\""))}]\n");
        }

        if (wait is { } seconds)
        {
            ImportWriter.Comment(config, "      ", "zone_refresh_wait_interval: no zone is asked for at its refresh interval more often than this.");
            config.Append(CultureInfo.InvariantCulture, $"      refresh: {{ least: {seconds}s{(seconds > MostRefresh ? $", most: {seconds}s" : "")} }}\n");
        }

        ImportWriter.Comment(config, "", "Credentials are looked for where boto3 looked, but for roles that a profile assumes and programs that it has run: see `oops sample route53`. A daemon of systemd has no ~/.aws: write credentials.");
        config.Append(CultureInfo.InvariantCulture, $"actions:\n  route53: [ {{ name: to-aws, from: [{string.Join(", ", servers.Select(ImportWriter.Quoted))}] }} ]\n");
        ImportWriter.Comment(config, "", "The first of notify_servers was asked for a zone; here the next one is, where one does not answer. The SOA of the hosted zone stays as it is; there its numbers were written. More types are carried: what the hosted zone has of them and the zone has not is deleted, so look at the plan. An empty zone deletes nothing, and more than 30 % deletes or changes wait for `oops sync apply --force`.");
        config.Append(CultureInfo.InvariantCulture, $"rules:\n  - {{ on: zone-updated, {(all ? "zones: [\"*\"], " : "")}do: [ {{ run: to-aws }} ] }}\n");
        if (json.TryGetProperty("tsig_secret", out _))
            ImportWriter.Comment(config, "", "tsig_secret was read by nobody. To have transfers signed write keys and key into route53, and to take signed NOTIFY only, key into allow.");
        foreach (var other in json.EnumerateObject().Where(p => !Known.Contains(p.Name)))
            ImportWriter.Comment(config, "", $"{other.Name} is not known, and was left out.");
        return config.ToString();
    }

    /// <summary>Seconds; null: it is not written.</summary>
    static int? Wait(string file, JsonElement json, List<string> errors)
    {
        if (!json.TryGetProperty("zone_refresh_wait_interval", out var interval))
            return null;
        if (interval.ValueKind == JsonValueKind.Number && interval.TryGetDouble(out var value) && value is > 0 and <= LongestRefresh)
            return (int)Math.Ceiling(value);
        errors.Add($"{file}: zone_refresh_wait_interval is no time in seconds");
        return null;
    }

    static List<string> Texts(JsonElement json, string name) => !json.TryGetProperty(name, out var property) ? []
        : property.ValueKind == JsonValueKind.Array ? [.. property.EnumerateArray().Select(static e => e.ValueKind == JsonValueKind.String ? e.GetString()! : e.GetRawText())]
        : [property.ValueKind == JsonValueKind.String ? property.GetString()! : property.GetRawText()];

    static List<string> Addresses(string file, JsonElement json, string name, List<string> errors)
    {
        List<string> found = [];
        foreach (var text in Texts(json, name))
        {
            if (IPAddress.TryParse(text, out var one))
                found.Add(one.ToString());
            else
                errors.Add($"{file}: {name}: {ConfigErrors.Show(text)} is no address");
        }

        return [.. found.Distinct()];
    }
}
