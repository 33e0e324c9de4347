using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Oops.Wire.Dns;
using Oops.Wire.Dns.Dnssec;
using Oops.Wire.Dns.Master;

namespace Oops.Keys;

/// <summary>The data of a DNSKEY record, or of a CDNSKEY.</summary>
[JsonConverter(typeof(KeyDataConverter))]
internal sealed class KeyData : RecordOctets
{
    const int IdOctets = 16;

    KeyData(byte[] data, in Dnskey key)
        : base(data)
    {
        (Flags, Algorithm, Tag, IsZoneKey) = (key.Flags, key.Algorithm, key.Tag, key.IsZoneKey);
        byte[] named = [.. data];
        named[1] &= unchecked((byte)~Dnskey.Revoke);
        Id = Convert.ToHexString(SHA256.HashData(named), 0, IdOctets);
    }

    public ushort Flags { get; }

    public byte Algorithm { get; }

    /// <summary>Not unique: a hint which key it is.</summary>
    public ushort Tag { get; }

    public bool IsZoneKey { get; }

    public bool IsSep => (Flags & Dnskey.Sep) != 0;

    public bool IsRevoked => (Flags & Dnskey.Revoke) != 0;

    /// <summary>The key as it was before it was revoked: that is what a DS may be of.</summary>
    public KeyData Unrevoked
    {
        get
        {
            byte[] data = [.. Data];
            data[1] &= unchecked((byte)~Dnskey.Revoke);
            return Of(data)!;
        }
    }

    /// <summary>Names the key: the same before and after it is revoked, when its tag is another.</summary>
    public string Id { get; }

    /// <summary>Null: it is none.</summary>
    public static KeyData? Of(byte[] data) => Dnskey.TryRead(data, out var key) ? new(data, key) : null;

    /// <summary>`257 3 8 AwEAAc...`.</summary>
    public string Text => RecordText.Write(DnsType.Dnskey, Data);

    /// <summary>`9562 (KSK, algorithm 8)`.</summary>
    public override string ToString() => $"{Tag} ({(IsSep ? "KSK" : "ZSK")}{(IsRevoked ? ", revoked" : "")}, algorithm {Algorithm})";

    /// <summary>The DS record of the key, SHA-256 (RFC 4509).</summary>
    public DsData Ds(in DnsName zone)
    {
        Span<byte> digest = stackalloc byte[DsDigest.MaxSize];
        var size = DsDigest.Write(zone, Data, DsData.Sha256, digest);
        return DsData.Of([(byte)(Tag >> 8), (byte)Tag, Algorithm, DsData.Sha256, .. digest[..size]])!;
    }
}

internal sealed class KeyDataConverter : RecordOctetsConverter<KeyData>
{
    protected override KeyData? Make(byte[] data) => KeyData.Of(data);
}
