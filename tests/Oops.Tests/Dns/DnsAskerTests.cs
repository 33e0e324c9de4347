using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Oops.Dns;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Dns;

public sealed class DnsAskerTests : IAsyncLifetime
{
    static readonly DnsName Zone = Name("x.test");
    static readonly AskOptions Short = new() { Timeout = TimeSpan.FromMilliseconds(200) };
    readonly FakeDnsServer server = new();
    readonly DnsAsker asker = new(TimeProvider.System);

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task A_server_that_answers_is_heard_and_was_asked_without_RD()
    {
        server.Udp = request => [FakeDnsServer.Soa(request, 42, left: 99, nsid: "node-1")];
        var result = await Ask(new AskOptions());
        Assert.Equal(AskOutcome.Answered, result.Outcome);
        Assert.Equal(42u, result.Answer.Soa?.Serial);
        Assert.Equal(99u, result.Answer.ExpireLeft);
        Assert.Equal("node-1", result.Answer.Nsid);
        Assert.True(server.Seen.TryDequeue(out var seen));
        Assert.Equal(0, seen.Request[2]);
        Assert.Equal(0, seen.Request[3]);
    }

    [Fact]
    public async Task Each_call_has_a_new_source_port_and_a_new_id()
    {
        for (var i = 0; i < 8; i++)
            Assert.Equal(AskOutcome.Answered, (await Ask(new AskOptions())).Outcome);
        Assert.True(server.Seen.Select(s => s.Port).Distinct().Count() >= 6);
        Assert.True(server.Seen.Select(s => s.Request[0] << 8 | s.Request[1]).Distinct().Count() >= 7);
    }

    [Fact]
    public async Task Many_zones_share_a_socket_and_each_gets_its_own_answer()
    {
        var held = new List<byte[]>();
        server.Udp = request =>
        {
            held.Add(request);
            return held.Count < 64 ? [] : held.AsEnumerable().Reverse().Select(r => FakeDnsServer.Soa(r, uint.Parse(FakeDnsServer.ZoneOf(r)[1..], null)));
        };
        var zones = Enumerable.Range(0, 64).Select(i => Name($"z{i}")).ToArray();
        var results = await asker.AskAsync(server.Address, zones, new AskOptions(), CancellationToken.None);
        Assert.Equal(Enumerable.Range(0, 64).Select(i => (uint?)i), results.Select(r => r.Answer.Soa?.Serial));
        Assert.Single(server.Seen.Select(s => s.Port).Distinct());
        Assert.Equal(64, server.Seen.Select(s => s.Request[0] << 8 | s.Request[1]).Distinct().Count());
    }

    [Fact]
    public async Task Forgeries_with_a_wrong_id_question_or_shape_do_not_hide_the_answer()
    {
        server.Udp = request =>
        {
            var answer = FakeDnsServer.Soa(request, 7);
            byte[] otherId = [(byte)(answer[0] ^ 1), .. answer[1..]];
            byte[] otherName = [.. answer[..13], (byte)'y', .. answer[14..]];
            return [[], [1], new byte[4000], request, otherId, otherName, answer[..^3], answer];
        };
        Assert.Equal(7u, (await Ask(new AskOptions())).Answer.Soa?.Serial);
    }

