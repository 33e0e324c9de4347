using System.Net;
using System.Net.Sockets;
using Oops.Dns;
using Oops.Native;
using Oops.Wire.Dns;

namespace Oops.Actions.NotifyParent;

/// <summary>What came of a NOTIFY.</summary>
/// <param name="Rcode">Null: nobody answered.</param>
/// <param name="Text">In words.</param>
internal sealed record NotifyAnswer(DnsRcode? Rcode, string Text);

/// <summary>Sends a NOTIFY until somebody answers, over UDP, with growing waits (RFC 1996, 3.6); each time to the next address.</summary>
internal sealed class NotifySender(TimeSpan timeout, int tries, DnsName? agent, TimeProvider time)
{
    public async Task<NotifyAnswer> SendAsync(NotifyTarget target, DnsName zone, CancellationToken stop)
    {
        var why = "";
        for (var i = 0; i < tries; i++)
        {
            var to = target.Addresses[i % target.Addresses.Count];
            var (rcode, reason) = await TryAsync(to, zone, timeout * (1 << i), stop).ConfigureAwait(false);
            if (rcode is { } code) return new(code, $"{to.Address} answered {DnsWords.Of(code)}");
            why = $"{to.Address}: {reason}";
        }

        return new(null, $"no answer to {tries} NOTIFYs ({why})");
    }

    async Task<(DnsRcode? Rcode, string Why)> TryAsync(IPEndPoint to, DnsName zone, TimeSpan wait, CancellationToken stop)
    {
        using var deadline = new CancellationTokenSource(wait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, deadline.Token);
        var buffer = new byte[ushort.MaxValue];
        var id = Unpredictable.UInt16();
        var length = NotifyQuery.Write(buffer, id, zone, DnsType.Cds, agent);
        var why = "no answer";
        try
        {
            using var socket = new Socket(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            await socket.ConnectAsync(to, either.Token).ConfigureAwait(false);
            await socket.SendAsync(buffer.AsMemory(0, length), SocketFlags.None, either.Token).ConfigureAwait(false);
            while (true)
            {
                try
                {
                    var received = await socket.ReceiveAsync(buffer, SocketFlags.None, either.Token).ConfigureAwait(false);
                    if (NotifyQuery.Read(buffer.AsSpan(0, received), id, zone, DnsType.Cds) is { } rcode) return (rcode, "");
                }
                catch (SocketException e)
                {
                    // Nobody listens there now: the rest of the wait is for who is about to.
                    why = DnsAsker.Explain(e.SocketErrorCode).Why;
                    await Task.Delay(Timeout.InfiniteTimeSpan, time, either.Token).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            stop.ThrowIfCancellationRequested();
            return (null, why);
        }
        catch (SocketException e)
        {
            return (null, DnsAsker.Explain(e.SocketErrorCode).Why);
        }
    }
}
