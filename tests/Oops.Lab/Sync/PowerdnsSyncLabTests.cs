using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Oops.Lab.Harness;
using Oops.Lab.Zones;
using Xunit;

namespace Oops.Lab.Sync;

/// <summary>Zones carried to a real PowerDNS by its API.</summary>
public sealed partial class PowerdnsSyncLabTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    const string Old = """
        $ORIGIN example.
        $TTL 300
        @ SOA ns9 host 1 3600 600 86400 300
        @ NS ns9
        ns9 A 192.0.2.99
        www A 192.0.2.77
        mail 60 A 192.0.2.3
        case MX 5 mail
        gone TXT "x"
        both A 192.0.2.8
        both A 192.0.2.9

        """;

    // Names that the API takes, and data that PowerDNS writes otherwise than a master file has them.
    const string Odd = """
        mail A 192.0.2.3
        www CNAME mail
        case MX 5 mail
        both A 192.0.2.8
        both A 192.0.2.10
        * TXT "wild \" \\ \200; (no comment) "
        \042.sub TXT "another wildcard"
        0/25 PTR a\034b\;c\(d\)e\@f\$g\032h\.i.other.
        _a._tcp SRV 1 2 3 mail
        \052 TXT "the name is a digit"
        long TXT "LONG" "" "more"
        sub NS ns.sub
        sub DS 1 13 2 ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB
        ns.sub A 192.0.2.9
        six AAAA ::ffff:192.0.2.1
        six AAAA 2001:db8::1
        six AAAA ::1
        https HTTPS 1 . alpn=h2,h3 port=8443 ipv4hint=192.0.2.1,192.0.2.2 ech=AAAA ipv6hint=2001:db8::1
        svcb SVCB 1 svc.example. mandatory=alpn alpn=h2 key65333=a\001\034b
        alias HTTPS 0 svc.example.
        caa CAA 0 issue "ca.example; a=\"b\""
        naptr NAPTR 100 50 "s" "SIP+D2U" "!^.*$!sip:\\1@a!" _sip._udp.example.
        loc LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
        cert CERT PKIX 1 RSASHA256 AAAA
        key IPSECKEY 1 1 2 192.0.2.1 AAAA
        x25 TYPE19 \# 13 0C333131303631373030393536
        any TYPE65280 \# 2 ABCD
        none TYPE65281 \# 0
        rp RP a\.b.example. mail
        uri URI 1 1 "https://a/;b"
        tlsa TLSA 3 1 1 ABCD

        """;

    static string Every => string.Join(' ', Enumerable.Range(0, 2).Select(static half => $"\"{string.Concat(Enumerable.Range(half * 128, 128).Select(static b => string.Create(CultureInfo.InvariantCulture, $"\\{b:000}")))}\""));

    static string Hosts(int count) => string.Concat(Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"h{i} A 192.0.{i / 250}.{i % 250}\nh{i} TXT \"{new string('y', 60)}{i}\"\n")));

    static string Zone(uint serial, string more) => string.Create(CultureInfo.InvariantCulture, $"$ORIGIN example.\n$TTL 300\n@ SOA ns1 host {serial} 3600 600 86400 300\n@ NS ns1\nns1 A 192.0.2.1\n{more}\n");

    static string Config(UpdateServer target) => $$"""
        mode: act
        servers: { ns1: { kind: knot, address: 127.0.0.1@5302, zones: { list: [example] } } }
        sources: { probe: [ { server: ns1, to: [127.0.0.1@5302], interval: 500ms, timeout: 400ms } ] }
        actions:
          powerdns: [ { name: to-pdns, api: 127.0.0.1@{{UpdateServer.ApiPort}}, key-file: {{target.ApiKeyFile}}, notify: true, brake: { updates: 90%, deletes: 90% } } ]
        rules:
          - { on: zone-updated, do: [ { run: to-pdns } ] }
        """;

    [Theory]
    [InlineData("INCREASE")]
    [InlineData("DEFAULT")]
    [InlineData("EPOCH")]
    public async Task The_target_becomes_the_zone_byte_for_byte_and_a_second_time_there_is_nothing_to_do(string edit)
    {
        LabRequires.Programs(["knotd", "kdig", .. UpdateServer.Programs("pdns")]);
        await using var source = new ZoneServer("knot", "example");
        await source.StartAsync(Zone(10, Odd.Replace("LONG", new string('z', 255), StringComparison.Ordinal) + $"every TXT {Every}\n" + Hosts(1200)));
        await using var target = new UpdateServer("pdns", "example");
        await target.StartAsync(Old);
        await target.UtilAsync("set-meta", "example", "SOA-EDIT-API", edit);
        await target.UtilAsync("set-kind", "example", "primary");
        string config = Path.Combine(target.Folder, "oops.yaml");
        await File.WriteAllTextAsync(config, Config(target));
        await BothAnswerAsync(config, target);

        var (code, said) = await SyncAsync("apply", config);
        Assert.True(code == 0, said[Math.Max(0, said.Length - 2000)..]);
        (code, said) = await SyncAsync("plan", config);
        Assert.Equal((0, "nothing to change"), (code, said[(said.LastIndexOf(": ", StringComparison.Ordinal) + 2)..].Split(';')[0]));

        var wanted = await TransferAsync(5302);
        var there = await TransferAsync(UpdateServer.Port, "-k", await target.KnotKeyAsync());
        Assert.Equal(["ns9.example. A 192.0.2.99"], there.Except(wanted).Select(static l => Regex.Replace(l, @" \d+ IN ", " ")));
        Assert.Equal([], wanted.Except(there));
        Assert.True(there.Count > 2400);
    }

    [Fact]
    public async Task What_is_the_targets_own_stays_and_what_it_does_not_take_is_named()
    {
        LabRequires.Programs(["knotd", "kdig", .. UpdateServer.Programs("pdns")]);
        await using var source = new ZoneServer("knot", "example");
        await source.StartAsync(Zone(10, "a A 192.0.2.1\noff A 192.0.2.1\nalias A 192.0.2.1\nlua A 192.0.2.1\nnoted A 192.0.2.2\nb\\032c A 192.0.2.1\nkey IPSECKEY 1 0 2 . AAAA\nz A 192.0.2.1\n"));
        await using var target = new UpdateServer("pdns", "example");
        await target.StartAsync(Zone(1, "ent.below.gone A 192.0.2.1\n"));
        await target.UtilAsync("set-meta", "example", "SOA-EDIT-API", "INCREASE");
        string config = Path.Combine(target.Folder, "oops.yaml");
        await File.WriteAllTextAsync(config, Config(target));
        await BothAnswerAsync(config, target);
        await PatchAsync("off", "A", "[{\"content\":\"192.0.2.7\",\"disabled\":true},{\"content\":\"192.0.2.8\",\"disabled\":false}]");
        await PatchAsync("alias", "ALIAS", "[{\"content\":\"a.other.\",\"disabled\":false}]");
        await PatchAsync("lua", "LUA", "[{\"content\":\"A \\\"ifportup(443, {'192.0.2.1'})\\\"\",\"disabled\":false}]");
        await PatchAsync("noted", "A", "[{\"content\":\"192.0.2.1\",\"disabled\":false}]", ",\"comments\":[{\"content\":\"ask Ann\",\"account\":\"x\",\"modified_at\":1}]");

        var (code, said) = await SyncAsync("plan", config);
        Assert.Equal(1, code);
        Assert.Contains("; off.example. A is left as it is: records of it are switched off there", said, StringComparison.Ordinal);
        Assert.Contains("; alias.example. A is left as it is: an ALIAS is there, which makes them", said, StringComparison.Ordinal);
        Assert.Contains("; lua.example. A is left as it is: a LUA record is there, which makes them", said, StringComparison.Ordinal);
        Assert.Contains(@"; b\032c.example. A is left as it is: the API of PowerDNS takes no such name", said, StringComparison.Ordinal);
        (code, said) = await SyncAsync("apply", config);
        Assert.Equal(1, code);
        Assert.Contains("did not take 1 RRsets of", said, StringComparison.Ordinal);
        Assert.Contains("Record key.example./IPSECKEY '1 0 2 . AAAA'", said, StringComparison.Ordinal);

        var there = await GetAsync();
        Assert.Equal(["192.0.2.7", "192.0.2.8"], there["off.example. A"].Order(StringComparer.Ordinal));
        Assert.Equal(["a.other."], there["alias.example. ALIAS"]);
        Assert.Equal(["192.0.2.2", "; ask Ann"], there["noted.example. A"]);
        Assert.Equal(["192.0.2.1"], there["z.example. A"]);
        Assert.False(there.ContainsKey("alias.example. A") || there.ContainsKey("ent.below.gone.example. A") || there.ContainsKey("key.example. IPSECKEY"));
    }

    [Fact]
    public async Task A_zone_that_changes_is_carried_on_by_the_daemon_and_a_primary_whose_serial_would_stay_is_refused()
    {
        LabRequires.Programs(["knotd", "knotc", "kdig", .. UpdateServer.Programs("pdns")]);
        await using var source = new ZoneServer("knot", "example");
        await source.StartAsync(Zone(10, "a TXT \"one\""));
        await using var target = new UpdateServer("pdns", "example");
        await target.StartAsync(Zone(1, "a TXT \"none\""));
        await target.UtilAsync("set-kind", "example", "primary");
        string config = Path.Combine(target.Folder, "oops.yaml");
        await File.WriteAllTextAsync(config, Config(target));
        await BothAnswerAsync(config, target);
        Assert.Contains("`pdnsutil set-meta example SOA-EDIT-API DEFAULT`", (await SyncAsync("apply", config)).Text, StringComparison.Ordinal);
        await target.UtilAsync("set-meta", "example", "SOA-EDIT-API", "DEFAULT");

        await using var oops = new OopsDaemon();
        await oops.StartAsync(Config(target));
        await Wait.UntilAsync("the zone is known", async () => (await oops.RunAsync("zones", "--json")).Text.Contains("10", StringComparison.Ordinal), Patience, TimeSpan.FromMilliseconds(100), () => oops.Process.Tail(20));
        await ZoneText.WriteAsync(Path.Combine(source.Folder, "zone"), Zone(11, "a TXT \"two\""));
        await Knotd.KnotcAsync(Path.Combine(source.Folder, "knot.sock"), Side.Node, "zone-reload", "example");
        string text = "";
        await Wait.UntilAsync("the target has it", async () => (text = (await OopsDaemon.RunProgramAsync(Harness.Lab.Find("kdig")!, "-p", $"{UpdateServer.Port}", "@127.0.0.1", "a.example", "TXT", "+short")).Text) == "\"two\"", Patience, TimeSpan.FromMilliseconds(100), () => $"{text}\n{oops.Process.Tail(20)}\n{target.Process.Tail()}");
        await Wait.UntilAsync("it is told", async () => (text = (await oops.RunAsync("history")).Text).Contains("example serial 11: 0 to create, 1 to change, 0 to delete, of 2 RRsets", StringComparison.Ordinal), Patience, TimeSpan.FromMilliseconds(200), () => text);
    }

    static async Task BothAnswerAsync(string config, UpdateServer target)
    {
        (int code, string text) = (0, "");
        await Wait.UntilAsync("both answer, and differ", async () => ((code, text) = await SyncAsync("plan", config)).Item1 == 1, Patience, TimeSpan.FromMilliseconds(500), () => $"exit {code}: {text}\n{target.Process.Tail()}");
    }

    static Task<(int Code, string Text)> SyncAsync(string verb, string config) => OopsDaemon.RunProgramAsync(OopsDaemon.Binary!, "sync", verb, "--config", config, "to-pdns", "example");

    /// <summary>All but SOA, the NS of the zone, and what a program says beside.</summary>
    static async Task<List<string>> TransferAsync(int port, params string[] more)
    {
        var (_, text) = await OopsDaemon.RunProgramAsync([Harness.Lab.Find("kdig")!, "-p", port.ToString(CultureInfo.InvariantCulture), .. more, "@127.0.0.1", "example", "AXFR"]);
        return [.. text.Split('\n').Where(static l => l.Length > 0 && !l.StartsWith(';')).Select(static l => Blanks().Replace(l.Trim(), " ")).Where(static l => !ApexOwn().IsMatch(l)).Order(StringComparer.Ordinal)];
    }

    static HttpClient Client()
    {
        var client = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        client.DefaultRequestHeaders.Add("X-API-Key", ApiKey.Text);
        return client;
    }

    static Uri Api => new($"http://127.0.0.1:{UpdateServer.ApiPort}/api/v1/servers/localhost/zones/example.");

    static async Task PatchAsync(string name, string type, string records, string more = "")
    {
        using var client = Client();
        using var text = new StringContent($"{{\"rrsets\":[{{\"name\":\"{name}.example.\",\"type\":\"{type}\",\"ttl\":300,\"changetype\":\"REPLACE\",\"records\":{records}{more}}}]}}", Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var answer = await client.PatchAsync(Api, text);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Contents and comments by name and type.</summary>
    static async Task<Dictionary<string, string[]>> GetAsync()
    {
        using var client = Client();
        using var json = JsonDocument.Parse(await client.GetStringAsync(Api));
        return json.RootElement.GetProperty("rrsets").EnumerateArray().ToDictionary(
            static s => $"{s.GetProperty("name")} {s.GetProperty("type")}",
            static s => (string[])[.. s.GetProperty("records").EnumerateArray().Select(static r => r.GetProperty("content").GetString()!), .. s.GetProperty("comments").EnumerateArray().Select(static c => "; " + c.GetProperty("content").GetString())]);
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"^example\. \d+ (IN )?(SOA|NS|TSIG)|TSIG")]
    private static partial Regex ApexOwn();
}
