using System.Net;
using System.Net.Sockets;
using Oops.Native;
using Xunit;

namespace Oops.Tests.Native;

public sealed class TcpOptionsTests
{
    static readonly TcpThread There = TcpThread.Instance;

    [Fact]
    public async Task A_password_lets_in_who_has_it_and_keeps_out_who_has_none()
    {
        var listening = await TcpListening.OpenAsync(There, new IPEndPoint(IPAddress.IPv6Loopback, 0), s => TcpOptions.SetPassword(s, IPAddress.IPv6Loopback, "secret"), TimeProvider.System);
        using var late = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TcpConnection.ConnectAsync(There, null, listening.At, _ => null, TimeProvider.System, late.Token));
        var one = await TcpConnection.ConnectAsync(There, null, listening.At, s => TcpOptions.SetPassword(s, IPAddress.IPv6Loopback, "secret"), TimeProvider.System, default);
        await one.CloseAsync();
        await listening.CloseAsync();
    }

    [Fact]
    public async Task Hops_are_counted_down_from_255()
    {
        var (four, six) = await There.AskAsync(() => (Hops(AddressFamily.InterNetwork, 1, 0, 2, 21), Hops(AddressFamily.InterNetworkV6, 3, 41, 16, 73)));
        Assert.Equal((255, 255), four);
        Assert.Equal((255, 253), six);
    }

    static (int Ttl, int Least) Hops(AddressFamily family, int hops, int level, int ttl, int least)
    {
        var socket = TcpSocket.Open(There, family);
        Assert.Null(TcpOptions.SetHops(socket, hops));
        Assert.Equal((0, 0), (socket.Get(level, ttl, out var one), socket.Get(level, least, out var other)));
        socket.Close();
        return (one, other);
    }
}
