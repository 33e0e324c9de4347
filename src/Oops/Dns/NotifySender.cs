using System.Net;
using System.Net.Sockets;
using Oops.Native;
using Oops.Wire.Dns;

namespace Oops.Dns;

/// <summary>Who is to be notified.</summary>
/// <param name="Name">In words.</param>
/// <param name="Addresses">They are tried in turn.</param>
/// <param name="Key">Signs the NOTIFY, and then only a signed answer counts; null: nothing is signed.</param>
internal sealed record Notifiee(string Name, IReadOnlyList<IPEndPoint> Addresses, TsigKey? Key = null);

/// <summary>What came of a NOTIFY.</summary>
/// <param name="Rcode">Null: nobody answered.</param>
/// <param name="Text">In words.</param>
internal sealed record NotifyAnswer(DnsRcode? Rcode, string Text);

/// <summary>Sends a NOTIFY until somebody answers, over UDP, with growing waits (RFC 1996, 3.6); each time to the next address that something can be sent to.</summary>
internal sealed class NotifySender(TimeSpan timeout, int tries, TimeProvider time)
{
    /// <summary>Of which records it tells: SOA, CDS or CSYNC.</summary>
    public DnsType Type { get; init; } = DnsType.Soa;

    /// <summary>To whom errors may be reported (RFC 9567; RFC 9859, 4.3); null: to nobody.</summary>
    public DnsName? Agent { get; init; }

    public async Task<NotifyAnswer> SendAsync(Notifiee target, DnsName zone, CancellationToken stop)
    {
        // To an address that nothing can be sent to (of a family that this host does not have, most often) nothing was sent: that is no try.
        var left = target.Addresses.ToList();
        var (sent, at, why) = (0, 0, "");
        while (sent < tries && left.Count > 0)
        {
            at %= left.Count;
            var to = left[at];
            var (rcode, reason, wasSent) = await TryAsync(to, target.Key, zone, timeout * (1 << sent), stop).ConfigureAwait(false);
            if (rcode is { } code) return new(code, $"{to.Address} answered {DnsWords.Of(code)}");
            why = $"{to.Address}: {reason}";
            if (wasSent)
            {
                sent++;
                at++;
            }
            else
            {
                left.RemoveAt(at);
            }
        }

        return new(null, sent == 0 ? $"no NOTIFY could be sent ({why})" : $"no answer to {sent} NOTIFYs ({why})");
    }

    async Task<(DnsRcode? Rcode, string Why, bool Sent)> TryAsync(IPEndPoint to, TsigKey? key, DnsName zone, TimeSpan wait, CancellationToken stop)
    {
        using var deadline = new CancellationTokenSource(wait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, deadline.Token);
        var buffer = new byte[ushort.MaxValue];
        var id = Unpredictable.UInt16();
        var length = NotifyQuery.Write(buffer, id, zone, Type, Agent);
        var signed = new TsigContext();
        if (key is not null) Tsig.TrySignRequest(buffer, ref length, key, time.GetUtcNow().ToUnixTimeSeconds(), out signed);
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
                    if (NotifyQuery.Read(buffer.AsSpan(0, received), id, zone, Type) is not { } rcode) continue;
                    if (key is null || Signature.Complaint(buffer.AsSpan(0, received), signed, time) is not { } unsigned) return (rcode, "", true);
                    // Anybody can say that: the real answer may still come.
                    why = $"{DnsWords.Of(rcode)}, not signed ({unsigned})";
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
            return (null, why, true);
        }
        catch (SocketException e)
        {
            return (null, DnsAsker.Explain(e.SocketErrorCode).Why, false);
        }
    }
}
