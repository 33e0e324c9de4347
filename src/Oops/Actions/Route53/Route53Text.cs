using System.Globalization;
using System.Text;
using Oops.Wire.Dns;
using Oops.Wire.Dns.Master;

namespace Oops.Actions.Route53;

/// <summary>
/// Names and data as Route 53 writes them: as a zone's text, but that an octet is written by three octal digits (`\052` is an asterisk), where a zone's text has decimal ones.
/// </summary>
internal static class Route53Text
{
    /// <summary>Characters of the value of a TXT record.</summary>
    public const int Longest = 4000;

    const DnsType Spf = (DnsType)99;

    static readonly DnsType[] Types =
    [
        DnsType.A, DnsType.Ns, DnsType.Cname, DnsType.Soa, DnsType.Ptr, DnsType.Mx, DnsType.Txt, DnsType.Aaaa, DnsType.Srv, (DnsType)35 /* NAPTR */, DnsType.Ds, (DnsType)44 /* SSHFP */,
        (DnsType)52 /* TLSA */, DnsType.Svcb, (DnsType)65 /* HTTPS */, Spf, (DnsType)257 /* CAA */,
    ];

    /// <summary>The types that Route 53 has.</summary>
    public static IReadOnlyList<DnsType> All => Types;

    /// <summary>With the final dot; what is no letter, digit, hyphen or underscore by its number.</summary>
    public static string Name(in DnsName name)
    {
        var text = new StringBuilder();
        var wire = name.Wire;
        for (var at = 0; wire[at] != 0; at += wire[at] + 1)
        {
            foreach (var octet in wire.Slice(at + 1, wire[at]))
            {
                if (char.IsAsciiLetterOrDigit((char)octet) || octet is (byte)'-' or (byte)'_')
                    text.Append((char)octet);
                else
                    Octal(text, octet);
            }

            text.Append('.');
        }

        return text.Length == 0 ? "." : text.ToString();
    }

    public static bool TryName(string text, out DnsName name)
    {
        name = default;
        return Decimal(text) is { } plain && DnsName.TryParse(plain, out name);
    }

    /// <summary>The value of one record. Null: the data is none of its type.</summary>
    public static string? Value(DnsType type, ReadOnlySpan<byte> data)
    {
        if (!RecordText.IsWellFormed(type, data))
            return null;
        var plain = RecordText.Write(type, data);
        var text = new StringBuilder(plain.Length);
        var quoted = false;
        for (var i = 0; i < plain.Length; i++)
        {
            quoted ^= plain[i] == '"';
            if (plain[i] != '\\')
                text.Append(plain[i]);
            else if (char.IsAsciiDigit(plain[i + 1]))
                Octal(text, byte.Parse(plain.AsSpan(i + 1, 3), NumberStyles.None, CultureInfo.InvariantCulture), ref i, 3);
            else if (quoted)
                text.Append('\\').Append(plain[++i]);
            else
                Octal(text, (byte)plain[i + 1], ref i, 1);
        }

        return text.ToString();
    }

    /// <summary>The data of a value. False, and why: it cannot be read.</summary>
    public static bool TryData(DnsType type, string value, Span<byte> into, out int length, out string why)
    {
        length = 0;
        why = @"a backslash is followed by three octal digits or by another character";
        if (Decimal(value) is not { } plain)
            return false;
        // Names are whole, with a final dot or without.
        var read = RecordText.TryParse(type, Encoding.UTF8.GetBytes(plain), DnsName.Root, into, out length, out var problem);
        why = problem ?? "";
        return read;
    }

    /// <summary>With the decimal escapes of a zone's text. Null: an escape is none.</summary>
    static string? Decimal(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
            return text;
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            plain.Append(text[i]);
            if (text[i] != '\\')
                continue;
            if (++i == text.Length)
                return null;
            if (!char.IsAsciiDigit(text[i]))
            {
                plain.Append(text[i]);
                continue;
            }

            if (i + 2 >= text.Length || text[i] > '3' || text[i + 1] is < '0' or > '7' || text[i + 2] is < '0' or > '7')
                return null;
            plain.Append(CultureInfo.InvariantCulture, $"{((text[i] - '0') << 6) | ((text[i + 1] - '0') << 3) | (text[i + 2] - '0'):000}");
            i += 2;
        }

        return plain.ToString();
    }

    static void Octal(StringBuilder text, byte octet, ref int at, int digits)
    {
        Octal(text, octet);
        at += digits;
    }

    static void Octal(StringBuilder text, byte octet) => text.Append('\\').Append((char)('0' + (octet >> 6))).Append((char)('0' + ((octet >> 3) & 7))).Append((char)('0' + (octet & 7)));
}
