using System.Net;

namespace Oops.Native;

/// <summary>A socket on <see cref="TcpThread"/> at which connections come.</summary>
internal sealed class TcpListening
{
    const int Backlog = 16;

    readonly TcpThread thread;
    readonly TcpSocket socket;
    readonly TimeProvider time;

    TcpListening(TcpThread thread, TcpSocket socket, TimeProvider time) => (this.thread, this.socket, this.time, At) = (thread, socket, time, socket.Address(peers: false)!);

    public IPEndPoint At { get; }

    /// <summary>Throws <see cref="IOException"/>: the kernel's word, with its errno as the HResult, or that of <paramref name="prepare"/>.</summary>
    public static Task<TcpListening> OpenAsync(TcpThread thread, IPEndPoint at, Func<TcpSocket, string?> prepare, TimeProvider time) => thread.AskAsync(() =>
    {
        var socket = TcpSocket.Open(thread, at.AddressFamily);
        try
        {
            if (socket.Bind(at) is > 0 and var cannotBind) throw TcpSocket.Failure(cannotBind);
            if (prepare(socket) is { } cannot) throw new IOException(cannot);
            return socket.Listen(Backlog) is > 0 and var cannotListen ? throw TcpSocket.Failure(cannotListen) : new TcpListening(thread, socket, time);
        }
        catch (IOException)
        {
            socket.Close();
            throw;
        }
    });

    /// <summary>The next that comes.</summary>
    public Task<TcpConnection> AcceptAsync(CancellationToken stop) => socket.WhenReadyAsync(EpollEvents.In, (out TcpConnection connection) =>
    {
        var errno = socket.Accept(out var accepted);
        connection = accepted is null ? null! : new(thread, accepted, time);
        return errno;
    }, stop);

    public Task CloseAsync() => thread.AskAsync(() =>
    {
        socket.Close();
        return true;
    });
}
