using System.Text.Json.Serialization;
using Oops.Wire.Dns;
using Oops.Wire.Dns.Dnssec;
using Oops.Wire.Dns.Master;

namespace Oops.Keys;

/// <summary>The data of a DS record, or of a CDS.</summary>
[JsonConverter(typeof(DsDataConverter))]
internal sealed class DsData : RecordOctets
{
    public const byte Sha256 = 2;

    const int Fixed = 4;

    DsData(byte[] data)
        : base(data)
    {
    }

    public ushort Tag => (ushort)(Data[0] << 8 | Data[1]);

    public byte Algorithm => Data[2];

    public byte DigestType => Data[3];

    /// <summary>Of a digest that is known here; of another it cannot be told whose key it is.</summary>
    public bool IsKnown => DsDigest.Size(DigestType) is { } size && Data.Length == Fixed + size;

    /// <summary>Null: it is none.</summary>
    public static DsData? Of(byte[] data) => data.Length > Fixed ? new(data) : null;

    public bool IsOf(in DnsName zone, KeyData key) => key.IsZoneKey && Dnskey.TryRead(key.Data, out var read) && DsDigest.Matches(zone, Data, read);

    /// <summary>`9562 8 2 60E7...`.</summary>
    public string Text => RecordText.Write(DnsType.Ds, Data);
}

internal sealed class DsDataConverter : RecordOctetsConverter<DsData>
{
    protected override DsData? Make(byte[] data) => DsData.Of(data);
}
