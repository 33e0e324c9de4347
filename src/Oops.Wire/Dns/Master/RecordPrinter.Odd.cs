using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace Oops.Wire.Dns.Master;

/// <summary>The fields that are no simple ones.</summary>
internal ref partial struct RecordPrinter
{
    bool Ipv4(scoped ReadOnlySpan<byte> octets)
    {
        text?.Append(CultureInfo.InvariantCulture, $"{octets[0]}.{octets[1]}.{octets[2]}.{octets[3]}");
        return true;
    }

    bool Ipv6(scoped ReadOnlySpan<byte> octets) => text is null || Say(new IPAddress(octets).ToString());

    bool Groups(scoped ReadOnlySpan<byte> octets)
    {
        for (var i = 0; i < octets.Length; i += 2) text?.Append(CultureInfo.InvariantCulture, $"{(i > 0 ? ":" : "")}{octets[i]:x2}{octets[i + 1]:x2}");
        return true;
    }

    bool Eui(scoped ReadOnlySpan<byte> octets)
    {
        for (var i = 0; i < octets.Length; i++) text?.Append(CultureInfo.InvariantCulture, $"{(i > 0 ? "-" : "")}{octets[i]:x2}");
        return true;
    }

    bool Location()
    {
        if (!TryTake(16, out var all) || all[0] != 0) return false;
        foreach (var size in all[1..4])
            if (size >> 4 > 9 || (size & 15) > 9) return false;
        return Angle(BinaryPrimitives.ReadUInt32BigEndian(all[4..]), 'N', 'S', 90) && Angle(BinaryPrimitives.ReadUInt32BigEndian(all[8..]), 'E', 'W', 180)
            && Metres(BinaryPrimitives.ReadUInt32BigEndian(all[12..]) - 10_000_000L) && Say(" ") && Size(all[1]) && Say(" ") && Size(all[2]) && Say(" ") && Size(all[3]);
    }

    bool Angle(uint angle, char plus, char minus, int most)
    {
        var value = angle - 0x8000_0000L;
        var side = value < 0 ? minus : plus;
        value = Math.Abs(value);
        text?.Append(CultureInfo.InvariantCulture, $"{value / 3_600_000} {value / 60_000 % 60} {value % 60_000 / 1000}.{value % 1000:000} {side} ");
        return value <= most * 3_600_000L;
    }

    bool Metres(long hundredths)
    {
        text?.Append(CultureInfo.InvariantCulture, $"{(hundredths < 0 ? "-" : "")}{Math.Abs(hundredths) / 100}.{Math.Abs(hundredths) % 100:00}m");
        return true;
    }

    bool Size(byte size)
    {
        long value = size >> 4;
        for (var exponent = size & 15; exponent > 0; exponent--) value *= 10;
        return Metres(value);
    }

    bool Prefixes()
    {
        Span<byte> address = stackalloc byte[16];
        for (var first = true; !rest.IsEmpty; first = false)
        {
            if (!TryTake(4, out var head)) return false;
            var size = head[3] & 0x7F;
            var family = BinaryPrimitives.ReadUInt16BigEndian(head);
            if (family is not (1 or 2) || head[2] > (family == 1 ? 32 : 128) || size > (family == 1 ? 4 : 16) || !TryTake(size, out var part) || (size > 0 && part[^1] == 0)) return false;
            address.Clear();
            part.CopyTo(address);
            text?.Append(CultureInfo.InvariantCulture, $"{(first ? "" : " ")}{(head[3] > 0x7F ? "!" : "")}{family}:");
            if (!(family == 1 ? Ipv4(address) : Ipv6(address))) return false;
            text?.Append(CultureInfo.InvariantCulture, $"/{head[2]}");
        }

        return true;
    }

    bool Gateway()
    {
        if (!TryTake(2, out var head)) return false;
        text?.Append(CultureInfo.InvariantCulture, $"{head[0]} {head[1]} ");
        return Other(head[0]) && (rest.IsEmpty || (Say(" ") && Base64(All())));
    }

    bool Relay()
    {
        if (!TryTake(1, out var head)) return false;
        text?.Append(CultureInfo.InvariantCulture, $"{head[0] >> 7} {head[0] & 0x7F} ");
        return Other(head[0] & 0x7F);
    }

    bool Other(int type) => type switch
    {
        0 => Say("."),
        1 => TryTake(4, out var v4) && Ipv4(v4),
        2 => TryTake(16, out var v6) && Ipv6(v6),
        3 => Name(),
        _ => false,
    };

    bool Host()
    {
        if (!TryTake(4, out var head)) return false;
        var (tagSize, keySize) = (head[0], BinaryPrimitives.ReadUInt16BigEndian(head[2..]));
        if (tagSize == 0 || keySize == 0 || !TryTake(tagSize, out var tag) || !TryTake(keySize, out var key)) return false;
        if (!Number(head[1]) || !Say(" ") || !Hex(tag) || !Say(" ") || !Base64(key)) return false;
        while (!rest.IsEmpty)
        {
            text?.Append(' ');
            if (!Name()) return false;
        }

        return true;
    }

    bool Parameters()
    {
        var before = -1;
        for (; !rest.IsEmpty; text?.Append(rest.IsEmpty ? "" : " "))
        {
            if (!TryTake(4, out var head)) return false;
            var key = BinaryPrimitives.ReadUInt16BigEndian(head);
            if (key <= before || !TryTake(BinaryPrimitives.ReadUInt16BigEndian(head[2..]), out var value)) return false;
            before = key;
            text?.Append(Mnemonics.Key(key) ?? string.Create(CultureInfo.InvariantCulture, $"key{key}"));
            if (key is 2 or 8 ? !value.IsEmpty : !value.IsEmpty && !Parameter(key, value)) return false;
            if (value.IsEmpty && key is 0 or 1 or 3 or 4 or 5 or 6 or 9) return false;
        }

        return true;
    }

    bool Parameter(int key, scoped ReadOnlySpan<byte> value)
    {
        text?.Append('=');
        switch (key)
        {
            case 1:
                return Protocols(value);
            case 3:
                return value.Length == 2 && Number(BinaryPrimitives.ReadUInt16BigEndian(value));
            case 5:
                return Base64(value);
            case 0 or 4 or 6 or 9:
                var size = key switch { 4 => 4, 6 => 16, _ => 2 };
                if (value.Length % size != 0) return false;
                for (var (at, before) = (0, -1); at < value.Length; at += size)
                {
                    if (at > 0) text?.Append(',');
                    var item = value.Slice(at, size);
                    var number = BinaryPrimitives.ReadUInt16BigEndian(item);
                    if (key == 0 && number <= before) return false;
                    before = number;
                    if (!(key switch { 4 => Ipv4(item), 6 => Ipv6(item), 0 => text is null || Say(Mnemonics.Key(number) ?? string.Create(CultureInfo.InvariantCulture, $"key{number}")), _ => Number(number) })) return false;
                }

                return true;
            default:
                return Quoted(value);
        }
    }

    bool Protocols(scoped ReadOnlySpan<byte> value)
    {
        text?.Append('"');
        for (var first = true; !value.IsEmpty; first = false)
        {
            int size = value[0];
            if (size == 0 || value.Length < 1 + size) return false;
            if (!first) text?.Append(',');
            foreach (var octet in text is null ? [] : value.Slice(1, size))
            {
                // First as the list has it, then as a text has that.
                if (octet is (byte)',' or (byte)'\\') text!.Append(@"\\");
                Octet(text!, octet, escaped: InTexts);
            }

            value = value[(1 + size)..];
        }

        text?.Append('"');
        return true;
    }
}
