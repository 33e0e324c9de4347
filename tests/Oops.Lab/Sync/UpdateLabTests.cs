using System.Globalization;
using System.Text.Json;
using Oops.Lab.Harness;
using Oops.Lab.Zones;
using Xunit;

namespace Oops.Lab.Sync;

/// <summary>Zones carried to real servers by UPDATE.</summary>
public sealed class UpdateLabTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    static string Zone(uint serial, string more) => string.Create(CultureInfo.InvariantCulture, $"""
        $ORIGIN example.
        $TTL 300
        @ SOA ns1 host {serial} 3600 600 86400 300
        @ NS ns1
        ns1 A 192.0.2.1
        {more}

        """);

    static string Hosts(int count) => string.Concat(Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"h{i} A 192.0.{i / 250}.{i % 250}\nh{i} TXT \"{new string('y', 60)}{i}\"\n")));

    // What is at the target: names in another case, a TTL, an address where an alias will be, name servers of its own.
    const string Old = """
        $ORIGIN example.
        $TTL 300
        @ SOA NS9.Example. Host.Example. 1 3600 600 86400 300
        @ NS ns9
        ns9 A 192.0.2.99
        www A 192.0.2.77
        mail 60 A 192.0.2.3
        Case MX 5 MAIL.Example.
        gone TXT "x"

        """;

    const string New = """
        @ MX 10 mail
        mail A 192.0.2.3
        www CNAME mail
        Case MX 5 mail
        * TXT "wild \" \\ \200"
        sub NS ns.sub
        sub DS 1 13 2 ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB
        ns.sub A 192.0.2.9
        https HTTPS 1 . alpn=h2
        caa CAA 0 issue "ca.example"

        """;

    static string Config(UpdateServer target, string server = "address: 127.0.0.1@5302, zones: { list: [example] }") => $$"""
        mode: act
        servers: { ns1: { kind: nsd, {{server}} } }
        sources: { probe: [ { server: ns1, to: [127.0.0.1@5302], interval: 500ms, timeout: 400ms } ] }
        actions:
          update: [ { name: to-target, keys: {{target.Keys}}, to: { address: 127.0.0.1@{{UpdateServer.Port}}, key: {{UpdateServer.KeyName}} } } ]
        rules:
          - { on: zone-updated, do: [ { run: to-target } ] }
        """;

    [Theory]
    [InlineData("named")]
    [InlineData("knot")]
    [InlineData("knot-signing")]
    [InlineData("pdns")]
    public async Task The_target_becomes_the_zone_and_keeps_what_is_its_own(string kind)
    {
        LabRequires.Programs(["nsd", "kdig", .. UpdateServer.Programs(kind)]);
        await using var source = new ZoneServer("nsd", "example");
        await source.StartAsync(Zone(10, New + Hosts(1200)));
        await using var target = new UpdateServer(kind, "example");
        await target.StartAsync(Old);
        string config = Path.Combine(target.Folder, "oops.yaml");
        await File.WriteAllTextAsync(config, Config(target));

        await BothAnswerAsync(config, target);
        var (_, plan) = await SyncAsync("plan", config);
        Assert.Contains("- www.example. 300 IN A 192.0.2.77\n+ www.example. 300 IN CNAME mail.example.", plan, StringComparison.Ordinal);
        Assert.Contains("; ns9.example. A is left as it is: the target's own NS records need it", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("case.example", plan, StringComparison.Ordinal);
        Assert.Contains("example serial 10 to 127.0.0.1@5502: 2409 to create, 1 to change, 2 to delete, of 5 RRsets; 1 RRset is left as it is", plan, StringComparison.Ordinal);

        // More than one message: 1,200 texts are some 100 kB.
        Assert.Equal((0, ""), await SyncAsync("apply", config) is var (code, said) && code == 0 ? (0, "") : (code, said));
        Assert.Equal((0, "nothing to change"), await SyncAsync("plan", config) is var (again, left) ? (again, left[(left.LastIndexOf(": ", StringComparison.Ordinal) + 2)..].Split(';')[0]) : default);
        var (_, zone) = await OopsDaemon.RunProgramAsync(Harness.Lab.Find("kdig")!, "-p", $"{UpdateServer.Port}", "-k", await target.KnotKeyAsync(), "@127.0.0.1", "example", "AXFR");
        Assert.Contains("ns9.example.", zone, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("\\200", zone, StringComparison.Ordinal);
        Assert.DoesNotContain("gone.example.", zone, StringComparison.Ordinal);
        Assert.Equal(kind == "knot-signing", zone.Contains("RRSIG", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_person_is_asked_before_much_is_deleted_and_who_has_no_key_changes_nothing()
    {
        LabRequires.Programs(["nsd", .. UpdateServer.Programs("named")]);
        await using var source = new ZoneServer("nsd", "example");
        await source.StartAsync(Zone(10, Hosts(10)));
        await using var target = new UpdateServer("named", "example");
        await target.StartAsync(Zone(1, Hosts(40)));
        string config = Path.Combine(target.Folder, "oops.yaml");
        await File.WriteAllTextAsync(config, Config(target));
        await BothAnswerAsync(config, target);

        var (code, said) = await SyncAsync("apply", config);
        Assert.Equal(4, code);
        Assert.EndsWith("60 of 81 RRsets would be deleted, and without a person no more than 30 % are; if it is meant, write --force", said, StringComparison.Ordinal);
        (code, said) = await SyncAsync("plan", config, "--json");
        using (var json = JsonDocument.Parse(said))
            Assert.Equal((1, 60, "differs"), (code, json.RootElement.GetProperty("zones")[0].GetProperty("deletes").GetInt32(), json.RootElement.GetProperty("zones")[0].GetProperty("end").GetString()));
        Assert.Equal(0, (await SyncAsync("apply", config, "--force")).Code);
        string zones = Path.Combine(target.Folder, "zones");
        await File.WriteAllTextAsync(zones, "# all of them\nmissing.example\n");
        (code, said) = await SyncAsync("plan", config, "--zones", zones, "--summary");
        Assert.Equal(2, code);
        Assert.Matches("^ZONE +SERIAL +CREATE +CHANGE +DELETE +OF +LEFT +RESULT\nexample +10 +0 +0 +0 +21 +0 +same\nmissing\\.example +- +- +- +- +- +- +not done: the zone cannot be had: ", said);

        await File.WriteAllTextAsync(config, Config(target).Replace($", key: {UpdateServer.KeyName} }}", " }", StringComparison.Ordinal));
        (code, said) = await SyncAsync("plan", config);
        Assert.Equal((2, "oops: example: the target cannot be read: from 127.0.0.1@5502: REFUSED"), (code, said.Split('\n')[^1]));
    }

    [Fact]
    public async Task A_zone_that_changes_is_carried_on_by_the_daemon()
    {
        LabRequires.Programs(["knotd", "knotc", "kdig", .. UpdateServer.Programs("named")]);
        await using var source = new ZoneServer("knot", "example");
        await source.StartAsync(Zone(10, "a TXT \"one\""));
        await using var target = new UpdateServer("named", "example");
        await target.StartAsync(Zone(1, "a TXT \"none\""));
        await using var oops = new OopsDaemon();
        await oops.StartAsync(Config(target));
        await Wait.UntilAsync("the zone is known", async () => (await oops.RunAsync("zones", "--json")).Text.Contains("10", StringComparison.Ordinal), Patience, TimeSpan.FromMilliseconds(100), () => oops.Process.Tail(20));

        await ZoneText.WriteAsync(Path.Combine(source.Folder, "zone"), Zone(11, "a TXT \"two\""));
        await Knotd.KnotcAsync(Path.Combine(source.Folder, "knot.sock"), Side.Node, "zone-reload", "example");
        string text = "";
        await Wait.UntilAsync("the target has it", async () => (text = (await OopsDaemon.RunProgramAsync(Harness.Lab.Find("kdig")!, "-p", $"{UpdateServer.Port}", "@127.0.0.1", "a.example", "TXT", "+short")).Text) == "\"two\"", Patience, TimeSpan.FromMilliseconds(100), () => $"{text}\n{oops.Process.Tail(20)}\n{target.Process.Tail()}");
        await Wait.UntilAsync("it is told", async () => (text = (await oops.RunAsync("history")).Text).Contains("example serial 11: 0 to create, 1 to change, 0 to delete, of 2 RRsets", StringComparison.Ordinal), Patience, TimeSpan.FromMilliseconds(200), () => text);

        // The target is away, and so are we before it is back: nobody tells of the serial again.
        await target.Process.EndAsync();
        await ZoneText.WriteAsync(Path.Combine(source.Folder, "zone"), Zone(12, "a TXT \"three\""));
        await Knotd.KnotcAsync(Path.Combine(source.Folder, "knot.sock"), Side.Node, "zone-reload", "example");
        await Wait.UntilAsync("it cannot be carried", async () => (text = (await oops.RunAsync("history")).Text).Contains("the target cannot be read", StringComparison.Ordinal), Patience, TimeSpan.FromMilliseconds(200), () => text);
        await oops.Process.EndAsync();
        await oops.LaunchAsync();
        await target.StartAsync(Zone(1, "a TXT \"none\""));
        await Wait.UntilAsync("the target has it after all", async () => (text = (await OopsDaemon.RunProgramAsync(Harness.Lab.Find("kdig")!, "-p", $"{UpdateServer.Port}", "@127.0.0.1", "a.example", "TXT", "+short")).Text) == "\"three\"", Patience, TimeSpan.FromMilliseconds(100), () => $"{text}\n{oops.Process.Tail(20)}\n{target.Process.Tail()}");
    }

    static async Task BothAnswerAsync(string config, UpdateServer target)
    {
        (int code, string text) = (0, "");
        await Wait.UntilAsync("both answer, and differ", async () => ((code, text) = await SyncAsync("plan", config)).Item1 == 1, Patience, TimeSpan.FromMilliseconds(500), () => $"exit {code}: {text}\n{target.Process.Tail()}");
    }

    static Task<(int Code, string Text)> SyncAsync(string verb, string config, params string[] more) => OopsDaemon.RunProgramAsync([OopsDaemon.Binary!, "sync", verb, "--config", config, "to-target", "example", .. more]);
}
