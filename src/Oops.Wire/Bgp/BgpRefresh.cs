using System.Buffers.Binary;

namespace Oops.Wire.Bgp;

/// <summary>What a ROUTE-REFRESH asks or says (RFC 7313, 3.2).</summary>
public enum BgpRefreshKind : byte
{
    /// <summary>Send all of the family again.</summary>
    Request = 0,

    /// <summary>BoRR: what follows is all of it.</summary>
    Begin = 1,

    /// <summary>EoRR: what has not come since BoRR is gone.</summary>
    End = 2,
}

/// <summary>ROUTE-REFRESH (RFC 2918, RFC 7313).</summary>
/// <param name="Kind">May be another than those: then it is to be passed over.</param>
/// <param name="Afi">May be of a family that we do not speak, too.</param>
public readonly record struct BgpRefresh(BgpRefreshKind Kind, ushort Afi, byte Safi)
{
    public const int Size = BgpHeader.Size + 4;

    const byte Unicast = 1;

    public BgpRefresh(BgpRefreshKind kind, BgpFamily family) : this(kind, (ushort)family, Unicast)
    {
    }

    /// <summary>Null: none of ours.</summary>
    public BgpFamily? Family => Safi == Unicast && Afi is (ushort)BgpFamily.Ip4 or (ushort)BgpFamily.Ip6 ? (BgpFamily)Afi : null;

    public byte[] Write()
    {
        var message = new byte[Size];
        BgpHeader.Write(message, Size, BgpMessageType.RouteRefresh);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(BgpHeader.Size), Afi);
        message[BgpHeader.Size + 2] = (byte)Kind;
        message[BgpHeader.Size + 3] = Safi;
        return message;
    }

    public static bool TryRead(ReadOnlySpan<byte> body, out BgpRefresh refresh)
    {
        refresh = body.Length == 4 ? new((BgpRefreshKind)body[2], BinaryPrimitives.ReadUInt16BigEndian(body), body[3]) : default;
        return body.Length == 4;
    }
}
