using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Oops.Wire.Dns.Master;

/// <summary>One side of $GENERATE: `$` is the number, `${offset,width,base}` a formatted one, `$$` and `\$` a dollar.</summary>
internal static class GenerateTemplate
{
    /// <summary>Characters of the widest number.</summary>
    const int MaxWidth = 255;

    const string Full = "$GENERATE makes too long a text; shorten it";
    const string NoFormat = "${...} is no format; write ${offset,width,base} with a base of d, o, x, X, n or N";

    /// <summary>Null, or what is wrong.</summary>
    public static string? Expand(ReadOnlySpan<byte> template, long number, Span<byte> into, out int length)
    {
        length = 0;
        for (var i = 0; i < template.Length; i++)
        {
            var c = template[i];
            if (c == '$' && i + 1 < template.Length && template[i + 1] == '$')
            {
                i++;
            }
            else if (c == '$')
            {
                if (Number(template, number, ref i, into, ref length) is { } wrong) return wrong;
                continue;
            }
            else if (c == '\\' && i + 1 < template.Length)
            {
                if (length >= into.Length) return Full;
                into[length++] = c;
                c = template[++i];
            }

            if (length >= into.Length) return Full;
            into[length++] = c;
        }

        return null;
    }

    /// <summary>At a dollar; moves to the last octet of its format.</summary>
    static string? Number(ReadOnlySpan<byte> template, long number, ref int i, Span<byte> into, ref int length)
    {
        var (offset, width, @base) = (0L, 0, (byte)'d');
        if (i + 1 < template.Length && template[i + 1] == '{')
        {
            var end = template[i..].IndexOf((byte)'}');
            if (end < 0 || !TryFormat(template.Slice(i + 2, end - 2), out offset, out width, out @base)) return NoFormat;
            i += end;
        }

        number += offset;
        if (number is > int.MaxValue or < int.MinValue) return "$GENERATE makes a number beyond 31 bits; correct its offset";
        Span<byte> digits = stackalloc byte[MaxWidth + 32];
        int count;
        if (@base is (byte)'n' or (byte)'N')
        {
            count = Nibbles((uint)(int)number, width, @base == 'n', digits);
        }
        else
        {
            var format = @base switch { (byte)'x' => $"{(int)number:x}", (byte)'X' => $"{(int)number:X}", (byte)'o' => Convert.ToString((int)number, 8), _ => number.ToString(CultureInfo.InvariantCulture) };
            var sign = number < 0 && @base == 'd' ? 1 : 0;
            format = string.Concat(format.AsSpan(0, sign), new string('0', Math.Max(0, width - format.Length)), format.AsSpan(sign));
            count = Encoding.ASCII.GetBytes(format, digits);
        }

        if (into.Length - length < count) return Full;
        digits[..count].CopyTo(into[length..]);
        length += count;
        return null;
    }

    static bool TryFormat(ReadOnlySpan<byte> text, out long offset, out int width, out byte @base)
    {
        (offset, width, @base) = (0, 0, (byte)'d');
        var part = 0;
        foreach (var range in text.Split((byte)','))
        {
            var word = text[range];
            switch (part++)
            {
                case 0:
                    var negative = word is [(byte)'-', ..];
                    if (!MasterText.TryNumber(negative ? word[1..] : word, out var value) || value > int.MaxValue) return false;
                    offset = negative ? -(long)value : (long)value;
                    break;
                case 1:
                    if (!MasterText.TryNumber(word, out value) || value > MaxWidth) return false;
                    width = (int)value;
                    break;
                case 2:
                    if (word is not [(byte)'d' or (byte)'o' or (byte)'x' or (byte)'X' or (byte)'n' or (byte)'N']) return false;
                    @base = word[0];
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    /// <summary>Hexadecimal digits as labels, the lowest first; the width counts the dots.</summary>
    static int Nibbles(uint number, int width, bool lower, Span<byte> digits)
    {
        var count = 0;
        do
        {
            digits[count++] = (lower ? "0123456789abcdef"u8 : "0123456789ABCDEF"u8)[(int)(number & 15)];
            number >>= 4;
            width--;
            if (width <= 0 && number == 0) continue;
            digits[count++] = (byte)'.';
            width--;
        }
        while (number != 0 || width > 0);
        return count;
    }
}
