namespace Oops.Wire.Dns.Master;

/// <summary>Addresses in text, without an object for each.</summary>
internal static class AddressText
{
    /// <summary>Four decimal numbers without leading zeros, which some would read as octal.</summary>
    public static bool TryIpv4(ReadOnlySpan<byte> word, Span<byte> into)
    {
        var part = 0;
        var value = -1;
        foreach (var c in word)
        {
            if (c == '.')
            {
                if (value < 0 || part == 3) return false;
                into[part++] = (byte)value;
                value = -1;
                continue;
            }

            if (!MasterText.IsDigit(c) || value == 0) return false;
            value = Math.Max(value, 0) * 10 + (c - '0');
            if (value > byte.MaxValue) return false;
        }

        if (part != 3 || value < 0) return false;
        into[3] = (byte)value;
        return true;
    }

    /// <summary>RFC 4291, 2.2: groups, one "::", and dotted octets at the end.</summary>
    public static bool TryIpv6(ReadOnlySpan<byte> word, Span<byte> into)
    {
        Span<byte> address = stackalloc byte[16];
        var (at, gap, digits, group, from) = (0, -1, 0, 0, 0);
        var i = 0;
        if (word.StartsWith("::"u8)) (gap, i, from) = (0, 2, 2);
        else if (word.Length > 0 && word[0] == ':') return false;
        for (; i < word.Length; i++)
        {
            var c = word[i];
            if (MasterText.Nibble(c) is >= 0 and var nibble)
            {
                if (++digits > 4) return false;
                group = group << 4 | nibble;
                continue;
            }

            if (c == '.')
            {
                if (at > 12 || !TryIpv4(word[from..], address[at..])) return false;
                (at, digits, i) = (at + 4, 0, word.Length);
                break;
            }

            if (c != ':' || at > 14 || digits == 0) return false;
            Put(address, ref at, ref group, ref digits);
            from = i + 1;
            if (from == word.Length) return false;
            if (word[from] != ':') continue;
            if (gap >= 0) return false;
            gap = at;
            i++;
            from++;
        }

        if (digits > 0)
        {
            if (at > 14) return false;
            Put(address, ref at, ref group, ref digits);
        }

        if (gap < 0 ? at != 16 : at > 14) return false;
        into[..16].Clear();
        if (gap < 0) gap = 16;
        address[..Math.Min(gap, at)].CopyTo(into);
        if (gap < at) address[gap..at].CopyTo(into[(16 - (at - gap))..]);
        return true;
    }

    static void Put(Span<byte> address, ref int at, ref int group, ref int digits)
    {
        address[at++] = (byte)(group >> 8);
        address[at++] = (byte)group;
        (group, digits) = (0, 0);
    }
}
