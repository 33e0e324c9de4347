using System.Buffers.Binary;
using System.Net;
using Oops.Wire.Bgp;

namespace Oops.Tests.Wire.Bgp;

/// <summary>What a receiver makes of UPDATE messages: written against the RFCs, not against our writer, and it believes nothing.</summary>
internal sealed class BgpDecoded
{
    /// <summary>Last word on each prefix: the attributes by type, with the next hop in "14" or "3"; null: withdrawn.</summary>
    public Dictionary<IPNetwork, Dictionary<int, string>?> Prefixes { get; } = [];

    /// <summary>Families whose end came.</summary>
    public List<BgpFamily> Ends { get; } = [];

    public List<int> Sizes { get; } = [];

    public static BgpDecoded Of(ReadOnlySpan<byte> stream)
    {
        var decoded = new BgpDecoded();
        while (!stream.IsEmpty)
        {
            if (BgpHeader.TryRead(stream, out var type, out var body, out _) != BgpReading.Message) throw new InvalidDataException("no whole message");
            decoded.Sizes.Add(BgpHeader.Size + body.Length);
            stream = stream[(BgpHeader.Size + body.Length)..];
            if (type == BgpMessageType.Update) decoded.Update(body);
        }

        return decoded;
    }

    void Update(ReadOnlySpan<byte> body)
    {
        int gone = BinaryPrimitives.ReadUInt16BigEndian(body);
        int paths = BinaryPrimitives.ReadUInt16BigEndian(body[(2 + gone)..]);
        if (body.Length == 4) Ends.Add(BgpFamily.Ip4);
        foreach (var prefix in Read(body.Slice(2, gone), BgpFamily.Ip4)) Prefixes[prefix] = null;
        var attributes = new Dictionary<int, string>();
        List<IPNetwork> reached = Read(body[(4 + gone + paths)..], BgpFamily.Ip4);
        var first = true;
        for (var rest = body.Slice(4 + gone, paths); !rest.IsEmpty; first = false)
        {
            var wide = (rest[0] & 0x10) != 0;
            int length = wide ? BinaryPrimitives.ReadUInt16BigEndian(rest[2..]) : rest[2];
            var value = rest.Slice(wide ? 4 : 3, length);
            int type = rest[1];
            if (type is 14 or 15 && !first) throw new InvalidDataException("RFC 7606, 5.1: not the first attribute");
            if (attributes.ContainsKey(type)) throw new InvalidDataException($"attribute {type} twice");
            if (type == 15)
            {
                var family = (BgpFamily)BinaryPrimitives.ReadUInt16BigEndian(value);
                if (value.Length == 3) Ends.Add(family);
                foreach (var prefix in Read(value[3..], family)) Prefixes[prefix] = null;
            }
            else if (type == 14)
            {
                attributes[14] = new IPAddress(value.Slice(4, value[3])).ToString();
                reached.AddRange(Read(value[(5 + value[3])..], (BgpFamily)BinaryPrimitives.ReadUInt16BigEndian(value)));
            }
            else
            {
                // Flags as RFC 4271, 1997, 6793 and 8092 want them, apart from the length's.
                var flags = rest[0] & 0xE0;
                if (flags != type switch { 1 or 2 or 3 or 5 => 0x40, 4 => 0x80, 8 or 17 or 32 => 0xC0, _ => -1 }) throw new InvalidDataException($"attribute {type} with flags {flags:x2}");
                attributes[type] = Convert.ToHexStringLower(value);
            }

            rest = rest[((wide ? 4 : 3) + length)..];
        }

        foreach (var prefix in reached) Prefixes[prefix] = attributes;
    }

    static List<IPNetwork> Read(ReadOnlySpan<byte> nlri, BgpFamily family)
    {
        var prefixes = new List<IPNetwork>();
        while (!nlri.IsEmpty)
        {
            var address = new byte[family == BgpFamily.Ip4 ? 4 : 16];
            var octets = (nlri[0] + 7) / 8;
            nlri.Slice(1, octets).CopyTo(address);
            prefixes.Add(new IPNetwork(new IPAddress(address), nlri[0]));
            nlri = nlri[(1 + octets)..];
        }

        return prefixes;
    }
}
