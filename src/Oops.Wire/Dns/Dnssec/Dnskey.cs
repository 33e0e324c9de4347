using System.Buffers.Binary;

namespace Oops.Wire.Dns.Dnssec;

/// <summary>The data of a DNSKEY record (RFC 4034, 2.1), or of CDNSKEY (RFC 7344): a view on it.</summary>
public readonly ref struct Dnskey
{
    const int Fixed = 4;

    /// <summary>Bits of <see cref="Flags"/>: Zone Key, REVOKE (RFC 5011, 3), Secure Entry Point.</summary>
    public const ushort ZoneKey = 0x0100, Revoke = 0x0080, Sep = 0x0001;

    readonly ReadOnlySpan<byte> data;

    Dnskey(ReadOnlySpan<byte> data) => this.data = data;

    public ReadOnlySpan<byte> Data => data;

    public ushort Flags => BinaryPrimitives.ReadUInt16BigEndian(data);

    public byte Protocol => data[2];

    public byte Algorithm => data[3];

    public ReadOnlySpan<byte> PublicKey => data[Fixed..];

    public bool IsZoneKey => (Flags & ZoneKey) != 0 && Protocol == 3;

    public bool IsRevoked => (Flags & Revoke) != 0;

    public bool IsSep => (Flags & Sep) != 0;

    /// <summary>The key tag (RFC 4034, appendix B). Not unique: a hint which key to try.</summary>
    public ushort Tag
    {
        get
        {
            // Appendix B.1: of algorithm 1 it is part of the modulus.
            if (Algorithm == 1 && data.Length >= Fixed + 3)
                return BinaryPrimitives.ReadUInt16BigEndian(data[^3..]);
            uint sum = 0;
            for (var i = 0; i < data.Length; i++)
                sum += (i & 1) == 0 ? (uint)data[i] << 8 : data[i];
            return (ushort)(sum + (sum >> 16));
        }
    }

    /// <summary>False: it is not one.</summary>
    public static bool TryRead(ReadOnlySpan<byte> data, out Dnskey key)
    {
        key = data.Length > Fixed ? new Dnskey(data) : default;
        return data.Length > Fixed;
    }
}
