using System.Collections.Immutable;
using System.Net;
using Oops.Wire.Protobuf;

namespace Oops.Wire.Gobgp;

/// <summary>Reads one attribute of a path.</summary>
static class GobgpAttributeReader
{
    const ulong AsSequence = 2;

    /// <summary>The path with it; null where it is malformed.</summary>
    public static GobgpPath? Add(GobgpApi api, GobgpPath path, ReadOnlySpan<byte> message)
    {
        var kind = GobgpAttribute.Other;
        ReadOnlySpan<byte> attribute = default;
        var reader = new ProtobufReader(message);
        while (reader.TryNext())
        {
            if (!reader.IsBytes) continue;
            if (api == GobgpApi.V4) kind = GobgpAttributes.Of(reader.Field);
            if (api == GobgpApi.V4 || reader.Field == 2) attribute = reader.Bytes;
            else if (reader.Field == 1) kind = GobgpAttributes.Of(GobgpAnswers.Text(reader.Bytes[(reader.Bytes.LastIndexOf((byte)'.') + 1)..]));
        }

        if (!reader.AtEnd) return null;
        return kind switch
        {
            GobgpAttribute.Origin => Number(attribute) is { } origin ? path with { Origin = origin } : null,
            GobgpAttribute.Med => Number(attribute) is { } med ? path with { Med = med } : null,
            GobgpAttribute.LocalPref => Number(attribute) is { } preference ? path with { LocalPref = preference } : null,
            GobgpAttribute.NextHop => Hop(attribute, 1, path),
            GobgpAttribute.MpReach => Hop(attribute, 2, path),
            GobgpAttribute.Communities => Numbers(attribute, 1) is { } communities ? path with { Communities = communities } : null,
            GobgpAttribute.Large => Large(attribute) is { } large ? path with { Large = large } : null,
            GobgpAttribute.AsPath => AsPath(attribute, path),
            _ => path with { HasMore = true },
        };
    }

    /// <summary>Field 1, which is not written where it is zero.</summary>
    static uint? Number(ReadOnlySpan<byte> message)
    {
        uint value = 0;
        var reader = new ProtobufReader(message);
        while (reader.TryNext())
            if (reader is { Field: 1, IsBytes: false }) value = (uint)reader.Number;
        return reader.AtEnd ? value : null;
    }

    static GobgpPath? Hop(ReadOnlySpan<byte> message, uint field, GobgpPath path)
    {
        var reader = new ProtobufReader(message);
        while (reader.TryNext())
            // A second next hop of IPv6 is the link-local one.
            if (reader.Field == field && reader.IsBytes && path.NextHop is null)
            {
                if (!IPAddress.TryParse(GobgpAnswers.Text(reader.Bytes), out var hop)) return null;
                path = path with { NextHop = hop };
            }
        return reader.AtEnd ? path : null;
    }

    static GobgpPath? AsPath(ReadOnlySpan<byte> message, GobgpPath path)
    {
        var reader = new ProtobufReader(message);
        while (reader.TryNext())
        {
            if (reader is not { Field: 1, IsBytes: true }) continue;
            if (Numbers(reader.Bytes, 2) is not { } numbers) return null;
            ulong type = 0;
            var segment = new ProtobufReader(reader.Bytes);
            while (segment.TryNext())
                if (segment is { Field: 1, IsBytes: false }) type = segment.Number;
            path = type == AsSequence ? path with { AsPath = path.AsPath.AddRange(numbers) } : path with { HasMore = true };
        }

        return reader.AtEnd ? path : null;
    }

    static ImmutableArray<(uint Admin, uint Data1, uint Data2)>? Large(ReadOnlySpan<byte> message)
    {
        var all = ImmutableArray.CreateBuilder<(uint, uint, uint)>();
        var reader = new ProtobufReader(message);
        while (reader.TryNext())
        {
            if (reader is not { Field: 1, IsBytes: true }) continue;
            (uint Admin, uint One, uint Two) large = default;
            var inner = new ProtobufReader(reader.Bytes);
            while (inner.TryNext())
            {
                if (inner is { Field: 1, IsBytes: false }) large.Admin = (uint)inner.Number;
                if (inner is { Field: 2, IsBytes: false }) large.One = (uint)inner.Number;
                if (inner is { Field: 3, IsBytes: false }) large.Two = (uint)inner.Number;
            }

            if (!inner.AtEnd) return null;
            all.Add(large);
        }

        return reader.AtEnd ? all.ToImmutable() : null;
    }

    /// <summary>Numbers of a repeated field, packed or one by one: a reader must take both.</summary>
    static ImmutableArray<uint>? Numbers(ReadOnlySpan<byte> message, uint field)
    {
        var all = ImmutableArray.CreateBuilder<uint>();
        var reader = new ProtobufReader(message);
        while (reader.TryNext())
        {
            if (reader.Field != field) continue;
            if (!reader.IsBytes)
            {
                all.Add((uint)reader.Number);
                continue;
            }

            var packed = new ProtobufReader(reader.Bytes);
            while (packed.TryVarint(out var number)) all.Add((uint)number);
            if (!packed.AtEnd) return null;
        }

        return reader.AtEnd ? all.ToImmutable() : null;
    }
}
