using System.Net;
using System.Net.Sockets;
using Oops.Dns;
using Oops.Tests.Wire.Dns;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Dns;

/// <summary>One question to a server that is wrong in one way each.</summary>
public sealed class ExchangeTests : IAsyncDisposable
{
    static readonly PlainQuery Query = new(DnsNameTests.Name("example"), DnsType.Soa);

    static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200), Long = TimeSpan.FromSeconds(30);

    readonly FakeDnsServer server = new();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task What_cannot_be_used_is_passed_over_for_the_real_answer()
    {
        server.Udp = request =>
        {
            var good = FakeDnsServer.Soa(request, 1);
            byte[] otherId = [(byte)~good[0], .. good[1..]], otherName = [.. good[..13], (byte)'x', .. good[14..]], query = [.. good[..2], 0, .. good[3..]];
            return [[], otherId, otherName, query, good[..^3], good];
        };
        Assert.Equal(AskOutcome.Answered, (await AskAsync(Transport.Udp, Long)).Outcome);
    }

    [Fact]
    public async Task A_malformed_answer_is_broken_and_not_silent()
    {
        server.Udp = request => [FakeDnsServer.Soa(request, 7)[..^3]];
        var came = await AskAsync(Transport.Udp, Short);
        Assert.Equal((AskOutcome.Broken, "malformed answer"), (came.Outcome, came.Why));
    }

    [Fact]
    public async Task Silence_is_asked_once_more_and_is_a_timeout()
    {
        server.Udp = _ => [];
        var came = await AskAsync(Transport.Udp, Short);
        Assert.Equal((AskOutcome.Timeout, "no answer over UDP"), (came.Outcome, came.Why));
        await ListenerRig.UntilAsync(() => server.Served == 2);
    }

    [Fact]
    public async Task What_comes_from_another_port_is_no_answer()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        server.Udp = request =>
        {
            other.SendTo(FakeDnsServer.Soa(request, 1), new IPEndPoint(IPAddress.Loopback, server.Seen.Last().Port));
            return [];
        };
        Assert.Equal(AskOutcome.Timeout, (await AskAsync(Transport.Udp, Short)).Outcome);
    }

    [Fact]
    public async Task Who_stops_it_gets_no_answer()
    {
        using var stop = new CancellationTokenSource();
        server.Udp = request =>
        {
            stop.Cancel();
            return [FakeDnsServer.Soa(request, 7)[..^3]];
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Exchange.WholeAsync(server.Address, Query, Long, TimeProvider.System, stop.Token));
    }

    [Fact]
    public async Task A_truncated_answer_is_asked_for_again_over_TCP()
    {
        server.Udp = request => [Truncated(request)];
        server.Tcp = request => FakeDnsServer.Framed(FakeDnsServer.Soa(request, 5));
        var came = await WholeAsync(server, Long);
        Assert.False(came.Answer!.Truncated);
        Assert.Equal(1, came.Answer.Plain);
        Assert.Single(server.SeenTcp);
    }

    [Fact]
    public async Task A_truncated_answer_whose_rest_is_not_to_be_had_is_neither_a_refusal_nor_a_silence()
    {
        await using var udpOnly = new FakeDnsServer(withTcp: false) { Udp = request => [Truncated(request)] };
        var came = await WholeAsync(udpOnly, Long);
        Assert.Equal((AskOutcome.Broken, "truncated over UDP, and port unreachable over TCP"), (came.Outcome, came.Why));

        server.Udp = request => [Truncated(request)];
        server.Tcp = request => FakeDnsServer.Framed(Truncated(request));
        came = await WholeAsync(server, Long);
        Assert.Equal((AskOutcome.Broken, "truncated over UDP, and truncated over TCP"), (came.Outcome, came.Why));
        Assert.Null(came.Answer);
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
        Assert.Equal(outcome, (await AskAsync(Transport.Tcp, closes ? Long : Short)).Outcome);
    }

    [Fact]
    public async Task A_TCP_answer_to_another_question_is_broken()
    {
        server.Tcp = request => FakeDnsServer.Framed([(byte)~request[0], .. FakeDnsServer.Soa(request, 5)[1..]]);
        Assert.Equal("answer to another question", (await AskAsync(Transport.Tcp, Long)).Why);
    }

    [Fact]
    public async Task Where_no_TLS_is_that_is_said()
    {
        using var plain = new TcpListener(IPAddress.Loopback, 0);
        plain.Start();
        var asking = Exchange.RunAsync((IPEndPoint)plain.LocalEndpoint, Transport.Tls, Query, Long, TimeProvider.System, TestContext.Current.CancellationToken);
        using var socket = await plain.AcceptSocketAsync(TestContext.Current.CancellationToken);
        await socket.SendAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray());
        var came = await asking;
        Assert.Equal((AskOutcome.Broken, "no TLS there"), (came.Outcome, came.Why));
    }

    Task<Exchanged> AskAsync(Transport over, TimeSpan timeout) => Exchange.RunAsync(server.Address, over, Query, timeout, TimeProvider.System, TestContext.Current.CancellationToken);

    static Task<Exchanged> WholeAsync(FakeDnsServer of, TimeSpan timeout) => Exchange.WholeAsync(of.Address, Query, timeout, TimeProvider.System, TestContext.Current.CancellationToken);

    /// <summary>With TC, and cut within its record.</summary>
    static byte[] Truncated(byte[] request)
    {
        var answer = FakeDnsServer.Soa(request, 1)[..40];
        answer[2] |= DnsHeader.Tc >> 8;
        return answer;
    }
}
