namespace Oops.Wire.Dns.Dnssec;

/// <summary>The types that a name has, as NSEC, NSEC3 and CSYNC records tell them (RFC 4034, 4.1.2).</summary>
public static class TypeBitmap
{
    /// <summary>Octets of the longest: 256 windows of 34.</summary>
    public const int MaxSize = 256 * 34;

    /// <summary>True if it is well-formed: windows in rising order, 1 to 32 octets each, no zero at an end.</summary>
    public static bool IsValid(ReadOnlySpan<byte> bitmap)
    {
        var previous = -1;
        while (!bitmap.IsEmpty)
        {
            if (bitmap.Length < 3 || bitmap[0] <= previous || bitmap[1] is 0 or > 32 || bitmap.Length < 2 + bitmap[1] || bitmap[1 + bitmap[1]] == 0)
                return false;
            previous = bitmap[0];
            bitmap = bitmap[(2 + bitmap[1])..];
        }

        return true;
    }

    public static bool Has(ReadOnlySpan<byte> bitmap, DnsType type)
    {
        var (window, at, bit) = ((ushort)type >> 8, ((ushort)type & 0xFF) >> 3, 0x80 >> ((ushort)type & 7));
        while (bitmap.Length >= 2 && bitmap.Length >= 2 + bitmap[1])
        {
            if (bitmap[0] == window)
                return at < bitmap[1] && (bitmap[2 + at] & bit) != 0;
            bitmap = bitmap[(2 + bitmap[1])..];
        }

        return false;
    }

    /// <summary>Each type, in rising order.</summary>
    public static List<DnsType> Types(ReadOnlySpan<byte> bitmap)
    {
        var types = new List<DnsType>();
        while (bitmap.Length >= 2 && bitmap.Length >= 2 + bitmap[1])
        {
            for (var i = 0; i < bitmap[1] * 8; i++)
            {
                if ((bitmap[2 + (i >> 3)] & 0x80 >> (i & 7)) != 0)
                    types.Add((DnsType)(bitmap[0] << 8 | i));
            }

            bitmap = bitmap[(2 + bitmap[1])..];
        }

        return types;
    }

    /// <summary>Writes the one and only form of a set of types, which are in rising order; <see cref="MaxSize"/> octets always suffice. Returns octets written.</summary>
    public static int Write(ReadOnlySpan<DnsType> types, Span<byte> into)
    {
        var length = 0;
        var head = -1;
        foreach (var type in types)
        {
            var (window, at) = ((ushort)type >> 8, ((ushort)type & 0xFF) >> 3);
            if (head < 0 || into[head] != window)
            {
                head = length;
                into[length++] = (byte)window;
                into[length++] = 0;
            }

            while (into[head + 1] <= at)
            {
                into[length++] = 0;
                into[head + 1]++;
            }

            into[head + 2 + at] |= (byte)(0x80 >> ((ushort)type & 7));
        }

        return length;
    }
}
