namespace Oops.Dns;

/// <summary>What a NOTIFY was about.</summary>
[Flags]
internal enum Notified : byte
{
    None = 0,
    Soa = 1,

    /// <summary>CDS or CDNSKEY of a child (RFC 9859).</summary>
    Cds = 2,

    /// <summary>CSYNC of a child (RFC 9859).</summary>
    Csync = 4,
}
