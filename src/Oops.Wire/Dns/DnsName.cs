using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Oops.Wire.Dns;

/// <summary>
/// A domain name by value: uncompressed wire form, lower-cased (RFC 4343), at most 255 octets with labels of at most 63 (RFC 1035, 2.3.4).
/// Reading one from a message allocates nothing. The default value is no name at all: its <see cref="Wire"/> is empty.
/// </summary>
public struct DnsName : IEquatable<DnsName>
{
    /// <summary>Octets of the longest name in wire form, the root's zero included.</summary>
    public const int MaxLength = 255;

    /// <summary>Octets of the longest label.</summary>
    public const int MaxLabel = 63;

    /// <summary>Characters of the longest name as text: every octet as \DDD.</summary>
    public const int MaxText = 1016;

    Octets octets;
    byte length;

    /// <summary>The root, ".".</summary>
    public static DnsName Root
    {
        get
        {
            var root = default(DnsName);
            root.length = 1;
            return root;
        }
    }

    /// <summary>The lower-case wire form with the final zero; empty for the default value.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Wire => ((ReadOnlySpan<byte>)octets)[..length];

    public readonly bool IsRoot => length == 1;

    public static bool operator ==(in DnsName a, in DnsName b) => a.Wire.SequenceEqual(b.Wire);

    public static bool operator !=(in DnsName a, in DnsName b) => !(a == b);

    /// <summary>
    /// Reads a possibly compressed name at <paramref name="offset"/> and moves the offset behind it. A pointer must point behind the header and before
    /// everything that was read for this name so far, so no loop is possible.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryRead(ReadOnlySpan<byte> message, ref int offset, out DnsName name)
    {
        name = default;
        Span<byte> octets = name.octets;
        var at = offset;
        var lowest = offset;
        var after = -1;
        var length = 0;
        while ((uint)at < (uint)message.Length)
        {
            int head = message[at];
            switch (head & 0xC0)
            {
                case 0x00:
                    if (length + head + 1 > MaxLength || at + 1 + head > message.Length)
                        return Nothing(out name);
                    octets[length] = (byte)head;
                    Lower(message.Slice(at + 1, head), octets[(length + 1)..]);
                    length += head + 1;
                    at += head + 1;
                    if (head != 0)
                        continue;
                    name.length = (byte)length;
                    offset = after < 0 ? at : after;
                    return true;
                case 0xC0:
                    if (at + 2 > message.Length)
                        return Nothing(out name);
                    if (after < 0)
                        after = at + 2;
                    at = (head & 0x3F) << 8 | message[at + 1];
                    if (at >= lowest || at < DnsHeader.Size)
                        return Nothing(out name);
                    lowest = at;
                    continue;
                default: // 01 and 10 are not defined (RFC 6891, 5)
                    return Nothing(out name);
            }
        }

        return Nothing(out name);
    }

