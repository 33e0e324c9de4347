using System.Buffers.Binary;

namespace Oops.Wire.Dns.Dnssec;

/// <summary>The data of an RRSIG record (RFC 4034, 3.1): a view on it.</summary>
public readonly ref struct Rrsig
{
    const int Fixed = 18;

    readonly ReadOnlySpan<byte> data;
    readonly int signer;

    Rrsig(ReadOnlySpan<byte> data, int signer)
    {
        this.data = data;
        this.signer = signer;
    }

    public DnsType Covered => (DnsType)BinaryPrimitives.ReadUInt16BigEndian(data);

    public byte Algorithm => data[2];

    /// <summary>Labels of the owner without root and without a leading asterisk.</summary>
    public byte Labels => data[3];

    /// <summary>Seconds.</summary>
    public uint OriginalTtl => BinaryPrimitives.ReadUInt32BigEndian(data[4..]);

    /// <summary>Seconds since 1970, modulo 2^32 (RFC 4034, 3.1.5).</summary>
    public uint Expiration => BinaryPrimitives.ReadUInt32BigEndian(data[8..]);

    /// <summary>As <see cref="Expiration"/>.</summary>
    public uint Inception => BinaryPrimitives.ReadUInt32BigEndian(data[12..]);

    public ushort KeyTag => BinaryPrimitives.ReadUInt16BigEndian(data[16..]);

    /// <summary>The signer's name in lower-case wire form.</summary>
    public ReadOnlySpan<byte> Signer => data.Slice(Fixed, signer);

    /// <summary>What is signed of the record itself: all but the signature (RFC 4034, 3.1.8.1).</summary>
    public ReadOnlySpan<byte> Signed => data[..(Fixed + signer)];

    public ReadOnlySpan<byte> Signature => data[(Fixed + signer)..];

    /// <summary>False: it is not one.</summary>
    /// <param name="data">Uncompressed.</param>
    /// <param name="rrsig">A view on <paramref name="data"/>.</param>
    public static bool TryRead(ReadOnlySpan<byte> data, out Rrsig rrsig)
    {
        rrsig = default;
        if (data.Length <= Fixed)
            return false;
        var end = Fixed;
        if (!DnsName.TrySkip(data, ref end) || data[end - 1] != 0 || end >= data.Length)
            return false;
        rrsig = new Rrsig(data, end - Fixed);
        return true;
    }
}
