using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Oops.Native;

namespace Oops.Dns;

/// <summary>
/// One UDP socket with one blocking thread, which takes and answers as many datagrams per system call as there are: several times as fast as asynchronous receives, and without garbage,
/// because the buffers and the peers' addresses are used again for each.
/// </summary>
internal sealed class UdpEar : IDisposable
{
    /// <summary>Failed receives in a row after which the socket is given up, so that a lasting error does not spin.</summary>
    const int MaxFailures = 100;

    readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Socket socket;
    readonly IPEndPoint local;
    readonly DnsListenerCounts counts;
    readonly TimeProvider time;
    readonly Lock gate = new();
    bool running;
    volatile bool stopping;
    int failures;

    UdpEar(Socket socket, IPEndPoint local, DnsListenerCounts counts, TimeProvider time)
    {
        this.socket = socket;
        this.local = local;
        this.counts = counts;
        this.time = time;
    }

    /// <exception cref="SocketException">The address cannot be had.</exception>
    public static UdpEar Bind(IPEndPoint address, bool shared, DnsListenerCounts counts, TimeProvider time)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (shared)
                socket.SetRawSocketOption(1, 15, BitConverter.GetBytes(1)); // SOL_SOCKET, SO_REUSEPORT
            socket.ReceiveBufferSize = 4 << 20; // a burst of some thousand; the kernel takes what net.core.rmem_max allows
            socket.Bind(address);
            return new UdpEar(socket, address, counts, time);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Ends when <paramref name="stop"/> is cancelled; throws what the handler threw. The socket is closed then.</summary>
    public async Task RunAsync(DnsHandler handler, CancellationToken stop)
    {
        var thread = new Thread(() => Loop(handler)) { IsBackground = true, Name = "dns-udp" };
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(stopping, this);
            thread.Start();
            running = true;
        }

        using var stopped = stop.UnsafeRegister(static e => ((UdpEar)e!).Dispose(), this);
        await ended.Task.ConfigureAwait(false);
    }

    /// <summary>Ends the thread, which closes the socket when it no longer uses it; where there is none, the socket is closed now.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            stopping = true;
            if (!running)
                socket.Dispose();
            else if (!socket.SafeHandle.IsClosed)
                DatagramBatch.EndReceives(socket.SafeHandle);
        }
    }

    void Loop(DnsHandler handler)
    {
        Exception? fault = null;
        try
        {
            using var batch = new DatagramBatch();
            while (!stopping)
                Serve(handler, batch);
        }
        catch (Exception e) // not swallowed: the task that owns this thread throws it
        {
            fault = e;
        }

        lock (gate)
            socket.Dispose();
        if (fault is null)
            ended.SetResult();
        else
            ended.SetException(fault);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Serve(DnsHandler handler, DatagramBatch batch)
    {
        var n = batch.Receive(socket.SafeHandle);
        if (stopping || n == -Errno.Interrupted)
            return;
        if (n < 0)
        {
            Interlocked.Increment(ref counts.UdpErrorsCell);
            if (++failures >= MaxFailures)
                throw Errno.Fatal("recvmmsg", -n);
            return;
        }

        failures = 0;
        Interlocked.Add(ref counts.UdpRequestsCell, n);
        var at = Arrival.Now(time);
        var bad = 0;
        for (var i = 0; i < n; i++)
        {
            if (batch.IsCut(i))
            {
                bad++;
                continue;
            }

            var request = batch.Request(i);
            var address = PeerAddress.From(batch.Name(i), out var port);
            if (port == 0 || request.IsEmpty) // the one cannot be answered, so it is forged; the other asks nothing
                continue;
            var size = handler(request, batch.Response, new Peer(address, port, Transport.Udp, local) { At = at });
            if (size > 0)
                batch.Answer(i, size);
        }

        bad += batch.Send(socket.SafeHandle);
        if (bad > 0)
            Interlocked.Add(ref counts.UdpErrorsCell, bad);
    }
}
