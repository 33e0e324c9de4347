using Oops.Wire.Dns;

namespace Oops.Dns;

/// <summary>Takes a NOTIFY that was let in, on the listener's threads: marks the zone, without waiting.</summary>
internal delegate Noted NotifyTaker(in DnsName zone, Notified what, uint? serial, PeerAddress by);

/// <summary>Reads a request, judges it, has the zone marked and writes the reply: on the listener's threads, without waiting or allocating.</summary>
internal sealed class NotifyGate(NotifyRule[] rules, TsigKey[] keys, NotifyTaker take, NotifyRequests counts, TimeProvider time)
{
    // RFC 8914: Prohibited, Not Authoritative.
    const ushort Prohibited = 18;
    const ushort NotAuthoritative = 20;

    /// <summary>A <see cref="DnsHandler"/>.</summary>
    public int Answer(ReadOnlySpan<byte> request, Span<byte> response, in Peer peer)
    {
        var reading = NotifyRequest.TryRead(request, out var notify);
        if (NotifyRequest.RcodeOf(reading) is not { } rcode)
        {
            counts.Add(NotifyCount.Dropped);
            return 0;
        }

        if (reading == NotifyReading.FormErr)
        {
            counts.Add(NotifyCount.Malformed);
            return notify.WriteReply(request, response, rcode);
        }

        ushort? why = null;
        var signed = new TsigContext();
        var now = 0L;
        if (!MayKnow(peer.Address)) // before any MAC is computed: what is forbidden anyway must be cheap
        {
            counts.Add(NotifyCount.Forbidden);
            (rcode, why) = (DnsRcode.Refused, Prohibited);
        }
        else if (notify.HasTsig)
        {
            now = time.GetUtcNow().ToUnixTimeSeconds();
            switch (Tsig.VerifyRequest(request, keys, now, out signed))
            {
                case TsigStatus.Valid:
                    rcode = Judge(notify, reading, rcode, signed.Key, peer, out why);
                    break;
                case TsigStatus.FormErr:
                    counts.Add(NotifyCount.Malformed);
                    rcode = DnsRcode.FormErr;
                    break;
                default:
                    counts.Add(NotifyCount.BadSignature);
                    rcode = DnsRcode.NotAuth; // RFC 8945, 5.2
                    break;
            }
        }
        else
        {
            rcode = Judge(notify, reading, rcode, null, peer, out why);
        }

        var length = notify.WriteReply(request, response, rcode, why);
        return Tsig.TrySignResponse(response, ref length, request, signed, now) ? length : 0;
    }

    DnsRcode Judge(in NotifyRequest notify, NotifyReading reading, DnsRcode rcode, TsigKey? key, in Peer peer, out ushort? why)
    {
        why = null;
        if (reading != NotifyReading.Notify)
        {
            counts.Add(NotifyCount.NotNotify);
            return rcode;
        }

        if (!IsAllowed(peer.Address, key))
        {
            counts.Add(NotifyCount.Forbidden);
            why = Prohibited;
            return DnsRcode.Refused;
        }

        var what = notify.Type switch { DnsType.Cds => Notified.Cds, DnsType.Csync => Notified.Csync, _ => Notified.Soa };
        switch (take(notify.Zone, what, notify.Serial, peer.Address))
        {
            case Noted.NotOurs:
                counts.Add(NotifyCount.NotOurs);
                why = NotAuthoritative;
                return DnsRcode.Refused;
            case Noted.Full: // the notifier comes again (RFC 1996, 3.6), so nothing is lost
                counts.Add(NotifyCount.Full);
                return DnsRcode.ServFail;
            case Noted.Merged:
                counts.Add(NotifyCount.Merged);
                return rcode;
            case Noted.Unchanged:
                counts.Add(NotifyCount.Unchanged);
                return rcode;
            default:
                counts.Add(NotifyCount.Taken);
                return rcode;
        }
    }

    bool MayKnow(PeerAddress address)
    {
        foreach (var rule in rules)
        {
            if (Covers(rule, address))
                return true;
        }

        return false;
    }

    bool IsAllowed(PeerAddress address, TsigKey? key)
    {
        foreach (var rule in rules)
        {
            if (Covers(rule, address) && (rule.Key is not { } needed || (key is not null && key.Name == needed)))
                return true;
        }

        return false;
    }

    static bool Covers(NotifyRule rule, PeerAddress address)
    {
        for (var i = 0; i < rule.From.Length; i++)
        {
            if (rule.From[i].Contains(address))
                return true;
        }

        return rule.From.Length == 0;
    }
}
