using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Oops.Dns;

/// <summary>
/// Takes one request and writes the response: its length, or 0 for none. It is called on the thread that reads the socket, by several at once if there are several sockets, and must
/// neither block nor throw.
/// </summary>
internal delegate int DnsHandler(ReadOnlySpan<byte> request, Span<byte> response, in Peer peer);

/// <summary>How to listen.</summary>
internal sealed record DnsListenerOptions
{
    /// <summary>
    /// Specific addresses: a reply to a datagram that came to a wildcard socket may leave from another of the host's addresses.
    /// </summary>
    public required IReadOnlyList<IPEndPoint> Addresses { get; init; }

    /// <summary>Blocking threads for UDP per address; above 1 they share the address by SO_REUSEPORT.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Most TCP connections at once, over all addresses. At the limit the one that was quiet longest is closed for the new one.</summary>
    public int Connections { get; init; } = 200;

    /// <summary>Most TCP connections from one IPv4 address or IPv6 /64; more are closed at once.</summary>
    public int ConnectionsPerPeer { get; init; } = 20;

    /// <summary>A TCP connection that does not complete a request, or does not take a response, for this long is closed.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>What a listener has seen since it was made.</summary>
internal sealed class DnsListenerCounts
{
    internal long UdpRequestsCell;
    internal long UdpErrorsCell;
    internal long TcpRequestsCell;
    internal long TcpAcceptedCell;
    internal long TcpClosedCell;

    /// <summary>Datagrams read.</summary>
    public long UdpRequests => Volatile.Read(ref UdpRequestsCell);

    /// <summary>Responses that the kernel refused to send (unroutable or forbidden), and errors on reading.</summary>
    public long UdpErrors => Volatile.Read(ref UdpErrorsCell);

    public long TcpRequests => Volatile.Read(ref TcpRequestsCell);

    public long TcpAccepted => Volatile.Read(ref TcpAcceptedCell);

    /// <summary>TCP connections that we closed: for a limit, or quiet too long.</summary>
    public long TcpClosed => Volatile.Read(ref TcpClosedCell);
}

/// <summary>Listens for DNS requests over UDP and TCP on several addresses of both families.</summary>
internal sealed class DnsListener : IDisposable
{
    readonly List<UdpEar> udp = [];
    readonly List<Socket> tcp = [];
    readonly DnsListenerOptions options;
    readonly TimeProvider time;

    DnsListener(DnsListenerOptions options, TimeProvider time)
    {
        this.options = options;
        this.time = time;
    }

    public DnsListenerCounts Counts { get; } = new();

    /// <summary>The addresses in use, in the order of the options; port 0 is resolved (the same port for UDP and TCP).</summary>
    public IReadOnlyList<IPEndPoint> Addresses { get; private set; } = [];

    /// <summary>Binds all addresses, or none: then <paramref name="error"/> names the first that failed and why.</summary>
    public static bool TryBind(DnsListenerOptions options, TimeProvider time, [NotNullWhen(true)] out DnsListener? listener, [NotNullWhen(false)] out string? error)
    {
        listener = new DnsListener(options, time);
        var bound = new List<IPEndPoint>();
        foreach (var address in options.Addresses)
        {
            try
            {
                bound.Add(listener.Bind(address));
            }
            catch (SocketException e)
            {
                listener.Dispose();
                listener = null;
                error = $"cannot listen on {address}: {Explain(e.SocketErrorCode)}";
                return false;
            }
        }

        listener.Addresses = bound;
        error = null;
        return true;
    }

    /// <summary>Serves until <paramref name="stop"/>; all sockets are closed when it returns. It may be called once.</summary>
    public async Task RunAsync(DnsHandler handler, CancellationToken stop)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var streams = new TcpEar(options, handler, Counts, time);
        var tasks = new List<Task>();
        foreach (var ear in udp)
            tasks.Add(ear.RunAsync(handler, ending.Token));
        foreach (var socket in tcp)
            tasks.Add(streams.RunAsync(socket, ending.Token));
        try
        {
            await foreach (var ended in Task.WhenEach(tasks).ConfigureAwait(false))
            {
                await ending.CancelAsync().ConfigureAwait(false); // one that fails takes the others along
                await ended.ConfigureAwait(false);
            }
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Dispose();
        }
    }

    public void Dispose()
    {
        foreach (var ear in udp)
            ear.Dispose();
        foreach (var socket in tcp)
            socket.Dispose();
    }

    IPEndPoint Bind(IPEndPoint address)
    {
        var tcp = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        this.tcp.Add(tcp);
        // SO_REUSEADDR, for a restart while old connections are in TIME_WAIT. .NET's own ReuseAddress would set SO_REUSEPORT too, and let a second daemon take half of the connections.
        tcp.SetRawSocketOption(1, 2, BitConverter.GetBytes(1));
        tcp.Bind(address);
        tcp.Listen(128);
        var bound = (IPEndPoint)tcp.LocalEndPoint!;
        for (var i = 0; i < options.Threads; i++)
            udp.Add(UdpEar.Bind(bound, shared: options.Threads > 1, Counts));
        return bound;
    }

    static string Explain(SocketError error) => error switch
    {
        SocketError.AddressAlreadyInUse => "the address is in use by another process",
        SocketError.AddressNotAvailable => "this host does not have the address",
        SocketError.AccessDenied => "permission denied (a port below 1024 needs CAP_NET_BIND_SERVICE)",
        SocketError.AddressFamilyNotSupported => "the address family is not available on this host",
        _ => $"socket error {error}",
    };
}
