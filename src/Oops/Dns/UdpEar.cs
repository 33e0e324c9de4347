using System.Net;
using System.Net.Sockets;

namespace Oops.Dns;

/// <summary>
/// One UDP socket with one blocking thread: twice as fast as asynchronous receives, and without garbage, because both buffers and the peer's address are used again for each datagram.
/// </summary>
internal sealed class UdpEar : IDisposable
{
    /// <summary>Failed receives in a row after which the socket is given up, so that a lasting error does not spin.</summary>
    private const int MaxFailures = 100;

    // The largest datagram: with a smaller buffer, recvfrom's MSG_TRUNC would come back as an exception per packet.
    private readonly byte[] _request = GC.AllocateUninitializedArray<byte>(65535);
    private readonly byte[] _response = GC.AllocateUninitializedArray<byte>(4096);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Socket _socket;
    private readonly IPEndPoint _local;
    private readonly DnsListenerCounts _counts;
    private int _failures;

    private UdpEar(Socket socket, IPEndPoint local, DnsListenerCounts counts)
    {
        _socket = socket;
        _local = local;
        _counts = counts;
    }

    /// <exception cref="SocketException">The address cannot be had.</exception>
    public static UdpEar Bind(IPEndPoint address, bool shared, DnsListenerCounts counts)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (shared)
                socket.SetRawSocketOption(1, 15, BitConverter.GetBytes(1)); // SOL_SOCKET, SO_REUSEPORT
            socket.ReceiveBufferSize = 4 << 20; // a burst of some thousand; the kernel takes what net.core.rmem_max allows
            socket.Bind(address);
            return new UdpEar(socket, address, counts);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Ends when <paramref name="stop"/> is cancelled; throws what the handler threw.</summary>
    public async Task RunAsync(DnsHandler handler, CancellationToken stop)
    {
        using var closing = stop.UnsafeRegister(static s => ((Socket)s!).Dispose(), _socket); // ends the blocking receive
        new Thread(() => Loop(handler, stop)) { IsBackground = true, Name = "dns-udp" }.Start();
        await _ended.Task.ConfigureAwait(false);
    }

    public void Dispose() => _socket.Dispose();

    private void Loop(DnsHandler handler, CancellationToken stop)
    {
        try
        {
            var from = new SocketAddress(_socket.AddressFamily);
            while (!stop.IsCancellationRequested)
                Serve(handler, from, stop);
            _ended.SetResult();
        }
        catch (ObjectDisposedException) when (stop.IsCancellationRequested)
        {
            _ended.SetResult();
        }
        catch (Exception e) // not swallowed: the task that owns this thread throws it
        {
            _ended.SetException(e);
        }
    }

    private void Serve(DnsHandler handler, SocketAddress from, CancellationToken stop)
    {
        int length;
        try
        {
            length = _socket.ReceiveFrom(_request, SocketFlags.None, from);
            _failures = 0;
        }
        catch (SocketException) when (stop.IsCancellationRequested)
        {
            return; // closed under the call
        }
        catch (SocketException) when (++_failures < MaxFailures)
        {
            Interlocked.Increment(ref _counts.UdpErrorsCell);
            return;
        }

        Interlocked.Increment(ref _counts.UdpRequestsCell);
        var address = PeerAddress.From(from, out var port);
        if (port == 0) // cannot be answered, so it is forged
            return;
        var size = handler(_request.AsSpan(0, length), _response, new Peer(address, port, AskOver.Udp, _local));
        if (size <= 0)
            return;
        try
        {
            _socket.SendTo(_response.AsSpan(0, size), SocketFlags.None, from);
        }
        catch (SocketException)
        {
            // ENETUNREACH, EPERM by a packet filter, ENOBUFS: this one peer's affair. Or the stop, which the loop sees.
            Interlocked.Increment(ref _counts.UdpErrorsCell);
        }
    }
}
