using System.Net;
using Oops.Core;
using Oops.Dns;
using Oops.Lab.Harness;
using Oops.Sources.Catalog;
using Oops.Sources.Notify;
using Oops.Wire.Dns;
using Oops.Zones;
using Xunit;

namespace Oops.Lab.Catalog;

/// <summary>Catalogs of real primaries: transferred, signed and unsigned, in whole and by differences, and followed by NOTIFY.</summary>
public sealed class CatalogTransferLabTests
{
    static readonly IPEndPoint Server = new(IPAddress.Loopback, CatalogPrimary.Port);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("knot")]
    [InlineData("named")]
    [InlineData("nsd")]
    [InlineData("pdns")]
    public async Task A_catalog_is_transferred_whole_and_by_differences_signed_and_not(string server)
    {
        Require(server);
        await using var primary = await StartAsync(server);
        var transfer = new ZoneTransfer(TimeProvider.System);
        foreach (var key in new[] { null, Key() })
        {
            CatalogZone catalog = null!;
            var asked = new TransferRequest { Server = Server, Zone = Name("cat.test"), Key = key };
            TransferResult? result = null;
            // NSD's servers change to a new version one after the other: the next to answer may have the one before.
            await Wait.UntilAsync("the whole catalog", async () => (result = await transfer.RunAsync(asked, catalog = new CatalogZone(asked.Zone), Stop)).Ok && result.Soa?.Serial == primary.Serial, Patience, TimeSpan.FromMilliseconds(100), () => $"{result}\n{primary.Process.Tail()}");
            Assert.Equal(TransferOutcome.Full, result!.Outcome);
            Assert.True(catalog.TryTake(out _));
            Assert.Equal(primary.Members.Values.Order(StringComparer.Ordinal), catalog.Members(out _)!);
            Assert.Equal(TransferOutcome.UpToDate, (await transfer.RunAsync(asked with { Have = catalog.Serial }, catalog, Stop)).Outcome);

            foreach (int _ in new[] { 1, 2, 3 })
            {
                primary.Members["n" + primary.Serial] = $"added{primary.Serial}.test";
                primary.Members.Remove(primary.Members.Keys.First());
                await primary.PublishAsync();
            }

            var had = catalog.Serial;
            await Wait.UntilAsync("three more versions", async () =>
            {
                result = await transfer.RunAsync(asked with { Have = had }, catalog, Stop);
                return result.Soa?.Serial == primary.Serial;
            }, Patience, TimeSpan.FromMilliseconds(100), () => $"{result}\n{primary.Process.Tail()}");
            Assert.Equal(primary.HasDifferences ? TransferOutcome.Differences : TransferOutcome.Full, result.Outcome);
            Assert.True(catalog.TryTake(out string? why), why);
            Assert.Equal(primary.Members.Values.Order(StringComparer.Ordinal), catalog.Members(out _)!);
        }
    }

    [Theory]
    [InlineData("knot", "TSIG: the server says BADSIG (unsigned): the secrets differ")]
    [InlineData("named", "TSIG: the server says BADSIG (unsigned): the secrets differ")]
    [InlineData("nsd", "TSIG: the server says BADSIG (unsigned): the secrets differ")]
    [InlineData("pdns", "NOTAUTH, not signed: the server may not have the zone or the key, or another secret")]
    public async Task A_wrong_secret_and_a_zone_that_is_not_there_are_told(string server, string why)
    {
        Require(server);
        await using var primary = await StartAsync(server);
        var transfer = new ZoneTransfer(TimeProvider.System);
        var asked = new TransferRequest { Server = Server, Zone = Name("cat.test"), Key = new TsigKey(Name(CatalogPrimary.KeyName), TsigAlgorithm.HmacSha256, "another-secret"u8) };
        TransferResult? result = null;
        await Wait.UntilAsync("an answer", async () => (result = await transfer.RunAsync(asked, new CatalogZone(asked.Zone), Stop)).Outcome != TransferOutcome.Unreachable, Patience, TimeSpan.FromMilliseconds(100), () => primary.Process.Tail());
        Assert.StartsWith(why, result!.Why, StringComparison.Ordinal);
        Assert.Equal(TransferOutcome.Unsigned, result.Outcome);
        result = await transfer.RunAsync(asked with { Key = null, Zone = Name("nobody.test") }, new CatalogZone(asked.Zone), Stop);
        Assert.Equal((TransferOutcome.Refused, "NOTAUTH"), (result.Outcome, result.Why));
    }

    [Theory]
    [InlineData("knot")]
    [InlineData("named")]
    [InlineData("nsd")]
    [InlineData("pdns")]
    public async Task A_change_of_the_catalog_is_listed_after_the_primarys_NOTIFY(string server)
    {
        Require(server);
        await using var primary = await StartAsync(server);
        var engine = new Recorder();
        string keys = Path.Combine(Harness.Lab.FreshDirectory("catalog-keys"), "keys");
        await File.WriteAllTextAsync(keys, $"key:\n  - id: {CatalogPrimary.KeyName}\n    algorithm: hmac-sha256\n    secret: {CatalogPrimary.Secret}\n", Stop);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var source = new CatalogSource(new CatalogTarget
        {
            Server = "ns1",
            Zone = Name("cat.test"),
            From = [new Primary(Server) { Key = Name(CatalogPrimary.KeyName) }],
            Keys = keys,
            Listen = new DnsListenerOptions { Addresses = [new(IPAddress.Loopback, CatalogPrimary.NotifyPort)] },
            Rules = [new NotifyRule([new PeerPrefix(IPNetwork.Parse("127.0.0.1/32"))], null)],
            Retry = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(500)),
            Refresh = new(TimeSpan.FromHours(1), TimeSpan.FromHours(2)),
        });
        var running = source.RunAsync(engine, stop.Token);
        try
        {
            await ListedAsync();
            primary.Members["new"] = "new.test";
            await primary.PublishAsync();
            await ListedAsync();
            Assert.Contains(source.Counted, c => c is { Name: "notified", Value: > 0 });
        }
        finally
        {
            await stop.CancelAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        Task ListedAsync() => Wait.UntilAsync("the members are listed", () => engine.All.OfType<ZonesListed>().LastOrDefault()?.Zones.SequenceEqual(primary.Members.Values.Order(StringComparer.Ordinal)) == true,
            Patience, state: () => $"{string.Join("\n", engine.All)}\n{primary.Process.Tail()}");
    }

    [Fact]
    public async Task A_large_signed_zone_of_NSD_comes_in_hundreds_of_messages_and_one_too_large_is_given_up()
    {
        Require("nsd");
        await using var primary = CatalogPrimary.Of("nsd");
        for (int i = 0; i < 60_000; i++)
            primary.Members[$"m{i:00000}"] = $"member{i}.test";
        await primary.StartAsync();
        var catalog = new CatalogZone(Name("cat.test"));
        var transfer = new ZoneTransfer(TimeProvider.System);
        var asked = new TransferRequest { Server = Server, Zone = Name("cat.test"), Key = Key(), Limits = new() { Idle = TimeSpan.FromSeconds(60) } };
        TransferResult? result = null;
        await Wait.UntilAsync("the whole catalog", async () => (result = await transfer.RunAsync(asked, catalog, Stop)).Ok, Patience, TimeSpan.FromMilliseconds(200), () => $"{result}\n{primary.Process.Tail()}");
        Assert.True(catalog.TryTake(out _));
        Assert.Equal(60_000, catalog.Members(out _)!.Count);
        Assert.Equal(120_004, result!.Records);
        result = await transfer.RunAsync(asked with { Limits = asked.Limits with { Records = 1000 } }, catalog, Stop);
        Assert.Equal((TransferOutcome.TooLarge, "more than 1000 records"), (result.Outcome, result.Why));
        result = await transfer.RunAsync(asked with { Limits = asked.Limits with { Bytes = 100_000 } }, catalog, Stop);
        Assert.Equal((TransferOutcome.TooLarge, "more than 100000 octets"), (result.Outcome, result.Why));
    }

    static void Require(string server) => LabRequires.Programs(server switch
    {
        "knot" => ["knotd", "knotc"],
        "named" => ["named", "rndc"],
        "nsd" => ["nsd", "nsd-control"],
        _ => ["pdns_server", "pdnsutil", "sqlite3"],
    });

    static async Task<CatalogPrimary> StartAsync(string server)
    {
        var primary = CatalogPrimary.Of(server);
        for (int i = 0; i < 10; i++)
            primary.Members[$"m{i}"] = $"member{i}.test";
        await primary.StartAsync();
        return primary;
    }

    static DnsName Name(string text) => DnsName.TryParse(text, out var name) ? name : throw new FormatException(text);

    static TsigKey Key() => new(Name(CatalogPrimary.KeyName), TsigAlgorithm.HmacSha256, Convert.FromBase64String(CatalogPrimary.Secret));
}
