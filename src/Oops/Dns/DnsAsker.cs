using System.Net;
using System.Net.Sockets;
using Oops.Wire.Dns;

namespace Oops.Dns;

/// <summary>
/// Asks servers for the SOA of zones. It has no state and no socket between calls: each call has a socket of its own and with it a new random source port; the zones of one call share it, told apart by
/// random ids. UDP sockets are connected, so the kernel drops what comes from elsewhere and ICMP errors come back as errors.
/// </summary>
internal sealed class DnsAsker(TimeProvider time)
{
    /// <summary>Most zones in one call: they are sent at once, and the socket buffers of both sides must hold them.</summary>
    public const int MaxZones = 64;

    /// <summary>Asks once for one zone.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public async Task<AskResult> AskAsync(IPEndPoint server, DnsName zone, AskOptions options, CancellationToken stop) =>
        (await AskAsync(server, new[] { zone }, options, stop).ConfigureAwait(false))[0];

    /// <summary>Asks once for each of at most <see cref="MaxZones"/> zones; the results are in their order. Ends when the last has its result, at the latest after the timeout, or twice that if answers were truncated.</summary>
    /// <param name="server">Whom to ask.</param>
    /// <param name="zones">What for.</param>
    /// <param name="options">How.</param>
    /// <param name="stop">Ends it early.</param>
    /// <param name="answered">Called for each answer over UDP that is whole, as it comes, with the zone's index: so that one lost datagram delays only its own zone. It must neither block nor throw.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public async Task<AskResult[]> AskAsync(IPEndPoint server, ReadOnlyMemory<DnsName> zones, AskOptions options, CancellationToken stop, Action<int, AskResult>? answered = null)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(zones.Length, MaxZones);
        stop.ThrowIfCancellationRequested();
        var results = new AskResult[zones.Length];
        if (options.Over == AskOver.Udp)
        {
            await new UdpRound(time, zones, options, results, answered).RunAsync(server, stop).ConfigureAwait(false);
            stop.ThrowIfCancellationRequested();
        }

        List<Task>? streams = null;
        for (var i = 0; i < results.Length; i++)
        {
            if (options.Over == AskOver.Tcp || results[i].Answer.Truncated)
                (streams ??= []).Add(AskTcpAsync(i));
        }

        if (streams is not null)
            await Task.WhenAll(streams).ConfigureAwait(false);
        return results;

        async Task AskTcpAsync(int i)
        {
            var result = await TcpAsk.RunAsync(time, server, zones.Span[i], options, stop).ConfigureAwait(false);
            // It has answered, over UDP: that the rest could not be had is neither a refusal nor a silence of the server's.
            results[i] = result.Outcome == AskOutcome.Answered || options.Over == AskOver.Tcp ? result : result with { Outcome = AskOutcome.Broken, Why = $"truncated, and over TCP: {result.Why}" };
        }
    }

    /// <summary>What a socket error says about the peer.</summary>
    internal static (AskOutcome Outcome, string Why) Explain(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => (AskOutcome.Refused, "port unreachable"),
        SocketError.ConnectionReset => (AskOutcome.Broken, "connection reset"),
        SocketError.Shutdown => (AskOutcome.Broken, "connection closed"),
        SocketError.HostUnreachable => (AskOutcome.Unreachable, "no route to host"),
        SocketError.NetworkUnreachable => (AskOutcome.Unreachable, "network is unreachable"),
        SocketError.AddressNotAvailable => (AskOutcome.Unreachable, "no source address for it"),
        SocketError.AccessDenied => (AskOutcome.Unreachable, "not permitted"),
        SocketError.AddressFamilyNotSupported => (AskOutcome.Unreachable, "this host does not have its address family"),
        SocketError.TooManyOpenSockets => (AskOutcome.Unreachable, "too many open files here"),
        SocketError.TimedOut => (AskOutcome.Timeout, "no connection"),
        _ => (AskOutcome.Unreachable, $"socket error {error}"),
    };
}
