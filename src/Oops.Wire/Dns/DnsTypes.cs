namespace Oops.Wire.Dns;

/// <summary>RR types that are named somewhere in this program (IANA DNS parameters); any other value is legal too.</summary>
public enum DnsType : ushort
{
    A = 1,
    Ns = 2,
    Cname = 5,
    Soa = 6,
    Ptr = 12,
    Hinfo = 13,
    Mx = 15,
    Txt = 16,
    Aaaa = 28,
    Srv = 33,
    Dname = 39,
    Opt = 41,
    Ds = 43,
    Rrsig = 46,
    Nsec = 47,
    Dnskey = 48,
    Nsec3 = 50,
    Nsec3Param = 51,
    Cds = 59,
    Cdnskey = 60,
    Csync = 62,
    Zonemd = 63,
    Svcb = 64,
    Dsync = 66,
    Tsig = 250,
    Ixfr = 251,
    Axfr = 252,
    Any = 255,
}

/// <summary>Classes.</summary>
public enum DnsClass : ushort
{
    In = 1,
    Chaos = 3,
    None = 254,
    Any = 255,
}

/// <summary>Opcodes.</summary>
public enum DnsOpcode : byte
{
    Query = 0,
    Status = 2,
    Notify = 4,
    Update = 5,
}

/// <summary>Response codes: 0-15 fit the header, above that the upper eight bits are in OPT (RFC 6891, 6.1.3).</summary>
public enum DnsRcode : ushort
{
    NoError = 0,
    FormErr = 1,
    ServFail = 2,
    NxDomain = 3,
    NotImp = 4,
    Refused = 5,
    YxDomain = 6,
    YxRrset = 7,
    NxRrset = 8,
    NotAuth = 9,
    NotZone = 10,
    BadVers = 16,
    BadCookie = 23,
}

/// <summary>EDNS option codes.</summary>
public enum EdnsOption : ushort
{
    /// <summary>RFC 5001.</summary>
    Nsid = 3,

    /// <summary>RFC 7314.</summary>
    Expire = 9,

    /// <summary>RFC 7873.</summary>
    Cookie = 10,

    /// <summary>RFC 8914.</summary>
    ExtendedError = 15,

    /// <summary>RFC 9567.</summary>
    ReportChannel = 18,
}

/// <summary>The words of the field for numbers, for logs and explanations.</summary>
public static class DnsWords
{
    /// <summary>"NOERROR", "SERVFAIL" ... or "RCODE17".</summary>
    public static string Of(DnsRcode rcode) => rcode switch
    {
        DnsRcode.NoError => "NOERROR",
        DnsRcode.FormErr => "FORMERR",
        DnsRcode.ServFail => "SERVFAIL",
        DnsRcode.NxDomain => "NXDOMAIN",
        DnsRcode.NotImp => "NOTIMP",
        DnsRcode.Refused => "REFUSED",
        DnsRcode.YxDomain => "YXDOMAIN",
        DnsRcode.YxRrset => "YXRRSET",
        DnsRcode.NxRrset => "NXRRSET",
        DnsRcode.NotAuth => "NOTAUTH",
        DnsRcode.NotZone => "NOTZONE",
        DnsRcode.BadVers => "BADVERS",
        DnsRcode.BadCookie => "BADCOOKIE",
        _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"RCODE{(ushort)rcode}"),
    };
}
