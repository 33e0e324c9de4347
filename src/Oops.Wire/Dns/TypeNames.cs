using System.Globalization;

namespace Oops.Wire.Dns;

/// <summary>RR types by the names of their registry, as far as they are met in reports; all others as RFC 3597 writes them.</summary>
public static class TypeNames
{
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

    /// <summary>The type of a name as <see cref="Of"/> writes it, in either case; null: there is none.</summary>
    public static DnsType? Find(string text)
    {
        if (text.StartsWith("TYPE", StringComparison.OrdinalIgnoreCase) && ushort.TryParse(text.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0) return (DnsType)number;
        foreach (var block in (ReadOnlySpan<(int From, int To)>)[(1, 512), (32768, 32769)])
        {
            for (var i = block.From; i <= block.To; i++)
                if (Of((DnsType)i).Equals(text, StringComparison.OrdinalIgnoreCase)) return (DnsType)i;
        }

        return null;
    }
}
