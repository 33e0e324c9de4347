using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Oops.Wire.Dns;

/// <summary>What a verification found.</summary>
public enum TsigStatus
{
    /// <summary>Signed by a key that we know, in time.</summary>
    Valid,

    /// <summary>Not signed.</summary>
    Absent,

    /// <summary>Not where it must be, more than one, or a MAC of an illegal size: answer FORMERR without TSIG.</summary>
    FormErr,

    /// <summary>A key or algorithm that we do not have: NOTAUTH, unsigned TSIG with error 17.</summary>
    BadKey,

    /// <summary>The MAC is wrong: NOTAUTH, unsigned TSIG with error 16.</summary>
    BadSig,

    /// <summary>The MAC is right and the time is more than the fudge away from ours: NOTAUTH, signed, error 18.</summary>
    BadTime,

    /// <summary>The MAC is right and shorter than we accept: NOTAUTH, signed, error 22.</summary>
    BadTrunc,

    /// <summary>Responses only: the peer says, unsigned, that our key or MAC is wrong. Anyone can forge that, so it ends nothing.</summary>
    PeerRefused,
}

/// <summary>What the response needs to know of the signature on the request. Default: the request was not signed.</summary>
public struct TsigContext
{
    Macs mac;
    int macLength;

    /// <summary>The key that signed; null if the request was unsigned or its key or MAC was wrong.</summary>
    public TsigKey? Key { readonly get; internal set; }

    public TsigStatus Status { readonly get; internal set; } = TsigStatus.Absent;

    public TsigContext()
    {
    }

    /// <summary>The request's MAC, which the response's signature covers.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Mac => ((ReadOnlySpan<byte>)mac)[..macLength];

    internal void SetMac(scoped ReadOnlySpan<byte> mac)
    {
        mac.CopyTo(this.mac);
        macLength = mac.Length;
    }

    [InlineArray(TsigKey.MaxMac)]
    struct Macs
    {
        byte first;
    }
}

/// <summary>
/// Transaction signatures (RFC 8945) on single requests and responses: NOTIFY, SOA. Times are Unix seconds. MACs are compared in constant time.
/// Nothing is allocated for messages below 2 KiB.
/// </summary>
public static class Tsig
{
    /// <summary>Seconds that the clocks may differ by in what we sign (RFC 8945, 10).</summary>
    public const ushort Fudge = 300;

    /// <summary>Octets that signing adds at most.</summary>
    public const int MaxSize = DnsName.MaxLength + 10 + DnsName.MaxLength + 16 + TsigKey.MaxMac + 6;

    const int OnStack = 2048;
    const ushort BadSig = 16;
    const ushort BadKey = 17;
    const ushort BadTime = 18;
    const ushort BadTrunc = 22;

    /// <summary>Signs the request in <paramref name="buffer"/>; false if the buffer is too small. The context verifies the response.</summary>
    public static bool TrySignRequest(Span<byte> buffer, ref int length, TsigKey key, long now, out TsigContext context)
    {
        context = new TsigContext { Key = key, Status = TsigStatus.Valid };
        Span<byte> mac = stackalloc byte[TsigKey.MaxMac];
        scoped var tsig = new TsigRecord { Time = now, Fudge = Fudge };
        Sign(buffer[..length], ref tsig, key, [], key.MacSize, mac);
        context.SetMac(tsig.Mac);
        return TryAppend(buffer, ref length, tsig);
    }

    /// <summary>Verifies a request against <paramref name="keys"/>, in the order of RFC 8945 (5.2): key, MAC, time, truncation.</summary>
    public static TsigStatus VerifyRequest(ReadOnlySpan<byte> message, ReadOnlySpan<TsigKey> keys, long now, out TsigContext context)
    {
        context = new TsigContext();
        context.Status = TsigRecord.Find(message, out var tsig);
        if (context.Status != TsigStatus.Valid)
            return context.Status;
        TsigKey? key = null;
        foreach (var candidate in keys)
        {
            if (candidate.Name == tsig.Key && candidate.AlgorithmName == tsig.Algorithm)
                key = candidate;
        }

        context.Status = key is null ? TsigStatus.BadKey : Verify(message, tsig, key, [], now);
        if (context.Status is not (TsigStatus.Valid or TsigStatus.BadTime or TsigStatus.BadTrunc))
            return context.Status;
        context.Key = key;
        context.SetMac(tsig.Mac);
        return context.Status;
    }

    /// <summary>
    /// Gives a response the TSIG record that its request asks for: none for an unsigned or badly formed one, an unsigned one for BADKEY and BADSIG, a signed one otherwise. The caller has set
    /// the response code: NOTAUTH for everything from BADKEY on. False if the buffer is too small.
    /// </summary>
    public static bool TrySignResponse(Span<byte> buffer, ref int length, ReadOnlySpan<byte> request, in TsigContext context, long now)
    {
        if (context.Status is TsigStatus.Absent or TsigStatus.FormErr || TsigRecord.Find(request, out var asked) != TsigStatus.Valid)
            return true;
        Span<byte> mac = stackalloc byte[TsigKey.MaxMac];
        Span<byte> other = stackalloc byte[6];
        scoped var tsig = new TsigRecord { Time = asked.Time, Fudge = Fudge };
        switch (context.Status)
        {
            case TsigStatus.BadKey:
                tsig.Error = BadKey;
                break;
            case TsigStatus.BadSig:
                tsig.Error = BadSig;
                break;
            case TsigStatus.BadTime: // echoes the client's time and gives ours in Other Data (5.2.3)
                tsig.Error = BadTime;
                BinaryPrimitives.WriteUInt16BigEndian(other, (ushort)(now >> 32));
                BinaryPrimitives.WriteUInt32BigEndian(other[2..], (uint)now);
                tsig.Other = other;
                break;
            case TsigStatus.BadTrunc:
                tsig.Error = BadTrunc;
                tsig.Time = now;
                break;
            default:
                tsig.Time = now;
                break;
        }

        if (context.Key is null)
        {
            tsig.Key = asked.Key;
            tsig.Algorithm = asked.Algorithm;
            tsig.OriginalId = asked.OriginalId;
        }
        else
        {
            // 5.2.2.1: a response is cut no further than its request, and never below our own policy.
            Sign(buffer[..length], ref tsig, context.Key, context.Mac, Math.Max(context.Key.MacSize, context.Mac.Length), mac);
        }

        return TryAppend(buffer, ref length, tsig);
    }

