using System.Net;
using System.Net.Sockets;
using Oops.Dns;
using Oops.Wire.Syslog;

namespace Oops.Actions.Syslog;

/// <summary>The way to a receiver. A connection is kept from one message to the next: whoever takes syslog over one expects that.</summary>
internal sealed class SyslogLink(IPEndPoint to, SyslogTransport transport, TlsProof? proof, TimeSpan patience, TimeProvider time) : IDisposable
{
    Socket? socket;
    Stream? stream;
    Task gone = Task.CompletedTask;

    public IPEndPoint To => to;

    /// <summary>A connection stands, as far as one can know.</summary>
    public bool IsOpen => stream is not null && !gone.IsCompleted;

    /// <summary>Null: sent. Else why not.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public async Task<string?> SendAsync(SyslogMessage message, CancellationToken stop)
    {
        if (transport == SyslogTransport.Udp)
            return await Bounded.RunAsync(patience, time, null, deadline => SendDatagramAsync(message.Write(SyslogMessage.LongestDatagram), deadline), stop).ConfigureAwait(false);
        if (!IsOpen && await ConnectAsync(stop).ConfigureAwait(false) is { } why)
            return why;
        var sent = false;
        try
        {
            var wrong = await Bounded.RunAsync(patience, time, null, async deadline =>
            {
                await stream!.WriteAsync(SyslogMessage.Framed(message.Write(SyslogMessage.LongestStream)), deadline).ConfigureAwait(false);
                return null;
            }, stop).ConfigureAwait(false);
            sent = wrong is null;
            return wrong;
        }
        finally
        {
            // Half a message may have gone out.
            if (!sent)
                Dispose();
        }
    }

    public void Dispose()
    {
        stream?.Dispose();
        socket?.Dispose();
        (socket, stream, gone) = (null, null, Task.CompletedTask);
    }

    async Task<string?> ConnectAsync(CancellationToken stop)
    {
        Dispose();
        var judge = proof is null ? null : new TlsJudge(proof);
        var why = await Bounded.RunAsync(patience, time, judge, async deadline =>
        {
            socket = new(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            await socket.ConnectAsync(to, deadline).ConfigureAwait(false);
            var plain = new NetworkStream(socket, ownsSocket: false);
            stream = plain;
            if (judge is null)
                return null;
            (stream, var unusable) = await judge.BeginAsync(plain, time, deadline).ConfigureAwait(false);
            return stream is null ? unusable : null;
        }, stop).ConfigureAwait(false);
        if (why is null)
            gone = WatchAsync(stream!);
        else
            Dispose();
        return why;
    }

    /// <summary>A receiver says nothing; that it has closed is heard only by who reads, and a message that is written after that is lost without a word.</summary>
    static async Task WatchAsync(Stream stream)
    {
        var passedOver = new byte[512];
        try
        {
            while (await stream.ReadAsync(passedOver).ConfigureAwait(false) > 0)
            {
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It is gone all the same.
        }
    }

    async Task<string?> SendDatagramAsync(byte[] message, CancellationToken stop)
    {
        using var datagram = new Socket(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await datagram.SendToAsync(message, SocketFlags.None, to, stop).ConfigureAwait(false);
        return null;
    }
}
