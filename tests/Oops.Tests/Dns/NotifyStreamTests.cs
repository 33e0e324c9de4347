using Oops.Dns;
using Oops.Tests.Wire.Dns;
using Oops.Tests.Zones;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Dns;

public sealed class NotifyStreamTests : IAsyncDisposable
{
    static readonly TsigKey Key = new(DnsNameTests.Name("k"), TsigAlgorithm.HmacSha256, new byte[32]);

    readonly FakePrimary server = new();
    readonly Dictionary<int, NotifyAnswer> told = [];

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => server.DisposeAsync();

    Task RunAsync(int zones, TsigKey? key = null, double seconds = 10) =>
        new NotifyStream(server.Address, key, DnsType.Soa, TimeSpan.FromSeconds(seconds), TimeProvider.System).RunAsync([.. Enumerable.Range(0, zones).Select(i => $"z{i}.example")], (zone, answer) => told.Add(zone, answer), Stop);

    [Fact]
    public async Task Many_are_under_way_and_the_answers_come_in_any_order()
    {
        server.Serve = async (query, wire) =>
        {
            List<byte[]> queries = [query];
            while (queries.Count < 20)
                queries.Add(await wire.ReadAsync());
            queries.Reverse();
            foreach (var one in queries)
                await wire.SendAsync(FakeDnsServer.Notified(one, one[12] == 2 ? DnsRcode.NoError : DnsRcode.Refused));
        };
        await RunAsync(20);
        Assert.Equal(1, server.Connections);
        Assert.Equal(20, told.Count);
        Assert.All(told, t => Assert.Equal(t.Key < 10 ? DnsRcode.NoError : DnsRcode.Refused, t.Value.Rcode));
    }

    [Fact]
    public async Task A_server_that_takes_only_some_on_a_connection_gets_the_others_on_the_next()
    {
        server.Serve = async (query, wire) =>
        {
            await wire.SendAsync(FakeDnsServer.Notified(query));
            for (var i = 1; i < 30; i++)
                await wire.SendAsync(FakeDnsServer.Notified(await wire.ReadAsync()));
        };
        await RunAsync(100);
        Assert.Equal((100, true), (told.Count, told.Values.All(static a => a.Rcode == DnsRcode.NoError)));
        Assert.InRange(server.Connections, 4, 12);
    }

    [Fact]
    public async Task What_is_no_answer_is_passed_over_and_silence_is_told_once()
    {
        server.Serve = async (query, wire) =>
        {
            await wire.SendAsync([1]);
            await wire.SendAsync(query);
            var forged = FakeDnsServer.Notified(query, DnsRcode.Refused);
            forged[0] ^= 0x80;
            await wire.SendAsync(forged);
            await wire.SendAsync(FakeDnsServer.Notified(query));
            await wire.SendAsync(FakeDnsServer.Notified(query, DnsRcode.Refused));
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, wire.Stop);
        };
        await RunAsync(3, seconds: 0.4);
        // One on each connection, while each gives something.
        Assert.Equal((3, 3), (told.Count, server.Connections));
        Assert.All(told.Values, static a => Assert.Equal(DnsRcode.NoError, a.Rcode));

        told.Clear();
        server.Serve = (_, wire) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, wire.Stop);
        await RunAsync(2, seconds: 0.2);
        Assert.All(told.Values, static a => Assert.Equal((null, "no answer over TCP (127.0.0.1: silent)"), (a.Rcode, a.Text)));
        Assert.Equal(4, server.Connections);
    }

    [Fact]
    public async Task With_a_key_an_answer_that_is_not_signed_is_none()
    {
        server.Serve = (query, wire) => wire.SendAsync(FakeDnsServer.Notified(query));
        await RunAsync(1, Key);
        Assert.Equal((null, "127.0.0.1 answered NOERROR, not signed (TSIG: the answer is not signed)"), (told[0].Rcode, told[0].Text));

        told.Clear();
        server.Serve = (query, wire) =>
        {
            Assert.Equal(TsigStatus.Valid, Tsig.VerifyRequest(query, [Key], TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(), out var context));
            var reply = new byte[1000];
            var plain = FakeDnsServer.Notified(query);
            plain.CopyTo(reply, 0);
            var length = plain.Length;
            Assert.True(Tsig.TrySignResponse(reply, ref length, query, context, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()));
            return wire.SendAsync(reply[..length]);
        };
        await RunAsync(1, Key);
        Assert.Equal(DnsRcode.NoError, told[0].Rcode);
    }

    [Fact]
    public async Task Nobody_there_is_told_for_each()
    {
        await server.DisposeAsync();
        await RunAsync(3);
        Assert.Equal(3, told.Count);
        Assert.All(told.Values, static a => Assert.StartsWith("no answer over TCP (127.0.0.1: ", a.Text, StringComparison.Ordinal));
    }
}
