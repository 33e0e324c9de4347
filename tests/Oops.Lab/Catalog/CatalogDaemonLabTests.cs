using System.Text.Json;
using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Catalog;

/// <summary>The daemon, a knotd that takes a catalog, and the primary of both: what is expected, what is missing, what is too much.</summary>
public sealed class CatalogDaemonLabTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Expected_zones_follow_the_catalog_and_outlive_its_primary_and_a_restart()
    {
        LabRequires.Programs("knotd", "knotc");
        LabRequires.Nothing(OopsDaemon.Binary is null ? "oops is not built" : null);
        await using var primary = CatalogPrimary.Of("knot");
        foreach (string zone in CatalogConsumer.Zones.Where(z => z != "spare.test"))
            primary.Members["id-" + zone[..3]] = zone;
        await primary.StartAsync();
        await using var consumer = new CatalogConsumer();
        await consumer.StartAsync();
        await using var oops = new OopsDaemon();
        string keys = Path.Combine(Harness.Lab.FreshDirectory("catalog-keys"), "keys");
        await File.WriteAllTextAsync(keys, $"key:\n  - id: {CatalogPrimary.KeyName}\n    algorithm: hmac-sha256\n    secret: {CatalogPrimary.Secret}\n");
        await oops.StartAsync($$"""
            mode: observe
            limits: { new-zone-grace: 3s }
            servers:
              ns1:
                kind: knot
                address: 127.0.0.1@{{CatalogConsumer.Port}}
                pidfile: {{consumer.PidFile}}
                control: {{consumer.Control}}
                zones: { catalog: { zone: cat.test, from: 127.0.0.1@{{CatalogPrimary.Port}} } }
            sources:
              process: [ { server: ns1 } ]
              knot: [ { server: ns1, bus: none, interval: 1s } ]
              catalog: [ { server: ns1, listen: [127.0.0.1@{{CatalogPrimary.NotifyPort}}], keys: {{keys}}, key: {{CatalogPrimary.KeyName}}, retry: { least: 1s, most: 1s } } ]
            """);
        await ShowsAsync(oops, "12 of 12 ready, the catalog zone itself no stranger", s => s is { Met: 12, Expected: 12, NotServed: [], NotExpected: [] }, primary, consumer);

        // A member more: both are notified, and it is expected, loaded and judged.
        primary.Members["id-new"] = "spare.test";
        await primary.PublishAsync();
        await ShowsAsync(oops, "13 of 13 ready", s => s is { Met: 13, Expected: 13, New: 0 }, primary, consumer);

        // A member that the primary does not have: it is named once its grace is over.
        primary.Members["id-ghost"] = "ghost.test";
        await primary.PublishAsync();
        await ShowsAsync(oops, "ghost.test is expected and not served", s => s is { Met: 13, Expected: 14, NotServed: ["ghost.test"] }, primary, consumer);
        Assert.Contains("ns1: expected, not served: ghost.test", (await oops.RunAsync("status")).Text, StringComparison.Ordinal);

        // It leaves again.
        primary.Members.Remove("id-ghost");
        await primary.PublishAsync();
        await ShowsAsync(oops, "13 of 13 ready again", s => s is { Met: 13, Expected: 13, NotServed: [] }, primary, consumer);

        // A version that nobody may process changes nothing and says why.
        primary.Version = "3";
        primary.Members.Clear();
        await primary.PublishAsync();
        await ShowsAsync(oops, "the catalog is broken", s => s.Why?.Contains("its version is 3, and 2 is what there is", StringComparison.Ordinal) == true && s is { Expected: 13 }, primary, consumer);
        primary.Version = "2";
        foreach (string zone in CatalogConsumer.Zones)
            primary.Members[zone == "spare.test" ? "id-new" : "id-" + zone[..3]] = zone;
        await primary.PublishAsync();
        await ShowsAsync(oops, "the catalog is mended", s => s is { Why: null, Met: 13, Expected: 13, NotServed: [], NotExpected: [] }, primary, consumer);

        // Without its primary the last set stands, also over a restart of ours.
        await primary.Process.EndAsync();
        await oops.Process.EndAsync();
        await oops.LaunchAsync();
        await ShowsAsync(oops, "the set of before", s => s.Why?.Contains("connection refused", StringComparison.Ordinal) == true && s is { Met: 13, Expected: 13, NotExpected: [] }, primary, consumer);

        // It comes back with another set, and its NOTIFY, or the next try, finds it.
        await primary.LaunchAsync();
        await ShowsAsync(oops, "the primary is back", s => s is { Why: null, Met: 13, Expected: 13 }, primary, consumer);
    }

    sealed record Shown(int Expected, int Met, int New, string[] NotServed, string[] NotExpected, string? Why);

    static async Task ShowsAsync(OopsDaemon oops, string what, Func<Shown, bool> so, CatalogPrimary primary, CatalogConsumer consumer)
    {
        string text = "";
        await Wait.UntilAsync(what, async () =>
        {
            (int code, text) = await oops.RunAsync("status", "--json");
            return code == 0 && so(Read(text));
        }, Patience, TimeSpan.FromMilliseconds(100), () => $"{text}\nprimary: {primary.Process.Tail()}\nconsumer: {consumer.Process.Tail(30)}");
    }

    static Shown Read(string text)
    {
        using var json = JsonDocument.Parse(text);
        var server = json.RootElement.GetProperty("servers")[0];
        var channel = json.RootElement.GetProperty("channels").EnumerateArray().First(c => c.GetProperty("name").GetString() == "catalog/ns1");
        return new(server.GetProperty("zones_expected").GetInt32(), server.TryGetProperty("ready", out var ready) && ready.ValueKind == JsonValueKind.Object ? ready.GetProperty("met").GetInt32() : 0,
            server.GetProperty("zones_new").GetInt32(), Names(server, "not_served"), Names(server, "not_expected"),
            channel.GetProperty("open").GetBoolean() ? null : channel.TryGetProperty("why", out var why) ? why.GetString() ?? "" : "");
    }

    static string[] Names(JsonElement server, string key) =>
        server.TryGetProperty(key, out var named) && named.ValueKind == JsonValueKind.Object ? [.. named.GetProperty("some").EnumerateArray().Select(z => z.GetString()!)] : [];
}
