using System.Globalization;
using System.Text.Json;
using Oops.Lab.Harness;
using Oops.Lab.Zones;
using Oops.Tests.Actions.Route53;
using Xunit;

namespace Oops.Lab.Sync;

/// <summary>Zones of real servers carried to Route 53: to a stand-in of the API that is as strict as its documentation.</summary>
public sealed class Route53LabTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    static string Zone(uint serial, string more) => string.Create(CultureInfo.InvariantCulture, $"""
        $ORIGIN example.net.
        $TTL 300
        @ SOA ns1 host {serial} 3600 600 86400 300
        @ NS ns1
        ns1 A 192.0.2.1
        {more}

        """);

    const string New = """
        @ MX 10 mail
        mail A 192.0.2.3
        mail A 192.0.2.4
        www CNAME mail
        shop A 192.0.2.5
        * TXT "wild \" \\ \200" "two"
        sub NS ns.sub
        sub DS 1 13 2 ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB
        ns.sub A 192.0.2.9
        https HTTPS 1 . alpn=h2
        caa CAA 0 issue "ca.example"
        0/25 PTR a\.b
        loc LOC 1 N 1 E 1m

        """;

    static string Hosts(int count) => string.Concat(Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"h{i} A 192.0.{i / 250}.{i % 250}\nh{i} AAAA 2001:db8::{i:x}\n")));

    [Theory]
    [InlineData("named")]
    [InlineData("knot")]
    public async Task The_hosted_zone_becomes_the_zone_and_keeps_what_is_its_own(string primary)
    {
        LabRequires.Programs(ZoneServer.Programs(primary));
        await using var source = new ZoneServer(primary, "example.net");
        await source.StartAsync(Zone(10, New + Hosts(700)));
        await using var aws = new FakeRoute53 { Settles = TimeSpan.FromMilliseconds(300) };
        var zone = aws.Add("example.net.");
        aws.Add("example.net.", isPrivate: true);
        zone.Put(new FakeSet("shop.example.net.", "A", "", 0, []) { More = "<AliasTarget><HostedZoneId>Z2</HostedZoneId><DNSName>lb.amazonaws.com.</DNSName><EvaluateTargetHealth>false</EvaluateTargetHealth></AliasTarget>" });
        zone.Put("www.example.net.", "A", 300, "192.0.2.77");
        zone.Put("gone.example.net.", "TXT", 60, "\"x\"");
        string config = await WriteAsync(source.Folder, aws.Address);

        string plan = await PlanAsync(config);
        Assert.Contains("- www.example.net. 300 IN A 192.0.2.77\n+ www.example.net. 300 IN CNAME mail.example.net.", plan, StringComparison.Ordinal);
        Assert.Contains("; shop.example.net. A is left as it is: it is an alias for lb.amazonaws.com.", plan, StringComparison.Ordinal);
        Assert.Contains("; loc.example.net. LOC is left as it is: Route 53 has no such type", plan, StringComparison.Ordinal);
        Assert.Contains("example.net serial 10 to Route 53: 1411 to create, 0 to change, 2 to delete, of 2 RRsets; 2 RRsets are left as they are", plan, StringComparison.Ordinal);
        Assert.Empty(aws.Taken);

        // Of a hosted zone with next to nothing in it the brake lets all of it pass.
        var (code, said) = await SyncAsync("apply", config);
        Assert.Equal((0, "; done"), (code, said[^6..]));
        Assert.Equal(2, aws.Taken.Count);
        Assert.Contains("\\052.example.net. 300 TXT \"wild \\\" \\\\ \\310\" \"two\"", zone.Lines);
        Assert.Contains("0\\05725.example.net. 300 PTR a\\056b.example.net.", zone.Lines);
        Assert.Contains("mail.example.net. 300 A 192.0.2.4", zone.Lines);
        Assert.DoesNotContain(zone.Lines, l => l.StartsWith("gone", StringComparison.Ordinal));

        (code, said) = await SyncAsync("plan", config);
        Assert.Equal((0, "nothing to change"), (code, said[(said.LastIndexOf(": ", StringComparison.Ordinal) + 2)..].Split(';')[0]));
        Assert.Equal(2, aws.Taken.Count);
    }

    [Fact]
    public async Task A_person_is_asked_before_much_is_deleted_and_a_wrong_key_changes_nothing()
    {
        LabRequires.Programs(ZoneServer.Programs("knot"));
        await using var source = new ZoneServer("knot", "example.net");
        await source.StartAsync(Zone(10, Hosts(10)));
        await using var aws = new FakeRoute53();
        var zone = aws.Add("example.net.");
        for (int i = 0; i < 40; i++)
            zone.Put(string.Create(CultureInfo.InvariantCulture, $"old{i}.example.net."), "A", 300, "192.0.2.1");
        string config = await WriteAsync(source.Folder, aws.Address);
        await PlanAsync(config);

        var (code, said) = await SyncAsync("apply", config);
        Assert.Equal(4, code);
        Assert.EndsWith("40 of 40 RRsets would be deleted, and without a person no more than 30 % are; if it is meant, write --force", said, StringComparison.Ordinal);
        (code, said) = await SyncAsync("plan", config, "--json");
        using (var json = JsonDocument.Parse(said))
            Assert.Equal((1, 40, "Route 53"), (code, json.RootElement.GetProperty("zones")[0].GetProperty("deletes").GetInt32(), json.RootElement.GetProperty("zones")[0].GetProperty("target").GetString()));

        await File.WriteAllTextAsync(Path.Combine(source.Folder, "credentials"), $"[default]\naws_access_key_id = {FakeRoute53.KeyId}\naws_secret_access_key = hush-hush\n");
        (code, said) = await SyncAsync("apply", config, "--force");
        Assert.Equal((1, $"oops: example.net: Route 53: SignatureDoesNotMatch: the secret key of the profile default of {source.Folder}/credentials is not that of its key ID, or the region us-east-1 is wrong"), (code, said));
        Assert.Equal(40, zone.Lines.Length);
    }

    /// <summary>examples/route53.yaml, at other addresses.</summary>
    [Fact]
    public async Task A_zone_that_changes_is_carried_on_by_the_daemon_when_it_is_told()
    {
        LabRequires.Programs(["knotd", "knotc"]);
        if (Harness.Lab.Repository is not { } repository)
        {
            Assert.Skip("outside the repository: the example is not here");
            return;
        }

        await using var source = new ZoneServer("knot", "example.net") { Policies = "remote:\n  - id: oops\n    address: 127.0.0.1@5353", Knotd = "journal-content: none\n    notify: oops" };
        await source.StartAsync(Zone(10, "a TXT \"one\""));
        await using var aws = new FakeRoute53 { Settles = TimeSpan.FromSeconds(1) };
        var zone = aws.Add("example.net.");
        zone.Put("a.example.net.", "TXT", 300, "\"none\"");
        await WriteAsync(source.Folder, aws.Address);
        string example = (await File.ReadAllTextAsync(Path.Combine(repository, "examples/route53.yaml")))
            .Replace("192.0.2.1", $"127.0.0.1@{ZoneServer.Port}", StringComparison.Ordinal)
            .Replace("[127.0.0.1@5353]", $"[127.0.0.1@5353], port: {ZoneServer.Port}", StringComparison.Ordinal)
            .Replace("/etc/oops/aws-credentials", $"{source.Folder}/credentials, endpoint: \"{aws.Address}\"", StringComparison.Ordinal);
        await using var oops = new OopsDaemon();
        await oops.StartAsync(example);
        await Wait.UntilAsync("the zone is known", async () => (await oops.RunAsync("zones", "--json")).Text.Contains("10", StringComparison.Ordinal), Patience, TimeSpan.FromMilliseconds(100), () => oops.Process.Tail(20));

        await ZoneText.WriteAsync(Path.Combine(source.Folder, "zone"), Zone(11, "a TXT \"two\""));
        await Knotd.KnotcAsync(Path.Combine(source.Folder, "knot.sock"), Side.Node, "zone-reload", "example.net");
        await Wait.UntilAsync("the hosted zone has it", () => Task.FromResult(zone.Lines.Contains("a.example.net. 300 TXT \"two\"")), Patience, TimeSpan.FromMilliseconds(100), () => $"{string.Join('\n', zone.Lines)}\n{oops.Process.Tail(20)}");
        string text = "";
        await Wait.UntilAsync("it is told", async () => (text = (await oops.RunAsync("history")).Text).Contains("example.net serial 11: 1 to create, 1 to change, 0 to delete, of 1 RRsets", StringComparison.Ordinal), Patience, TimeSpan.FromMilliseconds(200), () => text);
        Assert.DoesNotContain(FakeRoute53.Secret, text + oops.Process.Tail(1000), StringComparison.Ordinal);
    }

    /// <summary>moto and the AWS command line are in no distribution: this one test is for where somebody has them.</summary>
    [Fact]
    public async Task The_command_line_of_AWS_sees_what_was_written_to_another_stand_in()
    {
        LabRequires.Programs(ZoneServer.Programs("named"));
        if (Harness.Lab.Find("moto_server") is not { } moto || Harness.Lab.Find("aws") is not { } aws)
        {
            Assert.Skip("moto_server or aws is not installed (pip install moto[server] awscli)");
            return;
        }

        await using var source = new ZoneServer("named", "example.net");
        await source.StartAsync(Zone(10, "mail A 192.0.2.3\nmail A 192.0.2.4\n* TXT \"wild\" \"two\"\nwww CNAME mail\n@ MX 10 mail\n" + Hosts(400)));
        const string Place = "http://127.0.0.1:15000";
        string config = await WriteAsync(source.Folder, new Uri(Place));
        await using var server = LabProcess.Start(Path.Combine(source.Folder, "moto.log"), moto, "-H", "127.0.0.1", "-p", "15000");
        string[] cli = ["env", $"AWS_SHARED_CREDENTIALS_FILE={source.Folder}/credentials", "AWS_DEFAULT_REGION=us-east-1", aws, "--endpoint-url", Place, "--output", "json", "route53"];
        string text = "";
        await Wait.UntilAsync("moto answers", async () => ((_, text) = await OopsDaemon.RunProgramAsync([.. cli, "list-hosted-zones"])).Item1 == 0, Patience, TimeSpan.FromMilliseconds(500), () => text + server.Tail(20));
        (_, text) = await OopsDaemon.RunProgramAsync([.. cli, "create-hosted-zone", "--name", "example.net", "--caller-reference", "1"]);
        string id = JsonDocument.Parse(text).RootElement.GetProperty("HostedZone").GetProperty("Id").GetString()!;

        await PlanAsync(config);
        Assert.Equal(0, (await SyncAsync("apply", config)).Code);
        Assert.Equal(0, (await SyncAsync("plan", config)).Code);
        (_, text) = await OopsDaemon.RunProgramAsync([.. cli, "list-resource-record-sets", "--hosted-zone-id", id]);
        using var json = JsonDocument.Parse(text);
        var sets = json.RootElement.GetProperty("ResourceRecordSets").EnumerateArray().Select(s => $"{s.GetProperty("Name").GetString()} {s.GetProperty("Type").GetString()} {string.Join(',', s.GetProperty("ResourceRecords").EnumerateArray().Select(r => r.GetProperty("Value").GetString()))}").ToList();
        Assert.Equal(807, sets.Count);
        Assert.Contains("mail.example.net. A 192.0.2.3,192.0.2.4", sets);
        Assert.Contains("\\052.example.net. TXT \"wild\" \"two\"", sets);
        Assert.Contains("www.example.net. CNAME mail.example.net.", sets);
    }

    static async Task<string> WriteAsync(string folder, Uri place)
    {
        string credentials = Path.Combine(folder, "credentials");
        await File.WriteAllTextAsync(credentials, $"[default]\naws_access_key_id = {FakeRoute53.KeyId}\naws_secret_access_key = {FakeRoute53.Secret}\n");
        File.SetUnixFileMode(credentials, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        string config = Path.Combine(folder, "oops.yaml");
        await File.WriteAllTextAsync(config, $$"""
            mode: act
            servers: { ns1: { kind: other, address: 127.0.0.1@{{ZoneServer.Port}}, zones: { list: [example.net] } } }
            sources: { probe: [ { server: ns1, to: [127.0.0.1@{{ZoneServer.Port}}], interval: 500ms, timeout: 400ms } ] }
            actions:
              route53: [ { name: to-aws, credentials: {{folder}}/credentials, endpoint: "{{place}}" } ]
            rules:
              - { on: zone-updated, do: [ { run: to-aws } ] }

            """);
        return config;
    }

    static async Task<string> PlanAsync(string config)
    {
        (int code, string text) = (0, "");
        await Wait.UntilAsync("both answer, and differ", async () => ((code, text) = await SyncAsync("plan", config)).Item1 == 1, Patience, TimeSpan.FromMilliseconds(500), () => $"exit {code}: {text}");
        return text;
    }

    static Task<(int Code, string Text)> SyncAsync(string verb, string config, params string[] more) => OopsDaemon.RunProgramAsync([OopsDaemon.Binary!, "sync", verb, "--config", config, "to-aws", "example.net", .. more]);
}
