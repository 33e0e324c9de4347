using System.Net;
using System.Net.Sockets;
using System.Text;
using Oops.Core;
using Oops.Dns;
using Oops.Engine;
using Oops.Sources.Catalog;
using Oops.Sources.Notify;
using Oops.Tests.Wire.Dns;
using Oops.Tests.Zones;
using Oops.Wire.Dns;
using Oops.Zones;
using Xunit;

namespace Oops.Tests.Sources.Catalog;

public sealed class CatalogSourceTests : IAsyncDisposable
{
    const string Channel = "catalog/ns1";

    readonly FakePrimary primary = new();
    readonly RecordingEngine engine = new();
    readonly CancellationTokenSource stop = new();
    CatalogSource source = null!;
    Task running = Task.CompletedTask;
    uint serial = 5;
    string[] members = ["a.example", "b.example"];
    string? version = "2";

    public CatalogSourceTests() => primary.Serve = (query, wire) => wire.SendAsync(Whole(query));

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await primary.DisposeAsync();
        stop.Dispose();
    }

    [Fact]
    public void The_members_are_listed_at_once_and_as_one_list()
    {
        Start();
        engine.Next<ChannelOpened>(c => c.Channel == Channel);
        var listed = engine.Next<ZonesListed>();
        Assert.Equal(["a.example", "b.example"], listed.Zones);
        Assert.True(listed is { First: true, Last: true });
        Assert.Equal(Channel, engine.Next<ChannelRead>().Channel);
        Assert.Contains(source.Counted, c => c is { Name: "members", Value: 2 });
    }

    [Fact]
    public void A_refresh_that_finds_nothing_new_renews_the_list_and_does_not_repeat_it()
    {
        Start(Target with { Refresh = Soon });
        engine.Next<ChannelRead>();
        engine.Next<ChannelRead>();
        engine.Next<ChannelRead>();
        Assert.Single(engine.All, a => a.Input is ZonesListed);
        Assert.Single(engine.All, a => a.Input is ChannelOpened);
        Assert.Equal(DnsType.Axfr, primary.Asked.First());
        Assert.All(primary.Asked.Skip(1), t => Assert.Equal(DnsType.Ixfr, t));
    }

    [Fact]
    public async Task A_NOTIFY_is_followed_at_once()
    {
        Start(Target with { Listen = new() { Addresses = [new(IPAddress.Loopback, 0)] } });
        engine.Next<ChannelRead>();
        await ListeningAsync();
        (serial, members) = (6, ["a.example", "c.example"]);
        Assert.Equal(DnsRcode.NoError, await NotifyAsync("cat.test", 6));
        Assert.Equal(["a.example", "c.example"], engine.Next<ZonesListed>().Zones);
    }

    [Fact]
    public async Task A_NOTIFY_of_what_is_known_of_another_zone_or_from_elsewhere_asks_nobody()
    {
        Start(Target with { Listen = new() { Addresses = [new(IPAddress.Loopback, 0)] } });
        engine.Next<ChannelRead>();
        await ListeningAsync();
        var asked = primary.Asked.Count;
        Assert.Equal(DnsRcode.NoError, await NotifyAsync("cat.test", 5));
        Assert.Equal(DnsRcode.Refused, await NotifyAsync("dog.test", 6));
        Assert.Equal(DnsRcode.Refused, await NotifyAsync("a.zones.cat.test", null));
        engine.None<ChannelRead>(100);
        Assert.Equal(asked, primary.Asked.Count);
    }

    [Fact]
    public async Task A_NOTIFY_from_an_address_that_may_not_is_refused()
    {
        Start(Target with { Listen = new() { Addresses = [new(IPAddress.Loopback, 0)] }, Rules = [new NotifyRule([new PeerPrefix(IPNetwork.Parse("192.0.2.0/24"))], null)] });
        engine.Next<ChannelRead>();
        await ListeningAsync();
        Assert.Equal(DnsRcode.Refused, await NotifyAsync("cat.test", 6));
        Assert.Contains(source.Counted, c => c is { Name: "refused", Value: 1 });
    }

    [Fact]
    public void A_broken_catalog_lists_nothing_and_says_why_once()
    {
        version = null;
        Start(Target with { Refresh = Soon });
        Assert.Equal($"catalog cat.test from {Place}: the catalog zone is broken in serial 5: it has no version", engine.Next<ChannelLost>().Why);
        while (primary.Asked.Count < 4)
            Thread.Yield();
        Assert.Single(engine.All, a => a.Input is ChannelLost);
        Assert.DoesNotContain(engine.All, a => a.Input is ZonesListed);
        (serial, version) = (6, "2");
        engine.Next<ChannelOpened>();
        Assert.Equal(2, engine.Next<ZonesListed>().Zones.Count);
    }

    [Fact]
    public void A_catalog_that_breaks_leaves_the_last_set_and_mended_it_is_listed_again()
    {
        Start(Target with { Refresh = Soon });
        engine.Next<ZonesListed>();
        (serial, members) = (6, ["a.example", "a.example"]);
        Assert.EndsWith("serial 6: a.example is a member twice, as m0 and m1", engine.Next<ChannelLost>().Why, StringComparison.Ordinal);
        (serial, members) = (7, ["a.example"]);
        Assert.Equal(["a.example"], engine.Next<ZonesListed>().Zones);
    }

    [Fact]
    public void A_primary_that_fails_is_told_and_tried_again()
    {
        primary.Serve = (query, wire) => wire.SendAsync(new TransferMessage(FakePrimary.IdOf(query), "cat.test", FakePrimary.TypeOf(query), (ushort)(DnsHeader.Qr | (int)DnsRcode.Refused)).Bytes());
        Start(Target with { Retry = Soon });
        Assert.Equal($"catalog cat.test from {Place}: REFUSED", engine.Next<ChannelLost>().Why);
        primary.Serve = (query, wire) => wire.SendAsync(Whole(query));
        engine.Next<ChannelOpened>();
        engine.Next<ZonesListed>();
    }

    [Fact]
    public async Task A_primary_that_fails_while_another_answers_is_counted()
    {
        await using var other = new FakePrimary { Serve = (query, wire) => wire.SendAsync(Whole(query)) };
        primary.Serve = (query, wire) => wire.SendAsync(new TransferMessage(FakePrimary.IdOf(query), "cat.test", FakePrimary.TypeOf(query), (ushort)(DnsHeader.Qr | (int)DnsRcode.Refused)).Bytes());
        Start(Target with { From = [new Primary(primary.Address), new Primary(other.Address)] });
        engine.Next<ChannelRead>();
        Assert.Contains(source.Counted, c => c is { Name: "primaries_failed", Value: 1 });
        Assert.Contains(source.Counted, c => c is { Name: "looks_failed", Value: 0 });
    }

    [Fact]
    public void A_serial_that_goes_back_is_taken_when_the_old_one_has_expired()
    {
        Start(Target with { Refresh = Soon, Retry = Soon });
        engine.Next<ZonesListed>();
        (serial, members) = (3, ["old.example"]);
        Assert.EndsWith("serial 3 at the server is older than 5, which is had", engine.Next<ChannelLost>().Why, StringComparison.Ordinal);
        // The SOA's expire is 3 s.
        Assert.EndsWith("; it has expired", engine.Next<ChannelLost>().Why, StringComparison.Ordinal);
        Assert.Equal(["old.example"], engine.Next<ZonesListed>().Zones);
    }

    [Fact]
    public void Differences_that_do_not_fit_are_followed_by_all_of_it()
    {
        Start(Target with { Refresh = Soon });
        engine.Next<ZonesListed>();
        primary.Serve = (query, wire) => wire.SendAsync(FakePrimary.TypeOf(query) == DnsType.Ixfr
            ? New(query).Soa(6, expire: 3).Soa(5, expire: 3).Ptr("z.zones.cat.test", "never.example").Soa(6, expire: 3).Soa(6, expire: 3).Bytes()
            : Whole(query));
        (serial, members) = (6, ["c.example"]);
        Assert.Equal(["c.example"], engine.Next<ZonesListed>().Zones);
    }

    [Fact]
    public void A_new_process_of_the_server_makes_it_say_the_list_again()
    {
        Start();
        engine.Next<ChannelRead>();
        engine.View = new(["a.example"], true, 4711, 2);
        Assert.Equal(2, engine.Next<ZonesListed>().Zones.Count);
        engine.View = new(["a.example"], true, 4711, 3);
        engine.None<ZonesListed>(100);
    }

    [Fact]
    public async Task An_ear_that_cannot_be_had_does_not_keep_the_catalog_from_being_followed()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        Start(Target with { Listen = new() { Addresses = [(IPEndPoint)taken.LocalEndPoint!] } });
        Assert.StartsWith("catalog: cannot listen on 127.0.0.1:", engine.Next<ChannelLost>(c => c.Channel == "catalog/ns1/notify").Why, StringComparison.Ordinal);
        while (!engine.All.Any(a => a.Input is ZonesListed))
            await Task.Delay(TimeSpan.FromMilliseconds(2), TestContext.Current.CancellationToken);
        taken.Dispose();
        engine.Next<ChannelOpened>(c => c.Channel == "catalog/ns1/notify");
        await ListeningAsync();
    }

    [Fact]
    public void A_key_that_is_not_there_is_told()
    {
        Start(Target with { Keys = "/nowhere/keys", From = [new Primary(primary.Address) { Key = DnsNameTests.Name("k") }] });
        Assert.Equal("catalog: /nowhere/keys: there is no such file", engine.Next<ChannelLost>().Why);
        Assert.Empty(primary.Asked);
    }

    [Fact]
    public void A_signed_catalog_is_taken_and_an_unsigned_one_is_not()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, $"key \"k-sha256\" {{ algorithm hmac-sha256; secret \"{Convert.ToBase64String("sixteen-octets-k"u8)}\"; }};");
        try
        {
            Start(Target with { Keys = file, From = [new Primary(primary.Address) { Key = DnsNameTests.Name("k-sha256") }], Retry = Soon });
            Assert.Equal($"catalog cat.test from {Place}: TSIG: the message is not signed, after 0 records", engine.Next<ChannelLost>().Why);
            primary.Serve = (query, wire) => wire.SendAsync(new SignedStream(SignedStream.MacOf(query), Encoding.ASCII.GetBytes("sixteen-octets-k")).Signed(Whole(query), TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()));
            engine.Next<ZonesListed>();
        }
        finally
        {
            File.Delete(file);
        }
    }

    string Place => new Primary(primary.Address).ToString();

    static NotifyClamp Soon => new(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(30));

    CatalogTarget Target => new()
    {
        Server = "ns1",
        Zone = DnsNameTests.Name("cat.test"),
        From = [new Primary(primary.Address)],
        Rules = [new NotifyRule([new PeerPrefix(IPNetwork.Parse("127.0.0.0/8"))], null)],
        Spacing = TimeSpan.Zero,
        Again = TimeSpan.FromMilliseconds(20),
        Limits = new() { Idle = TimeSpan.FromSeconds(5) },
    };

    void Start(CatalogTarget? target = null)
    {
        source = new(target ?? Target);
        running = source.RunAsync(engine, stop.Token);
    }

    async Task ListeningAsync()
    {
        while (source.Listening is null)
            await Task.Delay(TimeSpan.FromMilliseconds(2), TestContext.Current.CancellationToken);
    }

    static TransferMessage New(byte[] query) => new(FakePrimary.IdOf(query), "cat.test", FakePrimary.TypeOf(query));

    /// <summary>All of it, or a single SOA to who has it, or something newer.</summary>
    byte[] Whole(byte[] query)
    {
        var message = New(query).Soa(serial, expire: 3);
        if (FakePrimary.TypeOf(query) == DnsType.Ixfr && FakePrimary.SerialOf(query) >= serial)
            return message.Bytes();
        if (version is not null)
            message.Txt("version.cat.test", version);
        for (var i = 0; i < members.Length; i++)
            message.Ptr($"m{i}.zones.cat.test", members[i]);
        return message.Soa(serial, expire: 3).Bytes();
    }

    async Task<DnsRcode> NotifyAsync(string zone, uint? soa)
    {
        var message = new TransferMessage(9, zone, DnsType.Soa, (int)DnsOpcode.Notify << 11);
        if (soa is { } number)
            message.Soa(number);
        using var socket = new UdpClient();
        socket.Connect(source.Listening![0]);
        await socket.SendAsync(message.Bytes(), TestContext.Current.CancellationToken);
        var answer = await socket.ReceiveAsync(TestContext.Current.CancellationToken);
        return (DnsRcode)(answer.Buffer[3] & 15);
    }
}
