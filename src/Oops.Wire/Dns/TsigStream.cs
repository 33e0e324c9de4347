using System.Buffers.Binary;

namespace Oops.Wire.Dns;

/// <summary>
/// Verifies the signatures on an answer of many messages (RFC 8945, 5.3.1). The first and the last are signed, and between two signed ones at most 99 are not; each MAC covers the one before, the
/// unsigned messages since, its own message, and its time.
/// </summary>
public sealed class TsigStream : IDisposable
{
    /// <summary>Most unsigned messages in a row.</summary>
    public const int MostUnsigned = 99;

    /// <summary>Octets of what is signed beside a later message: time and fudge.</summary>
    const int Timers = 8;

    readonly TsigKey key;
    readonly TsigMac mac;
    bool begun;

    /// <param name="request">Of the signed request that is answered.</param>
    /// <exception cref="ArgumentException">The request was not signed: a fault of the caller.</exception>
    public TsigStream(in TsigContext request)
    {
        key = request.Key ?? throw new ArgumentException("the request was not signed", nameof(request));
        mac = key.Pieces();
        Keep(request.Mac);
    }

    /// <summary>Messages since the last signed one: what they said is not proved yet. The answer may end only at 0.</summary>
    public int Unsigned { get; private set; }

    /// <summary>
    /// Takes the next message. <see cref="TsigStatus.Valid"/>: it is signed, and so are all before it. <see cref="TsigStatus.Absent"/>: it is not signed, and need not be if
    /// <paramref name="mayFollow"/> is true. Anything else ends the stream. <paramref name="error"/>: as in <see cref="Tsig.VerifyResponse"/>.
    /// </summary>
    public TsigStatus Take(ReadOnlySpan<byte> message, long now, out ushort error, out bool mayFollow)
    {
        error = 0;
        mayFollow = false;
        var status = TsigRecord.Find(message, out var tsig);
        if (status == TsigStatus.Absent)
        {
            mayFollow = begun && Unsigned < MostUnsigned;
            if (mayFollow)
            {
                Unsigned++;
                mac.Append(message);
            }

            return status;
        }

        if (status != TsigStatus.Valid)
            return status;
        error = tsig.Error;
        if (Tsig.Stranger(tsig, key) is { } stranger)
            return stranger;
        if (!Tsig.IsLegal(tsig, key))
            return TsigStatus.FormErr;
        Span<byte> computed = stackalloc byte[TsigKey.MaxMac];
        Digest(message, tsig, computed);
        status = Tsig.Compare(computed, tsig, key, now);
        if (status == TsigStatus.Valid)
        {
            Keep(tsig.Mac);
            begun = true;
            Unsigned = 0;
        }

        return status;
    }

    public void Dispose() => mac.Dispose();

    void Digest(ReadOnlySpan<byte> message, scoped in TsigRecord tsig, Span<byte> computed)
    {
        Span<byte> head = stackalloc byte[DnsHeader.Size];
        message[..DnsHeader.Size].CopyTo(head);
        BinaryPrimitives.WriteUInt16BigEndian(head, tsig.OriginalId);
        BinaryPrimitives.WriteUInt16BigEndian(head[10..], (ushort)(BinaryPrimitives.ReadUInt16BigEndian(message[10..]) - 1));
        mac.Append(head);
        mac.Append(message[DnsHeader.Size..tsig.Start]);
        Span<byte> variables = stackalloc byte[Tsig.MaxSize];
        var writer = DnsWriter.Resume(variables, 0);
        if (begun)
        {
            TsigRecord.WriteTime(ref writer, tsig.Time);
            writer.UInt16(tsig.Fudge);
        }
        else
        {
            tsig.WriteVariables(ref writer);
        }

        mac.Append(variables[..(begun ? Timers : writer.Length)]);
        mac.Finish(computed);
    }

    /// <summary>The MAC that the next one covers.</summary>
    void Keep(ReadOnlySpan<byte> signed)
    {
        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)signed.Length);
        mac.Append(length);
        mac.Append(signed);
    }
}
