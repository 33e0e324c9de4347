namespace Oops.Wire.Dns.Master;

/// <summary>What a record's data is made of, in text and on the wire.</summary>
internal enum FieldKind : byte
{
    /// <summary>A name, lower case in canonical form (RFC 4034, 6.2).</summary>
    Name,

    /// <summary>A name that keeps its case.</summary>
    NameAsIs,

    U8,
    U16,
    U32,

    /// <summary>32 bits of seconds, or with units.</summary>
    Ttl,

    /// <summary>32 bits: YYYYMMDDHHmmSS or seconds since 1970 (RFC 4034, 3.2).</summary>
    Time,

    /// <summary>An RR type by name.</summary>
    TypeName,

    /// <summary>A DNSSEC algorithm by number or name.</summary>
    Algorithm,

    /// <summary>A certificate type by number or name (RFC 4398, 2.1).</summary>
    CertificateType,

    /// <summary>A scheme of DSYNC by number or name (RFC 9859).</summary>
    Scheme,

    /// <summary>One character string.</summary>
    OneText,

    /// <summary>A character string that may be left out.</summary>
    TextOrNone,

    /// <summary>Character strings to the end, at least one.</summary>
    Texts,

    /// <summary>Text to the end, without a length (CAA, URI).</summary>
    LongText,

    /// <summary>A CAA tag: letters and digits (RFC 8659, 4.1).</summary>
    Tag,

    /// <summary>Octets to the end, at least one.</summary>
    Hex,

    /// <summary>Octets to the end, at least one.</summary>
    Base64,

    /// <summary>Octets to the end, or none.</summary>
    Base64OrNone,

    /// <summary>A length octet and octets in base32 with the extended hex alphabet (RFC 5155, 3.3).</summary>
    Base32Hex,

    /// <summary>A length octet and octets in hexadecimal; "-" for none (RFC 5155, 3.3).</summary>
    Salt,

    /// <summary>Types to the end (RFC 4034, 4.1.2).</summary>
    Bitmap,

    /// <summary>Types below 128 to the end (RFC 2535, 5.2).</summary>
    OldBitmap,

    Ipv4,
    Ipv6,

    /// <summary>64 bits in four groups (RFC 6742).</summary>
    Groups,

    /// <summary>48 bits, octets with hyphens (RFC 7043).</summary>
    Eui48,

    /// <summary>64 bits, octets with hyphens (RFC 7043).</summary>
    Eui64,

    /// <summary>RFC 1876.</summary>
    Location,

    /// <summary>Address prefixes to the end (RFC 3123).</summary>
    Prefixes,

    /// <summary>Type of gateway, algorithm, gateway and key (RFC 4025).</summary>
    Gateway,

    /// <summary>Discovery bit, type of relay and relay (RFC 8777).</summary>
    Relay,

    /// <summary>All of HIP (RFC 8005).</summary>
    Host,

    /// <summary>SvcParams to the end (RFC 9460).</summary>
    Parameters,

    /// <summary>0x and hexadecimal with dots (RFC 1706).</summary>
    Nsap,
}
