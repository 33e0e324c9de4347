namespace Oops.Dns;

/// <summary>What a listener has seen since it was made.</summary>
internal sealed class DnsListenerCounts
{
    internal long UdpRequestsCell;
    internal long UdpErrorsCell;

    /// <summary>Connections without TLS.</summary>
    public StreamCounts Tcp { get; } = new();

    /// <summary>Connections with TLS.</summary>
    public StreamCounts Tls { get; } = new();

    /// <summary>Datagrams read.</summary>
    public long UdpRequests => Volatile.Read(ref UdpRequestsCell);

    /// <summary>Responses that the kernel refused to send (unroutable or forbidden), requests too long to be one, and errors on reading.</summary>
    public long UdpErrors => Volatile.Read(ref UdpErrorsCell);

    public long TcpRequests => Tcp.Requests;

    public long TcpAccepted => Tcp.Accepted;

    /// <summary>TCP connections that we closed: for a limit, or quiet too long.</summary>
    public long TcpClosed => Tcp.Closed;
}

/// <summary>The same of connections of one kind.</summary>
internal sealed class StreamCounts
{
    internal long RequestsCell;
    internal long AcceptedCell;
    internal long ClosedCell;
    internal long UngreetedCell;

    public long Requests => Volatile.Read(ref RequestsCell);

    public long Accepted => Volatile.Read(ref AcceptedCell);

    /// <summary>Those that we closed: for a limit, or quiet too long.</summary>
    public long Closed => Volatile.Read(ref ClosedCell);

    /// <summary>Those that ended before their handshake did.</summary>
    public long Ungreeted => Volatile.Read(ref UngreetedCell);
}
