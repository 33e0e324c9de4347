using System.Globalization;
using System.Net;
using System.Text;
using Oops.Wire.Dns;
using Oops.Wire.Dns.Master;

namespace Oops.Actions.Powerdns;

/// <summary>Records as the API of PowerDNS has them. It is no master file: names in data hold `;` and `(` as they are, and a record that is written otherwise than the server would write it is refused (4.7.3: "Not in expected format").</summary>
internal static class PowerdnsText
{
    /// <summary>What the server knows by its name (4.7.3). Of others it knows the number, and data in hexadecimal; of these it takes no hexadecimal.</summary>
    static readonly HashSet<string> Known =
    [
        "A", "AAAA", "AFSDB", "APL", "CAA", "CDNSKEY", "CDS", "CERT", "CNAME", "CSYNC", "DHCID", "DLV", "DNAME", "DNSKEY", "DS", "EUI48", "EUI64", "HINFO", "HTTPS", "IPSECKEY", "KEY", "KX", "L32", "L64", "LOC", "LP",
        "MB", "MG", "MINFO", "MR", "MX", "NAPTR", "NID", "NS", "NSEC", "NSEC3", "NSEC3PARAM", "OPENPGPKEY", "PTR", "RKEY", "RP", "RRSIG", "SIG", "SMIMEA", "SOA", "SPF", "SRV", "SSHFP", "SVCB", "TLSA", "TXT", "URI", "ZONEMD",
    ];

    /// <summary>As the server calls a type.</summary>
    public static string NameOf(DnsType type) => TypeNames.Of(type) is var name && Known.Contains(name) ? name : string.Create(CultureInfo.InvariantCulture, $"TYPE{(ushort)type}");

    /// <summary>The zone in a path of the API: what is not of a host's name is `=` and two digits, and so is the root, which would be no part of a path.</summary>
    public static string IdOf(in DnsName zone)
    {
        if (zone.IsRoot)
            return "=2E";
        var id = new StringBuilder();
        foreach (var octet in Encoding.ASCII.GetBytes(zone.ToAbsolute()))
        {
            if (char.IsAsciiLetterOrDigit((char)octet) || (char)octet is '.' or '-' or '_')
                id.Append((char)octet);
            else
                id.Append(CultureInfo.InvariantCulture, $"={octet:X2}");
        }

        return id.ToString();
    }

    /// <summary>The API takes records of that name (4.7.3: "contains unsupported characters").</summary>
    public static bool Takes(in DnsName owner)
    {
        var text = owner.ToString();
        return (text.StartsWith("*.", StringComparison.Ordinal) ? text[2..] : text).All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '/' or '.' or '-');
    }

    /// <summary>The data of a record as the server writes them, as far as that is known: what it wants otherwise it says.</summary>
    public static string Write(DnsType type, ReadOnlySpan<byte> data)
    {
        // It takes no ::ffff:192.0.2.1, and any other form.
        if (type == DnsType.Aaaa && data.Length == 16)
            return string.Join(':', Convert.ToHexString(data).Chunk(4).Select(static g => new string(g).ToLowerInvariant()));
        // The blank is the server's own where there are no data.
        if (!Known.Contains(TypeNames.Of(type)))
            return string.Create(CultureInfo.InvariantCulture, $@"\# {data.Length} {Convert.ToHexString(data)}");
        return Unescaped(RecordText.Write(type, data));
    }

    /// <summary>Reads what the server writes. False, and why, where it is none of that type.</summary>
    public static bool TryRead(DnsType type, string content, Span<byte> into, out int length, out string? why) =>
        RecordText.TryParse(type, Encoding.UTF8.GetBytes(Escaped(content)), default, into, out length, out why);

    /// <summary>In names the server writes these as they are; in quotes, where texts are, nothing differs.</summary>
    static string Unescaped(string text)
    {
        var (written, quoted) = (new StringBuilder(text.Length), false);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            quoted ^= c == '"';
            if (c == '\\' && i + 1 < text.Length)
            {
                c = text[++i];
                if (quoted || c is not ('"' or '(' or ')' or ';' or '@' or '$'))
                    written.Append('\\');
            }

            written.Append(c);
        }

        return written.ToString();
    }

    static string Escaped(string content)
    {
        var (text, quoted) = (new StringBuilder(content.Length), false);
        for (var i = 0; i < content.Length; i++)
        {
            var c = content[i];
            if (c == '\\' && i + 1 < content.Length)
            {
                text.Append(c).Append(content[++i]);
                continue;
            }

            if (c == '"' && (quoted || i == 0 || content[i - 1] is ' ' or '='))
                quoted = !quoted;
            else if (!quoted && c is ';' or '(' or ')' or '"')
                text.Append('\\');
            text.Append(c);
        }

        return text.ToString();
    }
}
