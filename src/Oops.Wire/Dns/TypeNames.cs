using System.Globalization;

namespace Oops.Wire.Dns;

/// <summary>RR types by the names of their registry, as far as they are met in reports; all others as RFC 3597 writes them.</summary>
public static class TypeNames
{
    // The highest with a name but for that one.
    const int LastName = 257, Dlv = 32769;

    /// <summary>`A`, `DNSKEY`, `TYPE65280`.</summary>
    public static string Of(DnsType type) => (ushort)type switch
    {
        1 => "A",
        2 => "NS",
        5 => "CNAME",
        6 => "SOA",
        12 => "PTR",
        13 => "HINFO",
        15 => "MX",
        16 => "TXT",
        28 => "AAAA",
        29 => "LOC",
        33 => "SRV",
        35 => "NAPTR",
        36 => "KX",
        37 => "CERT",
        39 => "DNAME",
        41 => "OPT",
        42 => "APL",
        43 => "DS",
        44 => "SSHFP",
        45 => "IPSECKEY",
        46 => "RRSIG",
        47 => "NSEC",
        48 => "DNSKEY",
        49 => "DHCID",
        50 => "NSEC3",
        51 => "NSEC3PARAM",
        52 => "TLSA",
        53 => "SMIMEA",
        55 => "HIP",
        59 => "CDS",
        60 => "CDNSKEY",
        61 => "OPENPGPKEY",
        62 => "CSYNC",
        63 => "ZONEMD",
        64 => "SVCB",
        65 => "HTTPS",
        66 => "DSYNC",
        99 => "SPF",
        108 => "EUI48",
        109 => "EUI64",
        249 => "TKEY",
        250 => "TSIG",
        251 => "IXFR",
        252 => "AXFR",
        255 => "ANY",
        256 => "URI",
        257 => "CAA",
        32769 => "DLV",
        var other => string.Create(CultureInfo.InvariantCulture, $"TYPE{other}"),
    };

    /// <summary>A type that a zone can hold: no meta type and no question (RFC 6895, 3.1).</summary>
    public static bool IsData(DnsType type) => type != DnsType.Opt && (ushort)type is not (0 or >= 128 and <= 255);

    /// <summary>`A`, `dnskey`, `TYPE65280`, `65280`; false: none of these, or 0.</summary>
    public static bool TryParse(string word, out DnsType type)
    {
        var digits = word.StartsWith("TYPE", StringComparison.OrdinalIgnoreCase) ? word.AsSpan(4) : word;
        if (ushort.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            type = (DnsType)number;
            return number != 0;
        }

        foreach (var known in Enumerable.Range(1, LastName).Append(Dlv))
            if (Of(type = (DnsType)known).Equals(word, StringComparison.OrdinalIgnoreCase)) return true;
        type = default;
        return false;
    }
}