    /// <summary>Moves the offset behind a possibly compressed name without following its pointer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TrySkip(ReadOnlySpan<byte> message, ref int offset)
    {
        var at = offset;
        while ((uint)at < (uint)message.Length)
        {
            int head = message[at];
            if (head >= 0xC0)
            {
                offset = at + 2;
                return offset <= message.Length;
            }

            if (head > MaxLabel)
                return false;
            at += head + 1;
            if (at - offset > MaxLength)
                return false;
            if (head == 0)
            {
                offset = at;
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Reads presentation form (RFC 1035, 5.1): labels with dots between, "\DDD" and "\X", the final dot optional, "." for the root. Upper case is lowered. Blanks, control
    /// characters and everything beyond ASCII must be escaped; an internationalised name is written in its xn-- form.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DnsName name)
    {
        name = default;
        if (text is ".")
        {
            name = Root;
            return true;
        }

        if (text.IsEmpty)
            return false;
        Span<byte> octets = name.octets;
        var label = 0; // where the length octet of the label under way is
        var length = 1;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '.')
            {
                if (!EndLabel(octets, label, length))
                    return Nothing(out name);
                label = length++;
                if (length > MaxLength)
                    return Nothing(out name);
                continue;
            }

            if (!TryOctet(text, ref i, out var octet) || length >= MaxLength)
                return Nothing(out name);
            octets[length++] = octet;
        }

        if (length - label > 1) // no final dot
        {
            if (!EndLabel(octets, label, length) || length >= MaxLength)
                return Nothing(out name);
            label = length++;
        }

        octets[label] = 0;
        name.length = (byte)length;
        return true;
    }

    /// <summary>Takes a lower-case wire form, such as one kept from <see cref="Wire"/>.</summary>
    public static bool TryFromWire(ReadOnlySpan<byte> wire, out DnsName name)
    {
        var offset = 0;
        return (TryRead(wire, ref offset, out name) && offset == wire.Length && name.length == offset) || Nothing(out name);
    }

    /// <summary>Takes a wire form that is known to be a lower-case name: nothing is looked at.</summary>
    internal static DnsName OfCanonical(ReadOnlySpan<byte> wire)
    {
        var name = default(DnsName);
        wire.CopyTo(name.octets);
        name.length = (byte)wire.Length;
        return name;
    }

    /// <summary>True if this name is <paramref name="parent"/> or below it.</summary>
    public readonly bool IsWithin(in DnsName parent)
    {
        var wire = Wire;
        var tail = parent.Wire;
        while (wire.Length > tail.Length)
            wire = wire[(wire[0] + 1)..];
        return !tail.IsEmpty && wire.SequenceEqual(tail);
    }

    /// <summary>The canonical text with the final dot, as a zone's text has it whatever its origin is; "." for the root.</summary>
    public readonly string ToAbsolute() => IsRoot ? "." : ToString() + ".";

    /// <summary>The canonical text: lower case, no final dot, "." for the root, "" for the default value. Printable ASCII only, so it may be logged.</summary>
    public override readonly string ToString()
    {
        Span<char> text = stackalloc char[MaxText];
        return TryFormat(text, out var written) ? new string(text[..written]) : "";
    }

    /// <summary>As <see cref="ToString"/>, into <paramref name="text"/>; <see cref="MaxText"/> characters always suffice.</summary>
    public readonly bool TryFormat(Span<char> text, out int written)
    {
        written = 0;
        if (length <= 1)
        {
            if (length == 1 && !text.TryWrite(CultureInfo.InvariantCulture, $".", out written))
                return false;
            return true;
        }

        var wire = Wire;
        for (var at = 0; wire[at] != 0; at += wire[at] + 1)
        {
            if (at > 0)
            {
                if (written >= text.Length)
                    return false;
                text[written++] = '.';
            }

            foreach (var octet in wire.Slice(at + 1, wire[at]))
            {
                if (!TryAppend(octet, text[written..], out var more))
                    return false;
                written += more;
            }
        }

        return true;
    }

    public readonly bool Equals(DnsName other) => Wire.SequenceEqual(other.Wire);

    public override readonly bool Equals(object? obj) => obj is DnsName other && Equals(other);

    public override readonly int GetHashCode()
    {
        var hash = default(HashCode); // seeded per process: names come from the network
        hash.AddBytes(Wire);
        return hash.ToHashCode();
    }

    /// <summary>ASCII letters only: 0x80-0xff are octets, not letters of some alphabet (RFC 4343, 3).</summary>
    static void Lower(ReadOnlySpan<byte> from, Span<byte> to)
    {
        for (var i = 0; i < from.Length; i++)
            to[i] = Lower(from[i]);
    }

    static byte Lower(byte octet) => octet is >= (byte)'A' and <= (byte)'Z' ? (byte)(octet | 0x20) : octet;

    static bool EndLabel(Span<byte> octets, int label, int length)
    {
        var size = length - label - 1;
        if (size is 0 or > MaxLabel)
            return false;
        octets[label] = (byte)size;
        return true;
    }

    static bool TryOctet(ReadOnlySpan<char> text, ref int i, out byte octet)
    {
        octet = 0;
        var c = text[i];
        if (c is <= ' ' or >= '\x7f')
            return false;
        if (c != '\\')
        {
            octet = Lower((byte)c);
            return true;
        }

        if (++i >= text.Length)
            return false;
        c = text[i];
        if (!char.IsAsciiDigit(c))
        {
            octet = Lower((byte)c);
            return c is > ' ' and < '\x7f';
        }

        if (i + 2 >= text.Length || !char.IsAsciiDigit(text[i + 1]) || !char.IsAsciiDigit(text[i + 2]))
            return false;
        var value = (c - '0') * 100 + (text[i + 1] - '0') * 10 + (text[i + 2] - '0');
        i += 2;
        octet = Lower((byte)value);
        return value <= 255;
    }

    static bool TryAppend(byte octet, Span<char> text, out int written)
    {
        var c = (char)octet;
        switch (c)
        {
            case '.' or '\\' or '"' or '(' or ')' or ';' or '@' or '$':
                written = 2;
                if (text.Length < 2)
                    return false;
                text[0] = '\\';
                text[1] = c;
                return true;
            case > ' ' and < '\x7f':
                written = 1;
                if (text.IsEmpty)
                    return false;
                text[0] = c;
                return true;
            default:
                written = 4;
                if (text.Length < 4)
                    return false;
                text[0] = '\\';
                text[1] = (char)('0' + octet / 100);
                text[2] = (char)('0' + octet / 10 % 10);
                text[3] = (char)('0' + octet % 10);
                return true;
        }
    }

    static bool Nothing(out DnsName name)
    {
        name = default;
        return false;
    }

    [InlineArray(MaxLength)]
    struct Octets
    {
        byte first;
    }
}
