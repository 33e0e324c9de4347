using System.Globalization;
using System.Text.Json;
using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Zones;

/// <summary>The source `verify` of a daemon as operators run it, beside real servers: what a zone is worth is known at each change, and when its signatures end.</summary>
public sealed class VerifySourceLabTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60), Step = TimeSpan.FromMilliseconds(200);

    static readonly Signing Nsec3 = new("P-256 NSEC3 ZONEMD", "ECDSAP256SHA256", "-n", "-z", "simple:sha384");

    [Theory]
    [InlineData("nsd")]
    [InlineData("knot")]
    [InlineData("named")]
    public async Task A_bad_version_is_invalid_until_a_good_one_is_served(string server)
    {
        LabRequires.Programs([.. ZoneServer.Programs(server), "ldns-keygen", "ldns-signzone"]);
        await using var primary = new ZoneServer(server, SignedFile.Zone);
        await primary.StartAsync(Text(await SignedFile.MakeAsync(Nsec3)));
        await using var oops = new OopsDaemon();
        await oops.StartAsync(Config(server, "require: [dnssec, zonemd], brake: {percent: 10, least: 5}, canaries: [mail.example]"));
        await BecomesAsync(oops, "not-met", "serial 7", primary);

        var bad = (await SignedFile.MakeAsync(Nsec3, 8)).ToList();
        Mutation.All.Single(m => m.Name == "signature-touched-AAAA").Apply(bad);
        await ServeAsync(primary, bad);
        await BecomesAsync(oops, "met", "serial 8: signature-bogus at mail.example AAAA (by key ", primary);
        var (code, text) = await oops.RunAsync("verify", SignedFile.Zone, "--daemon");
        Assert.Equal(1, code);
        Assert.StartsWith("example serial 8: FAIL", text, StringComparison.Ordinal);

        await ServeAsync(primary, await SignedFile.MakeAsync(Nsec3, 9));
        await BecomesAsync(oops, "not-met", "serial 9", primary);
        Assert.Contains("serial 9: pass", (await oops.RunAsync("verify", SignedFile.Zone, "--daemon")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_zone_that_lost_most_of_its_names_waits_for_a_person()
    {
        LabRequires.Programs("nsd");
        await using var primary = new ZoneServer("nsd", SignedFile.Zone);
        await primary.StartAsync(Unsigned(1, 50));
        await using var oops = new OopsDaemon();
        await oops.StartAsync(Config("nsd", "brake: {percent: 10, least: 5}"));
        await BecomesAsync(oops, "not-met", "serial 1", primary);

        await ServeAsync(primary, [Unsigned(2, 20)]);
        await BecomesAsync(oops, "met", "serial 2: size-records", primary);
        // What passed last is remembered over a restart of ours.
        await oops.Process.EndAsync();
        await oops.LaunchAsync();
        await BecomesAsync(oops, "met", "serial 2: size-records", primary);
        var (asked, which) = await oops.RunAsync("verify", SignedFile.Zone, "--accept");
        Assert.Equal(2, asked);
        Assert.Contains("; if its size is right, write --serial 2", which, StringComparison.Ordinal);
        Assert.Equal(4, (await oops.RunAsync("verify", SignedFile.Zone, "--accept", "--serial", "1")).Code);
        var (code, text) = await oops.RunAsync("verify", SignedFile.Zone, "--accept", "--serial", "2");
        Assert.Equal((0, "example at ns1: the size of serial 2 is what the next version is compared with"), (code, text));
        await BecomesAsync(oops, "not-met", "serial 2", primary);
    }

    [Fact]
    public async Task Signatures_of_40_seconds_end_while_the_signer_stands_still()
    {
        LabRequires.Programs("knotd", "knotc");
        await using var primary = new ZoneServer("knot", SignedFile.Zone) { Knotd = "dnssec-signing: on\n    dnssec-policy: short\n    journal-content: changes", Policies = "policy:\n  - id: short\n    algorithm: ecdsap256sha256\n    rrsig-lifetime: 40\n    rrsig-refresh: 20\n    rrsig-pre-refresh: 5\n    propagation-delay: 1\n" };
        await primary.StartAsync(Unsigned(1, 20));
        await using var oops = new OopsDaemon();
        await oops.StartAsync(Config("knot", "require: [dnssec]"));
        await BecomesAsync(oops, "not-met", "serial ", primary);
        await BecomesAsync(oops, "not-met", "", primary, "soon");

        await OopsDaemon.DoProgramAsync(Harness.Lab.Find("knotc")!, "-s", Path.Combine(primary.Folder, "knot.sock"), "zone-freeze", SignedFile.Zone);
        await BecomesAsync(oops, "met", "", primary, "soon");
        await BecomesAsync(oops, "met", "signature-expired", primary);
        await BecomesAsync(oops, "met", "", primary, "ended");

        await OopsDaemon.DoProgramAsync(Harness.Lab.Find("knotc")!, "-s", Path.Combine(primary.Folder, "knot.sock"), "zone-thaw", SignedFile.Zone);
        await BecomesAsync(oops, "not-met", "serial ", primary);
        await BecomesAsync(oops, "not-met", "", primary, "ended");
    }

    static string Config(string server, string verify) => $$"""
        mode: observe
        limits: { wall-clock: trusted }
        servers:
          ns1: { kind: {{(server == "named" ? "bind" : server)}}, address: 127.0.0.1@{{ZoneServer.Port}}, zones: { list: [{{SignedFile.Zone}}] } }
        conditions:
          soon: { kind: signatures-expiring, before: 12s }
          ended: { kind: signatures-expiring, before: 0s }
        sources:
          probe: [ { server: ns1, to: [127.0.0.1@{{ZoneServer.Port}}] } ]
          verify: [ { server: ns1, interval: 10s, {{verify}} } ]
        """;

    static string Text(IEnumerable<string> lines) => string.Join('\n', lines) + "\n";

    static string Unsigned(uint serial, int names) => string.Create(CultureInfo.InvariantCulture, $"$ORIGIN example.\n$TTL 5\n@ SOA ns host {serial} 7200 3600 1209600 5\n@ NS ns\nns A 192.0.2.1\n")
        + string.Concat(Enumerable.Range(0, names).Select(i => string.Create(CultureInfo.InvariantCulture, $"h{i} A 192.0.2.{i}\n")));

    static async Task ServeAsync(ZoneServer primary, IEnumerable<string> lines)
    {
        await primary.Process.EndAsync();
        await primary.StartAsync(Text(lines));
    }

    static async Task BecomesAsync(OopsDaemon oops, string state, string says, ZoneServer primary, string condition = "zone-invalid")
    {
        var (last, text) = ("", "");
        await Wait.UntilAsync($"{condition} is {state}: {says}", async () =>
        {
            (_, text) = await oops.RunAsync("explain", $"condition/{condition}/ns1/{SignedFile.Zone}", "--json");
            if (!text.StartsWith('{'))
                return false;
            using var answer = JsonDocument.Parse(text);
            last = answer.RootElement.GetProperty("condition").GetProperty("state").GetString() ?? "";
            return last == state && text.Contains(says, StringComparison.Ordinal);
        }, Patience, Step, () => $"{text}\n{oops.Process.Tail(20)}\n{primary.Process.Tail(20)}");
    }
}
