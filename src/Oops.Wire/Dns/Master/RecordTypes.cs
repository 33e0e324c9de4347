using System.Collections.Frozen;
using static Oops.Wire.Dns.Master.FieldKind;

namespace Oops.Wire.Dns.Master;

/// <summary>The table of RR types: the names of their registry, and what their data is made of. One table for both directions.</summary>
internal static class RecordTypes
{
    /// <summary>Characters of the longest name of a type, and of TYPE65535.</summary>
    public const int LongestName = 10;

    /// <summary>None, an IPv4 address, an IPv6 address, a name.</summary>
    const int LastGateway = 3;

    /// <summary>Data of a kind of their type that is not defined yet, which is to be kept as it is: LOC of another version (RFC 1876, 2), a gateway (RFC 4025, 2.3) or relay (RFC 8777, 4.2.3) of an unassigned type.</summary>
    public static bool IsOfUnknownForm(DnsType type, ReadOnlySpan<byte> data) => (int)type switch
    {
        29 => data.Length > 0 && data[0] != 0,
        45 => data.Length > 2 && data[1] > LastGateway,
        260 => data.Length > 1 && (data[1] & 0x7F) > LastGateway,
        _ => false,
    };

    // Fields: null where a type has no form in text but that of RFC 3597.
    static readonly (ushort Type, string Name, FieldKind[]? Fields)[] Rows =
    [
        (1, "A", [Ipv4]),
        (2, "NS", [Name]),
        (3, "MD", [Name]),
        (4, "MF", [Name]),
        (5, "CNAME", [Name]),
        (6, "SOA", [Name, Name, U32, Ttl, Ttl, Ttl, Ttl]),
        (7, "MB", [Name]),
        (8, "MG", [Name]),
        (9, "MR", [Name]),
        (10, "NULL", null),
        (12, "PTR", [Name]),
        (13, "HINFO", [OneText, OneText]),
        (14, "MINFO", [Name, Name]),
        (15, "MX", [U16, Name]),
        (16, "TXT", [Texts]),
        (17, "RP", [Name, Name]),
        (18, "AFSDB", [U16, Name]),
        (19, "X25", [OneText]),
        (20, "ISDN", [OneText, TextOrNone]),
        (21, "RT", [U16, Name]),
        (22, "NSAP", [Nsap]),
        (23, "NSAP-PTR", [NameAsIs]),
        (24, "SIG", [TypeName, Algorithm, U8, U32, Time, Time, U16, Name, Base64]),
        (25, "KEY", [U16, U8, Algorithm, Base64OrNone]),
        (26, "PX", [U16, Name, Name]),
        (27, "GPOS", [OneText, OneText, OneText]),
        (28, "AAAA", [Ipv6]),
        (29, "LOC", [Location]),
        (30, "NXT", [Name, OldBitmap]),
        (33, "SRV", [U16, U16, U16, Name]),
        (35, "NAPTR", [U16, U16, OneText, OneText, OneText, Name]),
        (36, "KX", [U16, Name]),
        (37, "CERT", [CertificateType, U16, Algorithm, Base64]),
        (39, "DNAME", [Name]),
        (41, "OPT", null),
        (42, "APL", [Prefixes]),
        (43, "DS", [U16, Algorithm, U8, Hex]),
        (44, "SSHFP", [U8, U8, Hex]),
        (45, "IPSECKEY", [U8, Gateway]),
        (46, "RRSIG", [TypeName, Algorithm, U8, U32, Time, Time, U16, Name, Base64]),
        (47, "NSEC", [NameAsIs, Bitmap]),
        (48, "DNSKEY", [U16, U8, Algorithm, Base64]),
        (49, "DHCID", [Base64]),
        (50, "NSEC3", [U8, U8, U16, Salt, Base32Hex, Bitmap]),
        (51, "NSEC3PARAM", [U8, U8, U16, Salt]),
        (52, "TLSA", [U8, U8, U8, Hex]),
        (53, "SMIMEA", [U8, U8, U8, Hex]),
        (55, "HIP", [Host]),
        (56, "NINFO", [Texts]),
        (57, "RKEY", [U16, U8, Algorithm, Base64]),
        (58, "TALINK", [NameAsIs, NameAsIs]),
        (59, "CDS", [U16, Algorithm, U8, Hex]),
        (60, "CDNSKEY", [U16, U8, Algorithm, Base64]),
        (61, "OPENPGPKEY", [Base64]),
        (62, "CSYNC", [U32, U16, Bitmap]),
        (63, "ZONEMD", [U32, U8, U8, Hex]),
        (64, "SVCB", [U16, NameAsIs, Parameters]),
        (65, "HTTPS", [U16, NameAsIs, Parameters]),
        (66, "DSYNC", [TypeName, Scheme, U16, NameAsIs]),
        (99, "SPF", [Texts]),
        (104, "NID", [U16, Groups]),
        (105, "L32", [U16, Ipv4]),
        (106, "L64", [U16, Groups]),
        (107, "LP", [U16, NameAsIs]),
        (108, "EUI48", [Eui48]),
        (109, "EUI64", [Eui64]),
        (249, "TKEY", null),
        (250, "TSIG", null),
        (251, "IXFR", null),
        (252, "AXFR", null),
        (255, "ANY", null),
        (256, "URI", [U16, U16, LongText]),
        (257, "CAA", [U8, Tag, LongText]),
        (258, "AVC", [Texts]),
        (260, "AMTRELAY", [U8, Relay]),
        (261, "RESINFO", [Texts]),
        (262, "WALLET", [Texts]),
        (32768, "TA", [U16, Algorithm, U8, Hex]),
        (32769, "DLV", [U16, Algorithm, U8, Hex]),
    ];

    static readonly FrozenDictionary<ushort, (string Name, FieldKind[]? Fields)> ByType = Rows.ToFrozenDictionary(r => r.Type, r => (r.Name, r.Fields));

    static readonly FrozenDictionary<string, ushort>.AlternateLookup<ReadOnlySpan<char>> ByName =
        Rows.ToFrozenDictionary(r => r.Name, r => r.Type, StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Types with a form in text of their own.</summary>
    public static IEnumerable<DnsType> WithFields => Rows.Where(r => r.Fields is not null).Select(r => (DnsType)r.Type);

    /// <summary>Null: no name but that of RFC 3597.</summary>
    public static string? NameOf(DnsType type) => ByType.TryGetValue((ushort)type, out var row) ? row.Name : null;

    /// <summary>Null: no form in text but that of RFC 3597.</summary>
    public static FieldKind[]? FieldsOf(DnsType type) => ByType.TryGetValue((ushort)type, out var row) ? row.Fields : null;

    /// <summary>In any case of letters.</summary>
    public static bool TryFind(ReadOnlySpan<char> name, out DnsType type)
    {
        var found = ByName.TryGetValue(name, out var number);
        type = (DnsType)number;
        return found;
    }
}
