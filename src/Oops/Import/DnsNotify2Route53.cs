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

        return null;
    }

    static string? Write(string file, JsonElement json, List<string> errors)
    {
        var servers = Addresses("notify_servers");
        var listen = Texts("listen_ip") is [var word] ? word : "0.0.0.0";
        if (!IPAddress.TryParse(listen, out var address))
            errors.Add($"{file}: listen_ip is no address: {ConfigErrors.Show(listen)}");
        var port = json.TryGetProperty("listen_port", out var number) ? number.ValueKind == JsonValueKind.Number && number.TryGetUInt16(out var value) ? value : 0 : DnsPort;
        if (port == 0)
            errors.Add($"{file}: listen_port is no port");
        List<string> zones = [];
        foreach (var domain in Texts("domains_to_manage"))
        {
            if (!domain.Contains('*', StringComparison.Ordinal) && DnsName.TryParse(domain, out var zone))
                zones.Add(zone.ToString());
            else
                errors.Add($"{file}: domains_to_manage: {ConfigErrors.Show(domain)} is no zone name");
        }

        if (servers.Count == 0 && errors.Count == 0)
            errors.Add($"{file}: notify_servers has no address, and zones come from there; write it");
        if (zones.Count == 0 && errors.Count == 0)
            errors.Add($"{file}: domains_to_manage has no zone; write those that `aws route53 list-hosted-zones` lists and that are meant");
        if (errors.Count > 0)
            return null;

        var config = new StringBuilder();
        ImportWriter.Comment(config, "", $"From dnsnotify2route53 {file}, by `oops import`. It decides and shows, and touches nothing: look at `oops sync plan to-aws ZONE` for each zone, and when that is meant, write act.");
        config.Append("mode: observe\nservers:\n");
        config.Append(CultureInfo.InvariantCulture, $"  primary: {{ kind: other, address: {Quoted(servers[0])}, zones: {{ list: [{string.Join(", ", zones.Distinct().Select(Quoted))}] }} }}\n");
        config.Append(CultureInfo.InvariantCulture, $"sources:\n  notify:\n    - server: primary\n      listen: [{Quoted(port == DnsPort ? listen : $"{listen}@{port.ToString(CultureInfo.InvariantCulture)}")}]\n");
        config.Append(CultureInfo.InvariantCulture, $"      allow: [ {{ from: [{string.Join(", ", servers.Select(s => Quoted($"{s}/{(IPAddress.Parse(s).AddressFamily == AddressFamily.InterNetwork ? 32 : 128)}")))}] }} ]\n");
        ImportWriter.Comment(config, "", "Credentials are looked for where boto3 looked, but for roles that a profile assumes and programs that it has run: see `oops sample route53`. A daemon of systemd has no ~/.aws: write credentials.");
        config.Append(CultureInfo.InvariantCulture, $"actions:\n  route53: [ {{ name: to-aws, from: [{string.Join(", ", servers.Select(Quoted))}] }} ]\n");
        ImportWriter.Comment(config, "", "The first of notify_servers was asked for a zone; here the next one is, where one does not answer. The SOA of the hosted zone stays as it is; there its numbers were written. More types are carried: what the hosted zone has of them and the zone has not is deleted, so look at the plan. An empty zone deletes nothing, and more than 30 % deletes or changes wait for `oops sync apply --force`.");
        config.Append("rules:\n  - { on: zone-updated, do: [ { run: to-aws } ] }\n");
        if (json.TryGetProperty("domains_to_manage_from_aws", out var all) && all.ValueKind == JsonValueKind.True)
            ImportWriter.Comment(config, "", "domains_to_manage_from_aws was true: all hosted zones of the account were carried. Here zones are named; add those that `aws route53 list-hosted-zones` lists and that are meant.");
        if (json.TryGetProperty("zone_refresh_wait_interval", out _))
            ImportWriter.Comment(config, "", "zone_refresh_wait_interval has no place here: each zone is asked for at its own refresh interval.");
        if (json.TryGetProperty("tsig_secret", out _))
            ImportWriter.Comment(config, "", "tsig_secret was read by nobody. To have transfers signed write keys and key into route53, and to take signed NOTIFY only, key into allow.");
        foreach (var other in json.EnumerateObject().Where(p => !Known.Contains(p.Name)))
            ImportWriter.Comment(config, "", $"{other.Name} is not known, and was left out.");
        return config.ToString();

        List<string> Texts(string name) => !json.TryGetProperty(name, out var property) ? []
            : property.ValueKind == JsonValueKind.Array ? [.. property.EnumerateArray().Select(static e => e.ValueKind == JsonValueKind.String ? e.GetString()! : e.GetRawText())]
            : [property.ValueKind == JsonValueKind.String ? property.GetString()! : property.GetRawText()];

        List<string> Addresses(string name)
        {
            List<string> found = [];
            foreach (var text in Texts(name))
            {
                if (IPAddress.TryParse(text, out var one))
                    found.Add(one.ToString());
                else
                    errors.Add($"{file}: {name}: {ConfigErrors.Show(text)} is no address");
            }

            return [.. found.Distinct()];
        }
    }

    static string Quoted(string word) => $"\"{word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
