using System.Text;
using System.Text.Unicode;

namespace Oops.Wire.Cbor;

/// <summary>Walks over data items in core deterministic encoding (RFC 8949, 4.2.1). Anything else, an indefinite length or a number that could be shorter, is malformed here: an item has one form.</summary>
public ref struct CborReader(ReadOnlySpan<byte> items)
{
    const int Deepest = 8;

    const byte Unsigned = 0, Negative = 1, Octets = 2, Utf8Text = 3, Array = 4, Map = 5, Tag = 6, Other = 7;

    ReadOnlySpan<byte> rest = items;

    /// <summary>Everything was read.</summary>
    public readonly bool AtEnd => rest.IsEmpty;

    /// <summary>How many octets are left.</summary>
    public readonly int Left => rest.Length;

    /// <summary>A map begins, of so many pairs.</summary>
    public bool TryMap(out int pairs) => TryCount(Map, 2, out pairs);

    /// <summary>A whole number that a long can hold.</summary>
    public bool TryInteger(out long value)
    {
        value = 0;
        if (!TryHead(out var major, out var argument) || major > Negative || argument > long.MaxValue) return false;
        value = major == Unsigned ? (long)argument : -1 - (long)argument;
        return true;
    }

    /// <summary>A text of UTF-8, of so many octets at most.</summary>
    public bool TryText(int most, out string text)
    {
        text = "";
        if (!TryHead(out var major, out var length) || major != Utf8Text || length > (ulong)Math.Min(most, rest.Length)) return false;
        var octets = rest[..(int)length];
        rest = rest[(int)length..];
        if (!Utf8.IsValid(octets)) return false;
        text = Encoding.UTF8.GetString(octets);
        return true;
    }

    /// <summary>The next item is a text.</summary>
    public readonly bool IsText => !rest.IsEmpty && rest[0] >> 5 == Utf8Text;

    /// <summary>Passes over one item, whatever it is.</summary>
    public bool TrySkip() => TrySkip(Deepest);

    bool TrySkip(int deep)
    {
        if (deep == 0 || !TryHead(out var major, out var argument)) return false;
        switch (major)
        {
            case Octets or Utf8Text:
                if (argument > (ulong)rest.Length) return false;
                rest = rest[(int)argument..];
                return true;
            case Array or Map:
                // Each item has an octet at least: a count that lies ends soon.
                if (argument > (ulong)rest.Length) return false;
                for (var left = argument * (major == Map ? 2UL : 1UL); left > 0; left--)
                    if (!TrySkip(deep - 1)) return false;
                return true;
            case Tag:
                return TrySkip(deep - 1);
            default:
                return true;
        }
    }

    bool TryCount(byte wanted, int each, out int count)
    {
        count = 0;
        if (!TryHead(out var major, out var argument) || major != wanted || argument > (ulong)(rest.Length / each)) return false;
        count = (int)argument;
        return true;
    }

    bool TryHead(out byte major, out ulong argument)
    {
        (major, argument) = (0, 0);
        if (rest.IsEmpty) return false;
        major = (byte)(rest[0] >> 5);
        var info = rest[0] & 31;
        rest = rest[1..];
        if (info < 24)
        {
            argument = (ulong)info;
            return true;
        }

        // 28 to 30 are not in use, and 31 is of indefinite lengths.
        if (info > 27) return false;
        var size = 1 << (info - 24);
        if (rest.Length < size) return false;
        for (var i = 0; i < size; i++) argument = argument << 8 | rest[i];
        rest = rest[size..];
        // Of major type 7 longer ones are floats, which need their zeros; a simple value below 32 has no second octet.
        return major == Other ? size > 1 || argument >= 32 : argument >= (size == 1 ? 24UL : 1UL << (size * 4));
    }
}
