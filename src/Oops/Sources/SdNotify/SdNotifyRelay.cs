using Oops.Core;
using Oops.Engine;
using Oops.Native;
using Oops.Wire.SdNotify;

namespace Oops.Sources.SdNotify;

/// <summary>
/// The loop of an <see cref="SdNotifySource"/>: one thread that drains the socket. The kernel keeps ten datagrams (net.unix.max_dgram_qlen) and lets a server that sends another one wait: so nothing here waits for anything.
/// </summary>
internal sealed class SdNotifyRelay : IDisposable
{
    const long SocketToken = 1;
    const int MostInARow = 64;
    const int LongestDatagram = 64 * 1024;

    static readonly TimeSpan Again = TimeSpan.FromMilliseconds(5);
    static readonly TimeSpan BindAgain = TimeSpan.FromSeconds(1);

    readonly SdNotifyTarget target;
    readonly IEngine engine;
    readonly SdNotifyCounts counts;
    readonly SdNotifyWords words;
    readonly SdNotifyForward? forward;
    readonly Epoll epoll = new();
    readonly byte[] buffer = new byte[LongestDatagram];
    DatagramSocket? socket;
    string? told;
    volatile bool stopping;

    public SdNotifyRelay(SdNotifyTarget target, IEngine engine, SdNotifyCounts counts)
    {
        (this.target, this.engine, this.counts) = (target, engine, counts);
        words = new(target, engine, counts);
        if (target.Forward is not null) forward = new(target.Forward, counts);
    }

    /// <summary>Any thread: the view of the server has changed.</summary>
    public void Wake() => epoll.Wake();

    /// <summary>Any thread.</summary>
    public void Stop()
    {
        stopping = true;
        epoll.Wake();
    }

    /// <summary>Runs until <see cref="Stop"/>.</summary>
    public void Loop()
    {
        var ready = new EpollReady[2];
        while (!stopping)
        {
            if (socket is null) Bind();
            var wait = socket is null ? BindAgain : forward is { IsWaiting: true } ? Again : Timeout.InfiniteTimeSpan;
            if (epoll.Wait(ready, wait) > 0) Drain();
            forward?.Again(Now);
            words.Look();
        }
    }

    public void Dispose()
    {
        if (socket is not null) epoll.Remove(socket.Handle);
        socket?.Dispose();
        forward?.Dispose();
        epoll.Dispose();
    }

    static long Now => Environment.TickCount64;

    void Bind()
    {
        var made = new DatagramSocket();
        if (made.Bind(target.Listen) is { } why)
        {
            made.Dispose();
            Lost(why);
            return;
        }

        socket = made;
        epoll.Add(made.Handle, EpollEvents.In, SocketToken);
        // The socket is drained all the same: a server must not wait because we lack a capability. But what waits for a READY that does not come through is in danger, and that has to be seen.
        if (forward is not null && SdNotifyForward.Hindrance() is { } hindrance) Lost($"nothing is forwarded to {target.Forward}: {hindrance}");
        else Opened();
    }

    void Drain()
    {
        // At most so many in a row, so that what waits to be forwarded has its turn; epoll comes back for the rest.
        for (var i = 0; i < MostInARow && !stopping && socket!.TryReceive(buffer, out var datagram); i++)
        {
            counts.Received();
            var bytes = buffer.AsSpan(0, datagram.Length);
            if (datagram.IsCut)
            {
                counts.TooLong();
                SdNotifyForward.Close(datagram.Files);
                continue;
            }

            if (forward is null) SdNotifyForward.Close(datagram.Files);
            else forward.Send(bytes, datagram, Now);
            if (told is null) words.Hear(datagram.Pid, SdNotifyCodec.Read(bytes));
        }
    }

    void Opened()
    {
        told = null;
        engine.Send(new ChannelOpened(target.Channel));
    }

    void Lost(string why)
    {
        if (told == why) return;
        told = why;
        engine.Send(new ChannelLost(target.Channel, $"sd-notify: {why}"));
    }
}
