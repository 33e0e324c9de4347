using System.Net;
using System.Net.Sockets;
using Oops.Dns;
using Xunit;

namespace Oops.Tests.Dns;

/// <summary>A listener on the loopback that is stopped at the end, and those who ask it.</summary>
internal sealed class ListenerRig : IAsyncDisposable
{
    readonly CancellationTokenSource stop = new();
    readonly List<Socket> sockets = [];

    public ListenerRig(DnsListenerOptions options, DnsHandler handler, TimeProvider? time = null)
    {
        Assert.True(DnsListener.TryBind(options, time ?? TimeProvider.System, out var listener, out var error), error);
        Listener = listener;
        Running = listener.RunAsync(handler, stop.Token);
    }

    public DnsListener Listener { get; }

    public Task Running { get; }

    public static DnsListenerOptions Loopback { get; } = new() { Addresses = [new(IPAddress.Loopback, 0)] };

    public static int Echo(ReadOnlySpan<byte> request, Span<byte> response, in Peer peer)
    {
        request.CopyTo(response);
        return request.Length;
    }

    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await Running.WaitAsync(TimeSpan.FromSeconds(10));
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Listener.Dispose();
        stop.Dispose();
        sockets.ForEach(s => s.Dispose());
    }

    /// <param name="type">Over UDP or TCP.</param>
    /// <param name="from">From this address; null: whichever.</param>
    /// <param name="to">Null: the listener's first.</param>
    public async Task<Socket> ConnectAsync(SocketType type, string? from = null, IPEndPoint? to = null)
    {
        to ??= Listener.Addresses[0];
        var socket = new Socket(to.AddressFamily, type, type == SocketType.Dgram ? ProtocolType.Udp : ProtocolType.Tcp) { ReceiveTimeout = 10_000 };
        sockets.Add(socket);
        if (from is not null) socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await socket.ConnectAsync(to);
        return socket;
    }

    /// <summary>As many octets as that, fewer where the other side closes before.</summary>
    public static async Task<byte[]> ReceiveAsync(Socket socket, int count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var buffer = new byte[count];
        var have = 0;
        while (have < count && await socket.ReceiveAsync(buffer.AsMemory(have), SocketFlags.None, limit.Token) is > 0 and var n) have += n;
        return buffer[..have];
    }

    /// <summary>A request over TCP is answered.</summary>
    public static async Task AskAsync(Socket tcp)
    {
        await tcp.SendAsync(new byte[] { 0, 1, 5 });
        Assert.Equal([0, 1, 5], await ReceiveAsync(tcp, 3));
    }

    /// <summary>Ends when the peer closes or resets, whatever it had to say before.</summary>
    public static async Task ClosedAsync(Socket socket)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            while (await socket.ReceiveAsync(new byte[4096], SocketFlags.None, limit.Token) > 0)
            {
            }
        }
        catch (SocketException)
        {
        }
    }

    public static async Task UntilAsync(Func<bool> met)
    {
        for (var i = 0; i < 1000 && !met(); i++) await Task.Delay(10);
        Assert.True(met());
    }
}
