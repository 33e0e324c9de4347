using System.Net;
using System.Net.Sockets;
using Oops.Native;
using Xunit;

namespace Oops.Tests.Native;

public sealed class TcpOptionsTests
{
    [Fact]
    public async Task A_password_lets_in_who_has_it_and_keeps_out_who_has_none()
    {
        using var listener = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = false };
        Assert.Null(TcpOptions.SetPassword(listener, IPAddress.IPv6Loopback, "secret"));
        listener.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        listener.Listen();

        using var none = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        using var late = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await none.ConnectAsync(listener.LocalEndPoint!, late.Token));

        using var one = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        Assert.Null(TcpOptions.SetPassword(one, IPAddress.IPv6Loopback, "secret"));
        await one.ConnectAsync(listener.LocalEndPoint!);
    }

    [Fact]
    public void Hops_are_counted_down_from_255()
    {
        using var four = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var six = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        Assert.Null(TcpOptions.SetHops(four, 1));
        Assert.Null(TcpOptions.SetHops(six, 3));
        Assert.Equal((255, 255), (Get(four, 0, 2), Get(four, 0, 21)));
        Assert.Equal((255, 253), (Get(six, 41, 16), Get(six, 41, 73)));
    }

    [Fact]
    public void What_is_written_is_acknowledged_by_the_peers_kernel()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var one = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        one.Connect(listener.LocalEndPoint!);
        one.Send(new byte[100]);
        Assert.True(SpinWait.SpinUntil(() => TcpOptions.Unacknowledged(one) == 0, 5000));
        one.Blocking = false;
        while (true)
        {
            one.Send(new byte[65536], SocketFlags.None, out var error);
            if (error != SocketError.Success) break;
        }

        Assert.True(TcpOptions.Unacknowledged(one) > 0);
        one.Dispose();
        Assert.Equal(0, TcpOptions.Unacknowledged(one));
    }

    static int Get(Socket socket, int level, int option)
    {
        Span<byte> value = stackalloc byte[4];
        Assert.Equal(4, socket.GetRawSocketOption(level, option, value));
        return BitConverter.ToInt32(value);
    }
}
