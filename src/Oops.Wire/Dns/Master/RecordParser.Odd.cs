using System.Buffers.Binary;

namespace Oops.Wire.Dns.Master;

/// <summary>The fields that are no simple ones.</summary>
internal ref partial struct RecordParser
{
    /// <summary>NXT: one bit a type, up to the last.</summary>
    bool OldBitmap()
    {
        Span<byte> bits = stackalloc byte[16];
        while (tokens.Next())
        {
            if (!TypeNames.TryParse(Word, out var type) || (ushort)type > 127) return Fail("is no type below 128; NXT has no others");
            bits[(int)type >> 3] |= (byte)(0x80 >> ((int)type & 7));
        }

        return Octets(bits.TrimEnd((byte)0));
    }

    bool Groups()
    {
        if (!Next("four groups of hexadecimal")) return false;
        Span<byte> address = stackalloc byte[16];
        // Four groups are the second half of an address that begins with nothing.
        Span<byte> padded = stackalloc byte[2 + 19];
        "::"u8.CopyTo(padded);
        var word = Word;
        if (word.Length > 19 || word.Count((byte)':') != 3 || word.Contains((byte)'.') || word.IndexOf("::"u8) >= 0 || word[0] == ':') return Fail("is no identifier; write four groups of hexadecimal with colons");
        word.CopyTo(padded[2..]);
        return AddressText.TryIpv6(padded[..(2 + word.Length)], address) ? Octets(address[8..]) : Fail("is no identifier; write four groups of hexadecimal with colons");
    }

    bool Eui(int octets)
    {
        if (!Next("an identifier")) return false;
        var word = Word;
        var right = word.Length == octets * 3 - 1;
        for (var i = 2; right && i < word.Length; i += 3) right = word[i] == '-';
        for (var i = 0; right && i < word.Length; i += 3)
        {
            right = MasterText.Nibble(word[i]) >= 0 && MasterText.Nibble(word[i + 1]) >= 0;
            if (right && !HexOf(word.Slice(i, 2))) return false;
        }

        return right || Fail($"is no identifier; write {octets} octets in hexadecimal with hyphens");
    }

    bool Nsap()
    {
        if (!Next("an NSAP address")) return false;
        var word = Word;
        if (word.Length < 4 || word[0] != '0' || (word[1] | 0x20) != 'x') return Fail("is no NSAP address; write 0x and hexadecimal");
        var high = -1;
        foreach (var c in word[2..])
        {
            if (c == '.') continue;
            var nibble = MasterText.Nibble(c);
            if (nibble < 0) return Fail("is no NSAP address; write 0x and hexadecimal");
            if (high >= 0 && !UInt8((uint)(high << 4 | nibble))) return false;
            high = high < 0 ? nibble : -1;
        }

        return high < 0 || Fail("has an odd number of digits; one is missing");
    }

    bool Location()
    {
        if (!Angle('N', 'S', 90, "a latitude", out var latitude) || !Angle('E', 'W', 180, "a longitude", out var longitude) || !Next("an altitude")) return false;
        var altitude = 10_000_000L;
        if (!TryMetres(Word, out var height) || (altitude += height) is < 0 or > uint.MaxValue) return Fail("is no altitude of -100000.00m to 42849672.95m; correct it");
        Span<byte> precision = [0x12, 0x16, 0x13]; // 1 m, 10000 m, 10 m
        for (var i = 0; i < 3 && tokens.Next(); i++)
        {
            if (!TryMetres(Word, out var size) || size is < 0 or > 9_000_000_000) return Fail("is no size of 0 to 90000000.00m; correct it");
            var exponent = 0;
            for (; size >= 10; size /= 10) exponent++;
            precision[i] = (byte)(size << 4 | (uint)exponent);
        }

        return UInt8(0) && Octets(precision) && UInt32(latitude) && UInt32(longitude) && UInt32((uint)altitude);
    }

    /// <summary>Degrees, minutes and seconds, the last two of which may be left out; thousandths of a second above 2^31.</summary>
    bool Angle(char plus, char minus, int most, string what, out uint angle)
    {
        angle = 0;
        var sum = 0L;
        for (var part = 0; part < 4; part++)
        {
            if (!Next(what)) return false;
            if (part > 0 && Word.Length == 1 && char.ToUpperInvariant((char)Word[0]) is var side && (side == plus || side == minus))
            {
                angle = (uint)(0x8000_0000L + (side == plus ? sum : -sum));
                return sum <= most * 3_600_000L || Fail($"stands behind more than {most} degrees; correct them");
            }

            if (part == 3 || !TryFixed(Word, part == 2 ? 3 : 0, out var value) || value < 0 || value > (part == 0 ? most : part == 1 ? 59 : 59_999)) break;
            sum += value * (part == 0 ? 3_600_000 : part == 1 ? 60_000 : 1);
        }

        return Fail($"is no part of {what}; write degrees, minutes, seconds, and {plus} or {minus}");
    }

    /// <summary>Hundredths.</summary>
    static bool TryMetres(ReadOnlySpan<byte> word, out long value) => TryFixed(word is [.. var number, (byte)'m' or (byte)'M'] ? number : word, 2, out value);

    static bool TryFixed(ReadOnlySpan<byte> word, int decimals, out long value)
    {
        value = 0;
        var negative = word is [(byte)'-', ..];
        if (negative) word = word[1..];
        var dot = word.IndexOf((byte)'.');
        var fraction = dot < 0 ? default : word[(dot + 1)..];
        if (fraction.Length > decimals || (dot >= 0 && fraction.IsEmpty) || !MasterText.TryNumber(dot < 0 ? word : word[..dot], out var whole) || whole > uint.MaxValue) return false;
        value = (long)whole;
        for (var i = 0; i < decimals; i++)
        {
            var digit = i < fraction.Length ? fraction[i] : (byte)'0';
            if (!MasterText.IsDigit(digit)) return false;
            value = value * 10 + (digit - '0');
        }

        if (negative) value = -value;
        return true;
    }

    bool Prefixes()
    {
        Span<byte> address = stackalloc byte[16];
        while (tokens.Next())
        {
            var word = Word;
            var not = word is [(byte)'!', ..];
            if (not) word = word[1..];
            if (word.Length < 2 || word[1] != ':' || word[0] is not ((byte)'1' or (byte)'2')) return Fail("is no prefix; write 1:IPv4/length or 2:IPv6/length, with ! before it for all else");
            var v4 = word[0] == '1';
            var slash = word.IndexOf((byte)'/');
            if (slash < 2 || !MasterText.TryNumber(word[(slash + 1)..], out var bits) || bits > (v4 ? 32u : 128u) || !(v4 ? AddressText.TryIpv4(word[2..slash], address) : AddressText.TryIpv6(word[2..slash], address)))
                return Fail("is no prefix; write 1:IPv4/length or 2:IPv6/length, with ! before it for all else");
            var part = address[..(v4 ? 4 : 16)].TrimEnd((byte)0);
            if (!UInt16(v4 ? 1u : 2u) || !UInt8((uint)bits) || !UInt8((uint)part.Length | (not ? 0x80u : 0)) || !Octets(part)) return false;
        }

        return true;
    }

    bool Gateway()
    {
        if (!Number(byte.MaxValue, out var type) || !UInt8(type) || !Number(byte.MaxValue, out var algorithm) || !UInt8(algorithm) || !Other(type, "a gateway")) return false;
        return Base64OrNone();
    }

    bool Relay() => Number(1, out var discovery) && Number(127, out var type) && UInt8(discovery << 7 | type) && Other(type, "a relay");

    /// <summary>None, IPv4, IPv6 or a name (RFC 4025, 2.5; RFC 8777, 4.2.3).</summary>
    bool Other(uint type, string what) => NextPlain(what) && type switch
    {
        0 => Word.SequenceEqual("."u8) || Fail("is not the . that type 0 has; write it"),
        1 => Ipv4(),
        2 => Ipv6(),
        3 => NameOf(Word, lower: false),
        _ => Fail(@"is of a type above 3; write \# length hexadecimal (RFC 3597)"),
    };

    bool Host()
    {
        if (!Number(byte.MaxValue, out var algorithm) || !Next("a host identity tag")) return false;
        var head = length;
        if (!UInt8(0) || !UInt8(algorithm) || !UInt16(0)) return false;
        var tag = Word;
        if (tag.Length is 0 or > 2 * byte.MaxValue || (tag.Length & 1) != 0) return Fail("is no host identity tag; write 1 to 255 octets in hexadecimal");
        if (!HexOf(tag)) return false;
        into[head] = (byte)(tag.Length / 2);
        if (!Next("a key")) return false;
        var key = length;
        var padded = false;
        if (Word.IsEmpty || (Word.Length & 3) != 0) return Fail("is no base64; copy it anew");
        if (!Base64Groups(Word, ref padded)) return false;
        BinaryPrimitives.WriteUInt16BigEndian(into[(head + 2)..], (ushort)(length - key));
        while (tokens.Next())
        {
            if (tokens.Quoted) return Fail("is quoted; remove the quotes");
            if (!NameOf(Word, lower: false)) return false;
        }

        return true;
    }

    bool Parameters()
    {
        var first = length;
        var highest = -1;
        var octets = false;
        while (tokens.Next())
        {
            var word = Word;
            var equals = word.IndexOf((byte)'=');
            if (tokens.Quoted || !Mnemonics.TryKey(equals < 0 ? word : word[..equals], out var key, out var generic)) return Fail("begins with no key of a service; write its name, or key and its number");
            var value = equals < 0 ? default : word[(equals + 1)..];
            if (value is [(byte)'"', .. var inner, (byte)'"']) value = inner;
            var start = length;
            if (!UInt16((uint)key) || !UInt16(0) || !(generic ? Unescape(value) : Parameter(key, value, equals >= 0))) return false;
            BinaryPrimitives.WriteUInt16BigEndian(into[(start + 2)..], (ushort)(length - start - 4));
            if (key <= highest && !Sort(first, start, key)) return Fail("is there twice; remove one");
            highest = Math.Max(highest, key);
            octets |= generic;
        }

        // Octets of a key that is known are what it asks for.
        return !octets || RecordText.IsWellFormed(DnsType.Svcb, into[..length]) || Fail("a value that is none of its key's; correct it", quote: false);
    }

    /// <summary>Keys ascend on the wire (RFC 9460, 2.2). False: the key is there already.</summary>
    bool Sort(int first, int start, int key)
    {
        var at = first;
        while (BinaryPrimitives.ReadUInt16BigEndian(into[at..]) < key) at += 4 + BinaryPrimitives.ReadUInt16BigEndian(into[(at + 2)..]);
        if (at < start && BinaryPrimitives.ReadUInt16BigEndian(into[at..]) == key) return false;
        var size = length - start;
        into[at..length].Reverse();
        into.Slice(at, size).Reverse();
        into[(at + size)..length].Reverse();
        return true;
    }

    // RFC 9460, 7 and 8; RFC 9540, 4; RFC 9848.
    bool Parameter(int key, scoped ReadOnlySpan<byte> value, bool has)
    {
        var bare = key is 2 or 8;
        if (bare ? has : value.IsEmpty && key is 0 or 1 or 3 or 4 or 5 or 6 or 9) return Fail(bare ? "has a value, and may have none; remove it" : "has no value; add it");
        switch (key)
        {
            case 1:
                return Protocols(value);
            case 3:
                return MasterText.TryNumber(value, out var port) && port <= ushort.MaxValue ? UInt16((uint)port) : Fail("is no port of 0 to 65535; correct it");
            case 5:
                var padded = false;
                return (value.Length & 3) == 0 ? Base64Groups(value, ref padded) : Fail("is no base64; copy it anew");
            case 0 or 4 or 6 or 9:
                var from = length;
                foreach (var part in value.Split((byte)','))
                    if (!Item(key, value[part])) return false;
                return key != 0 || Ascend(from);
            default:
                return Unescape(value);
        }
    }

    bool Item(int key, scoped ReadOnlySpan<byte> item)
    {
        Span<byte> address = stackalloc byte[16];
        return key switch
        {
            0 => Mnemonics.TryKey(item, out var other, out _) ? UInt16((uint)other) : Fail("lists what is no key; correct it"),
            4 => AddressText.TryIpv4(item, address) ? Octets(address[..4]) : Fail("lists what is no IPv4 address; correct it"),
            6 => AddressText.TryIpv6(item, address) ? Octets(address) : Fail("lists what is no IPv6 address; correct it"),
            _ => MasterText.TryNumber(item, out var group) && group <= ushort.MaxValue ? UInt16((uint)group) : Fail("lists what is no number of 0 to 65535; correct it"),
        };
    }

    /// <summary>Keys of a mandatory list ascend, each once (RFC 9460, 8).</summary>
    bool Ascend(int from)
    {
        var keys = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ushort>(into[from..length]);
        foreach (ref var key in keys) key = BinaryPrimitives.ReverseEndianness(key);
        keys.Sort();
        for (var i = 1; i < keys.Length; i++)
            if (keys[i] == keys[i - 1]) return Fail("lists a key twice; remove one");
        foreach (ref var key in keys) key = BinaryPrimitives.ReverseEndianness(key);
        return true;
    }

    /// <summary>A list within a text: a comma and a backslash that belong to an item have a backslash of their own (RFC 9460, appendix A.1).</summary>
    bool Protocols(scoped ReadOnlySpan<byte> value)
    {
        // The text's octets go one behind where the items will stand: each comma makes room for a length.
        var size = length;
        if (!UInt8(0) || !Unescape(value)) return false;
        var (from, end) = (size + 1, length);
        length = size + 1;
        for (; from < end; from++)
        {
            var c = into[from];
            if (c != ',')
            {
                if (c == '\\' && ++from < end) c = into[from];
                else if (c == '\\') return Fail("has a backslash at the end of a list; remove it");
                into[length++] = c;
                continue;
            }

            if (length - size - 1 is 0 or > byte.MaxValue) return Fail("lists a protocol of no or of more than 255 octets; correct it");
            into[size] = (byte)(length - size - 1);
            size = length++;
        }

        if (length - size - 1 is 0 or > byte.MaxValue) return Fail("lists a protocol of no or of more than 255 octets; correct it");
        into[size] = (byte)(length - size - 1);
        return true;
    }
}
