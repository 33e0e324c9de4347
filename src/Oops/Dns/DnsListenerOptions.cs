using System.Net;

namespace Oops.Dns;

/// <summary>How to listen.</summary>
internal sealed record DnsListenerOptions
{
    /// <summary>
    /// Specific addresses: a reply to a datagram that came to a wildcard socket may leave from another of the host's addresses.
    /// </summary>
    public required IReadOnlyList<IPEndPoint> Addresses { get; init; }

    /// <summary>Blocking threads for UDP per address; above 1 they share the address by SO_REUSEPORT.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Addresses for DNS over TLS (RFC 7858), with a port of their own: 853.</summary>
    public IReadOnlyList<IPEndPoint> TlsAddresses { get; init; } = [];

    /// <summary>The certificate for them.</summary>
    public TlsFiles? Tls { get; init; }

    /// <summary>Most TCP connections at once, over all addresses. At the limit the one that was quiet longest is closed for the new one.</summary>
    public int Connections { get; init; } = 200;

    /// <summary>The same of connections with TLS, each of which takes as much as many without.</summary>
    public int TlsConnections { get; init; } = 200;

    /// <summary>Most connections of each kind from one IPv4 address or IPv6 /64; more are closed at once.</summary>
    public int ConnectionsPerPeer { get; init; } = 20;

    /// <summary>A connection that does not complete a request, or does not take a response, for this long is closed.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Most handshakes under way. At the limit the oldest is closed for a new one.</summary>
    public int Handshakes { get; init; } = 50;

    /// <summary>How long a handshake may take.</summary>
    public TimeSpan HandshakeTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Octets of requests that came in part and of responses that were not taken, over all connections of one kind; a connection that needs more is closed.</summary>
    public int Room { get; init; } = 8 << 20;
}
