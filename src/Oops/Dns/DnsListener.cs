using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Oops.Dns;

/// <summary>
/// Takes one request and writes the response: its length, or 0 for none. It is called on the thread that reads the socket, by several at once if there are several sockets, and must
/// neither block nor throw.
/// </summary>
internal delegate int DnsHandler(ReadOnlySpan<byte> request, Span<byte> response, in Peer peer);

/// <summary>Listens for DNS requests over UDP, TCP and TLS on several addresses of both families: a thread for each UDP socket, one for all of TCP and one for all of TLS.</summary>
internal sealed class DnsListener : IDisposable
{
    readonly List<UdpEar> udp = [];
    readonly List<Socket> tcp = [];
    readonly List<Socket> tls = [];
    readonly DnsListenerOptions options;
    readonly TimeProvider time;
    TlsTerms? terms;

    DnsListener(DnsListenerOptions options, TimeProvider time)
    {
        this.options = options;
        this.time = time;
    }

    public DnsListenerCounts Counts { get; } = new();

    /// <summary>The addresses in use, in the order of the options; port 0 is resolved (the same port for UDP and TCP).</summary>
    public IReadOnlyList<IPEndPoint> Addresses { get; private set; } = [];

    /// <summary>The same of those with TLS.</summary>
    public IReadOnlyList<IPEndPoint> TlsAddresses { get; private set; } = [];

    /// <summary>What is shown to those who come over TLS; null: nobody does.</summary>
    public TlsCertificate? Certificate => terms?.Certificate;

    /// <summary>Binds all addresses, or none: then <paramref name="error"/> names the first that failed and why.</summary>
    public static bool TryBind(DnsListenerOptions options, TimeProvider time, [NotNullWhen(true)] out DnsListener? listener, [NotNullWhen(false)] out string? error)
    {
        listener = new DnsListener(options, time);
        if (!listener.TryReadCertificate(out error) || !TryBindAll(options.Addresses, listener.Bind, out var bound, out error) || !TryBindAll(options.TlsAddresses, listener.BindTls, out var secure, out error))
        {
            listener.Dispose();
            listener = null;
            return false;
        }

        listener.Addresses = bound;
        listener.TlsAddresses = secure;
        return true;
    }

    /// <summary>Serves until <paramref name="stop"/>; all sockets are closed when it returns. It may be called once.</summary>
    public async Task RunAsync(DnsHandler handler, CancellationToken stop)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var plain = Ear(tcp, options.Connections, handler, Counts.Tcp, null);
        using var secure = Ear(tls, options.TlsConnections, handler, Counts.Tls, terms);
        var tasks = new List<Task>();
        foreach (var ear in udp)
            tasks.Add(ear.RunAsync(handler, ending.Token));
        if (plain is not null)
            tasks.Add(plain.RunAsync(ending.Token));
        if (secure is not null)
            tasks.Add(secure.RunAsync(ending.Token));
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
        foreach (var socket in tcp.Concat(tls))
            socket.Dispose();
    }

    bool TryReadCertificate([NotNullWhen(false)] out string? error)
    {
        error = null;
        if (options.TlsAddresses.Count == 0)
            return true;
        var files = options.Tls ?? throw new InvalidOperationException("addresses with TLS and no certificate");
        if (!TlsCertificate.TryRead(files, time, out var certificate, out error))
            return false;
        terms = new(certificate, options.Handshakes, options.HandshakeTime);
        return true;
    }

    static bool TryBindAll(IReadOnlyList<IPEndPoint> addresses, Func<IPEndPoint, IPEndPoint> bind, out List<IPEndPoint> bound, [NotNullWhen(false)] out string? error)
    {
        bound = [];
        foreach (var address in addresses)
        {
            try
            {
                bound.Add(bind(address));
            }
            catch (SocketException e)
            {
                error = $"cannot listen on {address}: {Explain(e.SocketErrorCode)}";
                return false;
            }
        }

        error = null;
        return true;
    }

    StreamEar? Ear(List<Socket> sockets, int connections, DnsHandler handler, StreamCounts counts, TlsTerms? terms) =>
        sockets.Count == 0 ? null : new(sockets, new(connections, options.ConnectionsPerPeer, options.Room, options.Idle), handler, counts, time, terms);

    IPEndPoint Bind(IPEndPoint address)
    {
        var bound = Listen(address, tcp);
        for (var i = 0; i < options.Threads; i++)
            udp.Add(UdpEar.Bind(bound, shared: options.Threads > 1, Counts, time));
        return bound;
    }

    IPEndPoint BindTls(IPEndPoint address) => Listen(address, tls);

    static IPEndPoint Listen(IPEndPoint address, List<Socket> sockets)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false, NoDelay = true };
        sockets.Add(socket);
        // SO_REUSEADDR, for a restart while old connections are in TIME_WAIT. .NET's own ReuseAddress would set SO_REUSEPORT too, and let a second daemon take half of the connections.
        socket.SetRawSocketOption(1, 2, BitConverter.GetBytes(1));
        socket.Bind(address);
        socket.Listen(1024);
        return (IPEndPoint)socket.LocalEndPoint!;
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
