using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Oops.Dns;

/// <summary>
/// Serves TCP connections (RFC 7766): each may send any number of requests, one behind the other, and is closed when it is quiet for too long. The clock of a connection is set
/// back only by a whole request, so a peer that sends an octet now and then gains nothing.
/// </summary>
internal sealed class TcpEar(DnsListenerOptions options, DnsHandler handler, DnsListenerCounts counts, TimeProvider time)
{
    readonly LinkedList<Connection> quietest = new(); // the front one was quiet longest
    readonly Dictionary<UInt128, int> perPeer = [];
    readonly Lock gate = new();

    /// <summary>Accepts on one listening socket until <paramref name="stop"/>, and then waits for its connections to close.</summary>
    public async Task RunAsync(Socket socket, CancellationToken stop)
    {
        var local = (IPEndPoint)socket.LocalEndPoint!;
        var open = new HashSet<Task>();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        stop = ending.Token;
        try
        {
            while (!stop.IsCancellationRequested)
            {
                Socket accepted;
                try
                {
                    accepted = await socket.AcceptAsync(stop).ConfigureAwait(false);
                }
                catch (SocketException) when (!stop.IsCancellationRequested)
                {
                    // ECONNABORTED is the peer's; EMFILE is ours and lasts, so do not spin on it.
                    await Task.Delay(TimeSpan.FromMilliseconds(50), time, stop).ConfigureAwait(false);
                    continue;
                }

                Interlocked.Increment(ref counts.TcpAcceptedCell);
                open.RemoveWhere(static t => t.IsCompletedSuccessfully);
                open.Add(ServeAsync(accepted, local, ending));
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped, or the handler failed on one of the connections, which throws below.
        }

        await Task.WhenAll(open).ConfigureAwait(false);
    }

    async Task ServeAsync(Socket socket, IPEndPoint local, CancellationTokenSource ending)
    {
        var stop = ending.Token;
        using var connection = new Connection(socket, time);
        if (!TryAdmit(connection))
        {
            Interlocked.Increment(ref counts.TcpClosedCell);
            return;
        }

        using var stopping = stop.UnsafeRegister(static c => ((CancellationTokenSource)c!).Cancel(), connection.Quiet);
        try
        {
            var peer = new Peer(connection.Address, connection.Port, AskOver.Tcp, local);
            do
            {
                Touch(connection);
            }
            while (await ServeOneAsync(socket, peer, connection.Quiet.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            if (!stop.IsCancellationRequested)
                Interlocked.Increment(ref counts.TcpClosedCell);
        }
        catch (SocketException)
        {
            // ECONNRESET and its kin are how peers hang up.
        }
        catch
        {
            await ending.CancelAsync().ConfigureAwait(false); // a fault of the handler ends the listener
            throw;
        }
        finally
        {
            Leave(connection);
        }
    }

    /// <summary>False when the peer has closed, also in the middle of a request.</summary>
    async ValueTask<bool> ServeOneAsync(Socket socket, Peer peer, CancellationToken quiet)
    {
        var head = ArrayPool<byte>.Shared.Rent(2);
        byte[]? request = null;
        byte[]? response = null;
        try
        {
            if (!await ReadAsync(socket, head.AsMemory(0, 2), quiet).ConfigureAwait(false))
                return false;
            int length = BinaryPrimitives.ReadUInt16BigEndian(head);
            request = ArrayPool<byte>.Shared.Rent(Math.Max(length, 1));
            if (!await ReadAsync(socket, request.AsMemory(0, length), quiet).ConfigureAwait(false))
                return false;
            Interlocked.Increment(ref counts.TcpRequestsCell);
            response = ArrayPool<byte>.Shared.Rent(4096);
            var size = handler(request.AsSpan(0, length), response.AsSpan(2, 4000), peer);
            if (size == 0)
                return true;
            BinaryPrimitives.WriteUInt16BigEndian(response, (ushort)size);
            for (var rest = response.AsMemory(0, 2 + size); !rest.IsEmpty;)
                rest = rest[await socket.SendAsync(rest, SocketFlags.None, quiet).ConfigureAwait(false)..];
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(head);
            if (request is not null)
                ArrayPool<byte>.Shared.Return(request);
            if (response is not null)
                ArrayPool<byte>.Shared.Return(response);
        }
    }

    static async ValueTask<bool> ReadAsync(Socket socket, Memory<byte> into, CancellationToken quiet)
    {
        while (!into.IsEmpty)
        {
            var n = await socket.ReceiveAsync(into, SocketFlags.None, quiet).ConfigureAwait(false);
            if (n == 0)
                return false;
            into = into[n..];
        }

        return true;
    }

    bool TryAdmit(Connection connection)
    {
        lock (gate)
        {
            var had = perPeer.GetValueOrDefault(connection.Party);
            if (had >= options.ConnectionsPerPeer)
                return false;
            if (quietest.Count >= options.Connections)
            {
                var oldest = quietest.First!;
                quietest.Remove(oldest);
                oldest.Value.Quiet.CancelAfter(TimeSpan.Zero); // not Cancel(): its continuation must not run under the lock
            }

            perPeer[connection.Party] = had + 1;
            quietest.AddLast(connection.Node);
            return true;
        }
    }

    void Touch(Connection connection)
    {
        lock (gate)
        {
            if (connection.Node.List is null) // chosen to make room
                return;
            quietest.Remove(connection.Node);
            quietest.AddLast(connection.Node);
            connection.Quiet.CancelAfter(options.Idle);
        }
    }

    void Leave(Connection connection)
    {
        lock (gate)
        {
            if (connection.Node.List is not null)
                quietest.Remove(connection.Node);
            if (--perPeer[connection.Party] == 0)
                perPeer.Remove(connection.Party);
        }
    }

    sealed class Connection : IDisposable
    {
        readonly Socket socket;

        public Connection(Socket socket, TimeProvider time)
        {
            this.socket = socket;
            Quiet = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
            Node = new LinkedListNode<Connection>(this);
            if (TryRemote(socket) is { } remote)
            {
                Address = PeerAddress.From(remote.Address);
                Port = (ushort)remote.Port;
            }

            Party = Address.IsV4 ? Address.Bits : Address.Bits >> 64;
        }

        public CancellationTokenSource Quiet { get; }

        public LinkedListNode<Connection> Node { get; }

        public PeerAddress Address { get; }

        public ushort Port { get; }

        /// <summary>Whose connections are counted together: an IPv4 address, an IPv6 /64.</summary>
        public UInt128 Party { get; }

        public void Dispose()
        {
            socket.Dispose();
            Quiet.Dispose();
        }

        /// <summary>Null if the peer has gone already: getpeername then fails.</summary>
        static IPEndPoint? TryRemote(Socket socket)
        {
            try
            {
                return (IPEndPoint?)socket.RemoteEndPoint;
            }
            catch (SocketException)
            {
                return null;
            }
        }
    }
}
