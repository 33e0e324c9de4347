using System.Net;
using System.Net.Sockets;

namespace Oops.Dns;

/// <summary>
/// One UDP socket with one blocking thread: twice as fast as asynchronous receives, and without garbage, because both buffers and the peer's address are used again for each datagram.
/// </summary>
internal sealed class UdpEar : IDisposable
{
    /// <summary>Failed receives in a row after which the socket is given up, so that a lasting error does not spin.</summary>
    const int MaxFailures = 100;

    // The largest datagram: with a smaller buffer, recvfrom's MSG_TRUNC would come back as an exception per packet.
    readonly byte[] request = GC.AllocateUninitializedArray<byte>(65535);
    readonly byte[] response = GC.AllocateUninitializedArray<byte>(4096);
    readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Socket socket;
    readonly IPEndPoint local;
    readonly DnsListenerCounts counts;
    int failures;

    UdpEar(Socket socket, IPEndPoint local, DnsListenerCounts counts)
    {
        this.socket = socket;
        this.local = local;
        this.counts = counts;
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
        using var closing = stop.UnsafeRegister(static s => ((Socket)s!).Dispose(), socket); // ends the blocking receive
        new Thread(() => Loop(handler, stop)) { IsBackground = true, Name = "dns-udp" }.Start();
        await ended.Task.ConfigureAwait(false);
    }

    public void Dispose() => socket.Dispose();

    void Loop(DnsHandler handler, CancellationToken stop)
    {
        try
        {
            var from = new SocketAddress(socket.AddressFamily);
            while (!stop.IsCancellationRequested)
                Serve(handler, from, stop);
            ended.SetResult();
        }
        catch (ObjectDisposedException) when (stop.IsCancellationRequested)
        {
            ended.SetResult();
        }
        catch (Exception e) // not swallowed: the task that owns this thread throws it
        {
            ended.SetException(e);
        }
    }

    void Serve(DnsHandler handler, SocketAddress from, CancellationToken stop)
    {
        int length;
        try
        {
            length = socket.ReceiveFrom(request, SocketFlags.None, from);
            failures = 0;
        }
        catch (SocketException) when (stop.IsCancellationRequested)
        {
            return; // closed under the call
        }
        catch (SocketException) when (++failures < MaxFailures)
        {
            Interlocked.Increment(ref counts.UdpErrorsCell);
            return;
        }

        Interlocked.Increment(ref counts.UdpRequestsCell);
        var address = PeerAddress.From(from, out var port);
        if (port == 0) // cannot be answered, so it is forged
            return;
        var size = handler(request.AsSpan(0, length), response, new Peer(address, port, AskOver.Udp, local));
        if (size <= 0)
            return;
        try
        {
            socket.SendTo(response.AsSpan(0, size), SocketFlags.None, from);
        }
        catch (SocketException)
        {
            // ENETUNREACH, EPERM by a packet filter, ENOBUFS: this one peer's affair. Or the stop, which the loop sees.
            Interlocked.Increment(ref counts.UdpErrorsCell);
        }
    }
}
