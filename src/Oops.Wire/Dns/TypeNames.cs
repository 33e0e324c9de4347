using System.Globalization;
using System.Text;
using Oops.Wire.Dns.Master;

namespace Oops.Wire.Dns;

/// <summary>RR types by the names of their registry; those without one as RFC 3597 writes them.</summary>
public static class TypeNames
{
    /// <summary>`A`, `DNSKEY`, `TYPE65280`.</summary>
    public static string Of(DnsType type) => RecordTypes.NameOf(type) ?? string.Create(CultureInfo.InvariantCulture, $"TYPE{(ushort)type}");

    /// <summary>A type that a zone can hold: no meta type and no question (RFC 6895, 3.1).</summary>
    public static bool IsData(DnsType type) => type != DnsType.Opt && (ushort)type is not (0 or >= 128 and <= 255);

    /// <summary>`A`, `dnskey`, `TYPE65280`, `65280`; false: none of these, or 0.</summary>
    public static bool TryParse(string word, out DnsType type) => TryNamed(word, out type) || TryNumber(word, out type);

    /// <summary>As a master file has it: `A`, `dnskey`, `TYPE65280`, and no bare number.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> word, out DnsType type)
    {
        type = default;
        Span<char> chars = stackalloc char[RecordTypes.LongestName];
        return word.Length <= chars.Length && TryNamed(chars[..Encoding.Latin1.GetChars(word, chars)], out type);
    }

    static bool TryNamed(ReadOnlySpan<char> word, out DnsType type) =>
        RecordTypes.TryFind(word, out type) || (word.StartsWith("TYPE", StringComparison.OrdinalIgnoreCase) && TryNumber(word[4..], out type));

    static bool TryNumber(ReadOnlySpan<char> digits, out DnsType type)
    {
        var is16 = ushort.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        type = (DnsType)number;
        return is16 && number != 0;
    }
}