    [Fact]
    public async Task An_answer_from_another_address_is_not_heard()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        server.Udp = request =>
        {
            other.SendTo(FakeDnsServer.Soa(request, 7), new IPEndPoint(IPAddress.Loopback, server.Seen.Last().Port));
            return [];
        };
        Assert.Equal(AskOutcome.Timeout, (await Ask(Short)).Outcome);
    }

    [Fact]
    public async Task Silence_is_a_timeout_and_not_longer_than_said()
    {
        server.Udp = _ => [];
        var watch = Stopwatch.StartNew();
        var result = await Ask(Short);
        Assert.Equal(AskOutcome.Timeout, result.Outcome);
        Assert.InRange(watch.ElapsedMilliseconds, 190, 10_000);
    }

    [Fact]
    public async Task A_malformed_answer_is_broken_and_not_silent()
    {
        server.Udp = request => [FakeDnsServer.Soa(request, 7)[..^3]];
        var result = await Ask(Short);
        Assert.Equal((AskOutcome.Broken, "malformed answer"), (result.Outcome, result.Why));
    }

    [Theory]
    [InlineData(AskOver.Udp)]
    [InlineData(AskOver.Tcp)]
    internal async Task A_closed_port_is_refused_at_once(AskOver over)
    {
        await server.DisposeAsync();
        var watch = Stopwatch.StartNew();
        var results = await asker.AskAsync(server.Address, new[] { Zone, Name("y") }, new AskOptions { Timeout = TimeSpan.FromSeconds(30), Over = over }, CancellationToken.None);
        Assert.All(results, r => Assert.Equal(AskOutcome.Refused, r.Outcome));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task An_address_that_cannot_be_reached_says_nothing_about_the_server()
    {
        var result = await asker.AskAsync(new IPEndPoint(IPAddress.Broadcast, 53), Zone, new AskOptions(), CancellationToken.None);
        Assert.Equal(AskOutcome.Unreachable, result.Outcome);
    }

    [Fact]
    public async Task A_truncated_answer_is_asked_for_again_over_TCP()
    {
        server.Udp = request =>
        {
            var answer = FakeDnsServer.Soa(request, 1)[..30];
            answer[2] |= 2;
            return [answer];
        };
        server.Tcp = request => FakeDnsServer.Framed(FakeDnsServer.Soa(request, 5));
        Assert.Equal(5u, (await Ask(new AskOptions())).Answer.Soa?.Serial);
        Assert.Single(server.SeenTcp);
    }

    [Fact]
    public async Task A_truncated_answer_whose_rest_is_not_to_be_had_is_neither_a_refusal_nor_a_silence()
    {
        await using var udpOnly = new FakeDnsServer(withTcp: false);
        udpOnly.Udp = request =>
        {
            var answer = FakeDnsServer.Soa(request, 1)[..30];
            answer[2] |= 2;
            return [answer];
        };
        var result = await new DnsAsker(TimeProvider.System).AskAsync(udpOnly.Address, DnsName.Root, new AskOptions(), CancellationToken.None);
        Assert.Equal(AskOutcome.Broken, result.Outcome);
        Assert.StartsWith("truncated, and over TCP: ", result.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TCP_only_asks_nothing_over_UDP()
    {
        server.Tcp = request => FakeDnsServer.Framed(FakeDnsServer.Soa(request, 5));
        Assert.Equal(5u, (await Ask(new AskOptions { Over = AskOver.Tcp })).Answer.Soa?.Serial);
        Assert.Empty(server.Seen);
    }

    [Theory]
    [InlineData(0, true, AskOutcome.Broken)]
    [InlineData(1, true, AskOutcome.Broken)]
    [InlineData(20, true, AskOutcome.Broken)]
    [InlineData(1, false, AskOutcome.Timeout)]
    [InlineData(20, false, AskOutcome.Timeout)]
    internal async Task A_TCP_answer_that_stops_half_way_is_not_waited_for(int octets, bool closes, AskOutcome outcome)
    {
        server.Tcp = request => FakeDnsServer.Framed(FakeDnsServer.Soa(request, 5))[..octets];
        server.TcpCloses = closes;
        Assert.Equal(outcome, (await Ask(Short with { Over = AskOver.Tcp })).Outcome);
    }

    [Fact]
    public async Task A_TCP_answer_to_another_question_is_broken()
    {
        server.Tcp = request =>
        {
            request[0] ^= 1;
            return FakeDnsServer.Framed(FakeDnsServer.Soa(request, 5));
        };
        Assert.Equal(AskOutcome.Broken, (await Ask(Short with { Over = AskOver.Tcp })).Outcome);
    }

    [Theory]
    [InlineData(AskOver.Udp)]
    [InlineData(AskOver.Tcp)]
    internal async Task With_a_key_only_a_signed_answer_counts(AskOver over)
    {
        var key = new TsigKey(Name("k"), TsigAlgorithm.HmacSha256, "secret-secret-12"u8);
        server.Udp = request => [FakeDnsServer.Soa(request, 666), Signed(request)];
        server.Tcp = request => FakeDnsServer.Framed(Signed(request));
        Assert.Equal(5u, (await Ask(new AskOptions { Key = key, Over = over })).Answer.Soa?.Serial);

        server.Udp = request => [FakeDnsServer.Soa(request, 666)];
        server.Tcp = request => FakeDnsServer.Framed(FakeDnsServer.Soa(request, 666));
        var unsigned = await Ask(Short with { Key = key, Over = over });
        Assert.Equal((AskOutcome.Broken, "TSIG: the answer is not signed"), (unsigned.Outcome, unsigned.Why));

        byte[] Signed(byte[] request)
        {
            var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
            Assert.Equal(TsigStatus.Valid, Tsig.VerifyRequest(request, [key], now, out var context));
            var buffer = new byte[1024];
            var answer = FakeDnsServer.Soa(request, 5);
            answer.CopyTo(buffer, 0);
            var length = answer.Length;
            Assert.True(Tsig.TrySignResponse(buffer, ref length, request, context, now));
            return buffer[..length];
        }
    }

    [Fact]
    public async Task Our_own_pause_is_told_from_the_servers_silence()
    {
        server.Udp = _ => [];
        var paused = new DnsAsker(new PausedTime());
        var result = await paused.AskAsync(server.Address, Zone, Short, CancellationToken.None);
        Assert.Equal(AskOutcome.Timeout, result.Outcome);
        Assert.True(result.Late > TimeSpan.FromSeconds(19));
    }

    [Fact]
    public async Task An_answer_that_waits_in_the_socket_counts_though_the_time_is_over()
    {
        // The timer fires as soon as the answer was sent, so often only the last look into the socket finds it.
        var count = 0;
        var asker = new DnsAsker(new HastyTime(() => SpinWait.SpinUntil(() => server.Served > count, 2000)));
        server.Udp = request => [FakeDnsServer.Soa(request, 3)];
        for (; count < 20; count++)
            Assert.Equal(3u, (await asker.AskAsync(server.Address, Zone, Short, CancellationToken.None)).Answer.Soa?.Serial);
    }

    [Theory]
    [InlineData(AskOver.Udp)]
    [InlineData(AskOver.Tcp)]
    internal async Task Cancelling_ends_the_question(AskOver over)
    {
        server.Udp = _ => [];
        server.Tcp = _ => [];
        using var stop = new CancellationTokenSource(100);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            asker.AskAsync(server.Address, Zone, new AskOptions { Timeout = TimeSpan.FromMinutes(1), Over = over }, stop.Token));
    }

    Task<AskResult> Ask(AskOptions options) => asker.AskAsync(server.Address, Zone, options, CancellationToken.None);

    static DnsName Name(string text)
    {
        Assert.True(DnsName.TryParse(text, out var name));
        return name;
    }

    /// <summary>A process that is stopped for 20 s after its first look at the clock.</summary>
    sealed class PausedTime : TimeProvider
    {
        int looks;

        public override long GetTimestamp() => base.GetTimestamp() + (looks++ == 0 ? 0 : 20 * TimestampFrequency);
    }

    /// <summary>Timers fire as soon as something has happened, from a thread of their own: the pool's are needed to make it happen.</summary>
    sealed class HastyTime(Action wait) : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            new Thread(() =>
            {
                wait();
                callback(state);
            })
            { IsBackground = true }.Start();
            return base.CreateTimer(static _ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