    /// <summary>
    /// Verifies the response to a request that was signed with <paramref name="context"/>. <see cref="TsigStatus.Valid"/> with a nonzero <paramref name="error"/> is the peer's signed complaint, such as
    /// 18 when our clocks differ.
    /// </summary>
    public static TsigStatus VerifyResponse(ReadOnlySpan<byte> message, in TsigContext context, long now, out ushort error)
    {
        error = 0;
        var status = TsigRecord.Find(message, out var tsig);
        if (status != TsigStatus.Valid || context.Key is null)
            return status;
        error = tsig.Error;
        return Stranger(tsig, context.Key) ?? Verify(message, tsig, context.Key, context.Mac, now);
    }

    static TsigStatus Verify(ReadOnlySpan<byte> message, in TsigRecord tsig, TsigKey key, ReadOnlySpan<byte> requestMac, long now)
    {
        if (!IsLegal(tsig, key))
            return TsigStatus.FormErr;
        Span<byte> mac = stackalloc byte[TsigKey.MaxMac];
        var additionals = BinaryPrimitives.ReadUInt16BigEndian(message[10..]);
        Digest(message[..tsig.Start], tsig, key, requestMac, (ushort)(additionals - 1), mac);
        return Compare(mac, tsig, key, now);
    }

    /// <summary>The MAC has a size that may be (RFC 8945, 5.2.2.1).</summary>
    internal static bool IsLegal(in TsigRecord tsig, TsigKey key) => tsig.Mac.Length <= key.FullMac && tsig.Mac.Length >= key.SmallestMac;

    /// <summary>What is to be said of a record whose MAC should be the beginning of <paramref name="mac"/>.</summary>
    internal static TsigStatus Compare(ReadOnlySpan<byte> mac, in TsigRecord tsig, TsigKey key, long now)
    {
        if (!CryptographicOperations.FixedTimeEquals(mac[..tsig.Mac.Length], tsig.Mac))
            return TsigStatus.BadSig;
        // A response with BADTIME carries our own time back, so the check holds for it too.
        if (Math.Abs(now - tsig.Time) > tsig.Fudge)
            return TsigStatus.BadTime;
        return tsig.Mac.Length < key.MacSize ? TsigStatus.BadTrunc : TsigStatus.Valid;
    }

    /// <summary>The record is of another key, or says unsigned that ours is wrong; null: neither.</summary>
    internal static TsigStatus? Stranger(in TsigRecord tsig, TsigKey key)
    {
        if (tsig.Mac.IsEmpty && tsig.Error is BadKey or BadSig)
            return TsigStatus.PeerRefused;
        return tsig.Key != key.Name || tsig.Algorithm != key.AlgorithmName ? TsigStatus.BadKey : null;
    }

    static void Sign(ReadOnlySpan<byte> message, scoped ref TsigRecord tsig, TsigKey key, scoped ReadOnlySpan<byte> requestMac, int size, Span<byte> mac)
    {
        tsig.Key = key.Name;
        tsig.Algorithm = key.AlgorithmName;
        tsig.OriginalId = BinaryPrimitives.ReadUInt16BigEndian(message);
        Digest(message, tsig, key, requestMac, BinaryPrimitives.ReadUInt16BigEndian(message[10..]), mac);
        tsig.Mac = mac[..size];
    }

    /// <summary>The MAC over the request's MAC (in responses), the message as it was before signing, and the TSIG variables (RFC 8945, 4.3).</summary>
    static void Digest(ReadOnlySpan<byte> message, scoped in TsigRecord tsig, TsigKey key, scoped ReadOnlySpan<byte> requestMac, ushort additionals, Span<byte> mac)
    {
        var most = 2 + requestMac.Length + message.Length + 2 * DnsName.MaxLength + 24;
        var rented = most > OnStack ? ArrayPool<byte>.Shared.Rent(most) : null;
        Span<byte> data = rented ?? stackalloc byte[OnStack];
        var writer = DnsWriter.Resume(data, 0);
        if (!requestMac.IsEmpty)
        {
            writer.UInt16((ushort)requestMac.Length);
            writer.Bytes(requestMac);
        }

        writer.UInt16(tsig.OriginalId);
        writer.Bytes(message[2..10]);
        writer.UInt16(additionals);
        writer.Bytes(message[DnsHeader.Size..]);
        tsig.WriteVariables(ref writer);
        key.Mac(data[..writer.Length], mac);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }

    static bool TryAppend(Span<byte> buffer, ref int length, scoped in TsigRecord tsig)
    {
        var writer = DnsWriter.Resume(buffer, length);
        tsig.WriteRecord(ref writer);
        if (writer.Failed)
            return false;
        length = writer.Length;
        return true;
    }
}
