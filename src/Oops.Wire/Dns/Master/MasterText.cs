namespace Oops.Wire.Dns.Master;

/// <summary>The smallest parts of a master file's text: escapes, names, numbers.</summary>
internal static class MasterText
{
    /// <summary>Reads "\DDD" or "\X" (RFC 1035, 5.1) at a backslash, and moves to the last octet of it.</summary>
    public static bool TryEscape(ReadOnlySpan<byte> word, ref int at, out byte octet)
    {
        octet = 0;
        if (at + 1 >= word.Length) return false;
        octet = word[++at];
        if (!IsDigit(octet)) return true;
        if (at + 2 >= word.Length || !IsDigit(word[at + 1]) || !IsDigit(word[at + 2])) return false;
        var value = (octet - '0') * 100 + (word[at + 1] - '0') * 10 + (word[at + 2] - '0');
        at += 2;
        octet = (byte)value;
        return value <= byte.MaxValue;
    }

    /// <summary>
    /// Writes the wire form of a name: "@" is the origin, and what does not end with a dot is below it. Null, or what is wrong with it.
    /// </summary>
    /// <param name="word">Unquoted.</param>
    /// <param name="origin">The default value: there is none.</param>
    /// <param name="lower">ASCII letters only (RFC 4343, 3).</param>
    /// <param name="into">Takes <see cref="DnsName.MaxLength"/> octets at most.</param>
    /// <param name="length">Octets written.</param>
    public static string? Name(ReadOnlySpan<byte> word, in DnsName origin, bool lower, Span<byte> into, out int length)
    {
        length = 0;
        if (word.Length == 1 && word[0] == '.') return End([0], into, ref length);
        if (word.Length == 1 && word[0] == '@') return Relative(origin, into, ref length);
        if (into.Length > DnsName.MaxLength) into = into[..DnsName.MaxLength];
        var label = 0; // where the length octet of the label under way is
        var at = 1;
        for (var i = 0; i < word.Length; i++)
        {
            var c = word[i];
            if (c == '.')
            {
                if (at - label - 1 is 0 or > DnsName.MaxLabel || label >= into.Length) return Size(at - label - 1);
                into[label] = (byte)(at - label - 1);
                label = at++;
                continue;
            }

            if (c == '"') return "is no name: it has a quote; write \\\" for one";
            if (c == '\\' && !TryEscape(word, ref i, out c)) return "is no name: a backslash is followed by three digits of 000 to 255 or by one other character";
            if ((uint)at >= (uint)into.Length) return TooLong;
            into[at++] = lower && c is >= (byte)'A' and <= (byte)'Z' ? (byte)(c | 0x20) : c;
        }

        if (at - label == 1) // it ended with a dot, or is empty
        {
            if (label == 0) return Size(0);
            length = label;
            return End([0], into, ref length);
        }

        if (at - label - 1 > DnsName.MaxLabel) return Size(at - label - 1);
        into[label] = (byte)(at - label - 1);
        length = at;
        return Relative(origin, into, ref length);
    }

    /// <summary>`3600`, `1h30m`, `2w` (units w d h m s, as BIND, Knot and NSD read them); at most 2^32-1.</summary>
    public static bool TryTtl(ReadOnlySpan<byte> word, out uint seconds)
    {
        ulong sum = 0, number = 0;
        var digits = 0;
        var units = false;
        seconds = 0;
        foreach (var c in word)
        {
            if (IsDigit(c))
            {
                number = number * 10 + (uint)(c - '0');
                if (++digits > 10) return false;
                continue;
            }

            uint unit = (c | 0x20) switch { 'w' => 604800, 'd' => 86400, 'h' => 3600, 'm' => 60, 's' => 1, _ => 0 };
            if (unit == 0 || digits == 0) return false;
            sum += number * unit;
            (number, digits, units) = (0, 0, true);
            if (sum > uint.MaxValue) return false;
        }

        if (digits == 0 && !units) return false;
        sum += number;
        seconds = (uint)sum;
        return sum <= uint.MaxValue;
    }

    /// <summary>Digits only.</summary>
    public static bool TryNumber(ReadOnlySpan<byte> word, out ulong number)
    {
        number = 0;
        if (word.Length is 0 or > 18) return false;
        foreach (var c in word)
        {
            if (!IsDigit(c)) return false;
            number = number * 10 + (uint)(c - '0');
        }

        return true;
    }

    public static bool IsDigit(byte c) => (uint)(c - '0') <= 9;

    /// <summary>-1: no hexadecimal digit.</summary>
    public static int Nibble(byte c) => c switch
    {
        >= (byte)'0' and <= (byte)'9' => c - '0',
        >= (byte)'a' and <= (byte)'f' => c - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => c - 'A' + 10,
        _ => -1,
    };

    const string TooLong = "is no name: it is longer than 255 octets; shorten it";

    static string? Relative(in DnsName origin, Span<byte> into, ref int length) =>
        origin.Wire.IsEmpty ? "is relative, and there is no origin; end it with a dot" : End(origin.Wire, into, ref length);

    static string? End(ReadOnlySpan<byte> rest, Span<byte> into, ref int length)
    {
        if (length + rest.Length > Math.Min(into.Length, DnsName.MaxLength)) return TooLong;
        rest.CopyTo(into[length..]);
        length += rest.Length;
        return null;
    }

    static string Size(int label) => label switch
    {
        0 => "is no name: a label is empty; remove the dot",
        > DnsName.MaxLabel => "is no name: a label is longer than 63 octets; shorten it",
        _ => TooLong,
    };
}
