using System.Net.Sockets;
using System.Text;
using Oops.Native;
using Xunit;

namespace Oops.Tests.Native;

public sealed class SdNotifyTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    static (Socket Listener, Func<string> Next) Listen(string bound)
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 5000 };
        listener.Bind(new UnixDomainSocketEndPoint(bound));
        var buffer = new byte[4096];
        return (listener, () => Encoding.UTF8.GetString(buffer, 0, listener.Receive(buffer)));
    }

    [Fact]
    public void Each_state_is_one_datagram_in_systemds_words()
    {
        var (listener, next) = Listen(folder.File("notify"));
        using var _ = listener;
        using var notify = new SdNotify(folder.File("notify"));
        Assert.True(notify.Ready("1 route\nannounced"));
        Assert.Equal("READY=1\nSTATUS=1 route announced", next());
        Assert.True(notify.Status("x"));
        Assert.Equal("STATUS=x", next());
        Assert.True(notify.Stopping("bye"));
        Assert.Equal("STOPPING=1\nSTATUS=bye", next());
        Assert.True(notify.Watchdog());
        Assert.Equal("WATCHDOG=1", next());
        Assert.True(notify.Reloading("again"));
        var lines = next().Split('\n');
        Assert.Equal("RELOADING=1", lines[0]);
        Assert.InRange(BootClock.MonotonicMicroseconds - long.Parse(lines[1].Split("MONOTONIC_USEC=")[1]), 0, 10_000_000);
    }

    [Fact]
    public void An_abstract_address_works()
    {
        var name = $"oops-test-{Environment.ProcessId}-{Guid.NewGuid():n}";
        var (listener, next) = Listen("\0" + name);
        using var _ = listener;
        using var notify = new SdNotify("@" + name);
        Assert.True(notify.Watchdog());
        Assert.Equal("WATCHDOG=1", next());
    }

    [Fact]
    public void Nobody_listening_is_not_our_failure()
    {
        using var notify = new SdNotify(folder.File("none"));
        Assert.False(notify.Watchdog());
    }

    [Fact]
    public void A_full_queue_does_not_block()
    {
        var (listener, _) = Listen(folder.File("notify"));
        using var __ = listener;
        using var notify = new SdNotify(folder.File("notify"));
        var sent = 0;
        while (sent < 10_000 && notify.Status("x")) sent++;
        Assert.InRange(sent, 1, 9_999);
    }

    [Theory]
    [InlineData("")]
    [InlineData("@")]
    [InlineData("vsock:2:1")]
    [InlineData("relative")]
    public void Another_kind_of_address_is_refused(string address) => Assert.Throws<ArgumentException>(() => new SdNotify(address));
}
