using System.Buffers.Binary;

namespace Oops.Wire.Dns;

/// <summary>The data of a DSYNC record (RFC 9859, 2): where a parent wants to be notified.</summary>
/// <param name="For">Of which type of records: CDS stands for CDNSKEY too.</param>
/// <param name="Scheme">1: NOTIFY.</param>
/// <param name="Port">Of the target.</param>
/// <param name="Target">Its name.</param>
public readonly record struct Dsync(DnsType For, byte Scheme, ushort Port, DnsName Target)
{
    public const byte Notify = 1;

    const int Fixed = 5;

    static ReadOnlySpan<byte> Label => "\u0006_dsync"u8;

    /// <summary>False: it is none. The target must not be compressed.</summary>
    public static bool TryRead(ReadOnlySpan<byte> data, out Dsync dsync)
    {
        dsync = default;
        if (data.Length <= Fixed || !DnsName.TryFromWire(data[Fixed..], out var target)) return false;
        dsync = new((DnsType)BinaryPrimitives.ReadUInt16BigEndian(data), data[2], BinaryPrimitives.ReadUInt16BigEndian(data[3..]), target);
        return true;
    }

    /// <summary>The name to ask for, of a zone below a parent (RFC 9859, 4.1): the label `_dsync` stands before the parent. False: the parent is not above the zone, or the name would be too long.</summary>
    public static bool TryName(in DnsName zone, in DnsName parent, out DnsName name)
    {
        name = default;
        if (zone == parent || !zone.IsWithin(parent)) return false;
        var child = zone.Wire[..^parent.Wire.Length];
        return DnsName.TryFromWire([.. child, .. Label, .. parent.Wire], out name);
    }

    /// <summary>What is said of all delegations of a parent that have nothing of their own: `_dsync.parent`.</summary>
    public static bool TryApex(in DnsName parent, out DnsName name) => DnsName.TryFromWire([.. Label, .. parent.Wire], out name);

    /// <summary>The name without its first label, which is where a delegation usually is. False: of the root there is none.</summary>
    public static bool TryAbove(in DnsName zone, out DnsName parent)
    {
        parent = default;
        return !zone.IsRoot && DnsName.TryFromWire(zone.Wire[(1 + zone.Wire[0])..], out parent);
    }
}
