namespace Oops.Zones.Verification;

/// <summary>What can be wrong with a zone. The words for people and policies are in <see cref="ZoneFaults"/>.</summary>
internal enum ZoneFault
{
    SoaCount,
    SoaElsewhere,
    NsMissing,
    OutOfZone,
    RecordMalformed,
    RRsetTooLarge,
    TtlMismatch,
    CnameAndOther,
    CnameMultiple,
    DnameMultiple,
    Occluded,
    GlueMissing,
    TargetMissing,
    TargetIsCname,
    ServerUnusable,
    NsWildcard,
    DsWithoutNs,
    DsMalformed,
    DnssecMissing,
    DnskeyMissing,
    DnskeyMalformed,
    DnskeyTooMany,
    DnskeyElsewhere,
    RevokedUnsigned,
    AlgorithmUnsupported,
    SignatureMissing,
    SignatureAlgorithmMissing,
    SignatureKskMissing,
    SignatureBogus,
    SignatureExpired,
    SignatureNotYet,
    SignatureMalformed,
    SignatureTtl,
    SignatureLeftover,
    SignatureExtra,
    SignatureTooMany,
    SignatureUnchecked,
    CdsMismatch,
    CdsConflict,
    CdsStandby,
    CdsSignature,
    DenialMissing,
    DenialBoth,
    NsecMissing,
    NsecNext,
    NsecTypes,
    NsecExtra,
    Nsec3Param,
    Nsec3ParamMore,
    Nsec3Missing,
    Nsec3Next,
    Nsec3Types,
    Nsec3Extra,
    Nsec3Malformed,
    Nsec3Leftover,
    Nsec3Iterations,
    Nsec3Unchecked,
    ZonemdMissing,
    ZonemdMismatch,
    ZonemdUnsupported,
    SizeRecords,
    SizeRRsets,
    SizeDelegations,
    CanaryMissing,
}

/// <summary>How bad a fault is. A zone with an error is not to be served.</summary>
internal enum Severity
{
    /// <summary>Not told at all.</summary>
    Ignore,

    /// <summary>Told; the zone passes.</summary>
    Warning,

    /// <summary>The zone does not pass.</summary>
    Error,
}

/// <summary>A fault for people.</summary>
/// <param name="Fault">Which.</param>
/// <param name="Name">Its word in output and policies.</param>
/// <param name="Severity">Unless a policy says otherwise.</param>
/// <param name="Meaning">What is wrong and where that is written.</param>
internal sealed record FaultWords(ZoneFault Fault, string Name, Severity Severity, string Meaning);

/// <summary>All faults with their names, severities and meanings.</summary>
internal static class ZoneFaults
{
    static readonly FaultWords[] Table =
    [
        new(ZoneFault.SoaCount, "soa-count", Severity.Error, "the apex has not exactly one SOA record (RFC 1035, 5.2)"),
        new(ZoneFault.SoaElsewhere, "soa-elsewhere", Severity.Error, "an SOA record below the apex"),
        new(ZoneFault.NsMissing, "ns-missing", Severity.Error, "the apex has no NS record (RFC 1035, 5.2)"),
        new(ZoneFault.OutOfZone, "out-of-zone", Severity.Warning, "a record whose owner is not in the zone: left out"),
        new(ZoneFault.RecordMalformed, "record-malformed", Severity.Error, "record data that are not what the type asks for, a type that no zone can hold (RFC 6895, 3.1), or a TTL beyond 2^31-1 (RFC 2181, 8): left out"),
        new(ZoneFault.RRsetTooLarge, "rrset-too-large", Severity.Error, "an RRset that fits into no message, or a name with more than 256 KiB of records or 256 RRsets: the rest of it is left out"),
        new(ZoneFault.TtlMismatch, "ttl-mismatch", Severity.Warning, "records of one RRset with different TTLs (RFC 2181, 5.2): the first one's is taken"),
        new(ZoneFault.CnameAndOther, "cname-and-other", Severity.Error, "CNAME beside other data (RFC 2181, 10.1; RFC 4034, 2.5)"),
        new(ZoneFault.CnameMultiple, "cname-multiple", Severity.Error, "more than one CNAME record at a name (RFC 2181, 10.1)"),
        new(ZoneFault.DnameMultiple, "dname-multiple", Severity.Error, "more than one DNAME record at a name (RFC 6672, 2.4)"),
        new(ZoneFault.Occluded, "occluded", Severity.Warning, "data that nobody can get: below a delegation and no glue, beside one, or below a DNAME, also that of the apex (RFC 6672, 2.4)"),
        new(ZoneFault.GlueMissing, "glue-missing", Severity.Error, "a delegation to a server within it, without its address (RFC 1034, 4.2.1; RFC 9471)"),
        new(ZoneFault.TargetMissing, "target-missing", Severity.Warning, "an NS, MX or SRV record that names a host of this zone which has no address"),
        new(ZoneFault.TargetIsCname, "target-is-cname", Severity.Warning, "an NS, MX or SRV record that names an alias (RFC 2181, 10.3), or a host below a DNAME, which makes it one"),
        new(ZoneFault.ServerUnusable, "server-unusable", Severity.Error, "an NS record of the zone itself that names a host of this zone which has no address, or is an alias (RFC 2181, 10.3): BIND and Knot DNS do not load it"),
        new(ZoneFault.NsWildcard, "ns-wildcard", Severity.Warning, "NS records at a wildcard, which delegate nothing (RFC 4592, 4.2): BIND does not load them"),
        new(ZoneFault.DsWithoutNs, "ds-without-ns", Severity.Error, "DS where there is no delegation (RFC 4035, 2.4)"),
        new(ZoneFault.DsMalformed, "ds-malformed", Severity.Error, "a DS record whose digest has not the size of its type (RFC 4034, 5.1; RFC 4509; RFC 6605)"),
        new(ZoneFault.DnssecMissing, "dnssec-missing", Severity.Error, "the zone is not signed, and has to be; or by nothing that can be checked here"),
        new(ZoneFault.DnskeyMissing, "dnskey-missing", Severity.Error, "signatures or NSEC records, and no zone key at the apex (RFC 4035, 2.1), or none that is not revoked (RFC 5011, 2.1)"),
        new(ZoneFault.DnskeyMalformed, "dnskey-malformed", Severity.Error, "a DNSKEY record that is no key of its algorithm"),
        new(ZoneFault.DnskeyTooMany, "dnskey-too-many", Severity.Error, "more keys, or records that ask for their DS, than anybody needs: the rest of them was not looked at (KeyTrap, CVE-2023-50387)"),
        new(ZoneFault.DnskeyElsewhere, "dnskey-elsewhere", Severity.Warning, "DNSKEY, CDS, CDNSKEY or NSEC3PARAM below the apex (RFC 4035, 2.1), but for the CDS and CDNSKEY of _dsboot names (RFC 9615)"),
        new(ZoneFault.RevokedUnsigned, "revoked-unsigned", Severity.Warning, "a key with the REVOKE flag that does not sign the DNSKEY RRset: nobody takes it for revoked (RFC 5011, 2.1)"),
        new(ZoneFault.AlgorithmUnsupported, "algorithm-unsupported", Severity.Warning, "a key of an algorithm that this program or this system cannot check: its signatures are taken as they are"),
        new(ZoneFault.SignatureMissing, "signature-missing", Severity.Error, "an RRset without a signature (RFC 4035, 2.2)"),
        new(ZoneFault.SignatureAlgorithmMissing, "signature-algorithm-missing", Severity.Error, "an RRset without a signature by one of the algorithms of the zone's keys (RFC 4035, 2.2; RFC 6840, 5.11)"),
        new(ZoneFault.SignatureKskMissing, "signature-ksk-missing", Severity.Error, "the DNSKEY RRset has keys with the SEP flag, and by none of them, of each of their algorithms, a signature: nobody gets from the parent's DS to the others (RFC 4035, 5.2)"),
        new(ZoneFault.SignatureBogus, "signature-bogus", Severity.Error, "a signature that is not by the key that it names, or not over these data"),
        new(ZoneFault.SignatureExpired, "signature-expired", Severity.Error, "a signature whose time is over, and none in its place (of the DNSKEY RRset: none by a key with the SEP flag)"),
        new(ZoneFault.SignatureNotYet, "signature-not-yet", Severity.Error, "a signature whose time has not come, and none in its place (of the DNSKEY RRset: none by a key with the SEP flag)"),
        new(ZoneFault.SignatureMalformed, "signature-malformed", Severity.Error, "an RRSIG record with another signer, a wrong number of labels, or broken data (RFC 4034, 3.1)"),
        new(ZoneFault.SignatureTtl, "signature-ttl", Severity.Warning, "a signature whose original TTL is not the RRset's (RFC 4034, 3.1.4)"),
        new(ZoneFault.SignatureLeftover, "signature-leftover", Severity.Warning, "a signature that is out of time or by a key that is not there, beside a good one"),
        new(ZoneFault.SignatureExtra, "signature-extra", Severity.Warning, "a signature over nothing, or over what must have none: glue, or NS at a delegation (RFC 4035, 2.2)"),
        new(ZoneFault.SignatureTooMany, "signature-too-many", Severity.Error, "more signatures over one RRset, or more keys with one tag, than anybody needs: the rest of them was not looked at (KeyTrap, CVE-2023-50387)"),
        new(ZoneFault.SignatureUnchecked, "signature-unchecked", Severity.Error, "so many signatures are wrong that those which come behind them were not checked (KeyTrap, CVE-2023-50387)"),
        new(ZoneFault.CdsMismatch, "cds-mismatch", Severity.Error, "CDS or CDNSKEY records, and none of them is of a key that signs the DNSKEY RRset: a parent that follows them breaks the delegation (RFC 7344, 4.1)"),
        new(ZoneFault.CdsConflict, "cds-conflict", Severity.Error, "a CDS or CDNSKEY record that asks for no DS, beside one that asks for some (RFC 8078, 4), or CDS and CDNSKEY of different keys (RFC 7344, 4)"),
        new(ZoneFault.CdsStandby, "cds-standby", Severity.Warning, "a CDS or CDNSKEY record of no key of the zone, beside one that keeps the delegation: of a key that is still to come (RFC 6781, 4.1.2), or a mistake"),
        new(ZoneFault.CdsSignature, "cds-signature", Severity.Warning, "CDS or CDNSKEY records without a signature by a key with the SEP flag: no parent takes them (RFC 7344, 4.1)"),
        new(ZoneFault.DenialMissing, "denial-missing", Severity.Error, "signed, and neither NSEC nor NSEC3 records (RFC 4035, 2.3)"),
        new(ZoneFault.DenialBoth, "denial-both", Severity.Warning, "NSEC and NSEC3 records both: the zone is on its way from the one to the other (RFC 5155, 10.4 and 10.5), and each chain is judged"),
        new(ZoneFault.NsecMissing, "nsec-missing", Severity.Error, "a name without an NSEC record (RFC 4035, 2.3)"),
        new(ZoneFault.NsecNext, "nsec-next", Severity.Error, "an NSEC record whose next name is not the next name (RFC 4034, 4.1.1)"),
        new(ZoneFault.NsecTypes, "nsec-types", Severity.Error, "an NSEC record whose types are not those of the name (RFC 4034, 4.1.2)"),
        new(ZoneFault.NsecExtra, "nsec-extra", Severity.Error, "an NSEC record where none may be: below a delegation, or in a zone with NSEC3 whose apex has none (RFC 4035, 2.3)"),
        new(ZoneFault.Nsec3Param, "nsec3-param", Severity.Error, "NSEC3 records without the NSEC3PARAM record that tells of them, or with none that can be used; or an NSEC3PARAM record without its chain (RFC 5155, 7.3)"),
        new(ZoneFault.Nsec3ParamMore, "nsec3-param-more", Severity.Warning, "several NSEC3PARAM records: servers may use either chain (RFC 5155, 7.3), and only that of the first is judged"),
        new(ZoneFault.Nsec3Missing, "nsec3-missing", Severity.Error, "a name without an NSEC3 record, and not in the span of one that opts out (RFC 5155, 7.1)"),
        new(ZoneFault.Nsec3Next, "nsec3-next", Severity.Error, "an NSEC3 record whose next hash is not the next hash (RFC 5155, 7.1)"),
        new(ZoneFault.Nsec3Types, "nsec3-types", Severity.Error, "an NSEC3 record whose types are not those of the name (RFC 5155, 7.1)"),
        new(ZoneFault.Nsec3Extra, "nsec3-extra", Severity.Error, "an NSEC3 record of no name of the zone: answers would be proved wrong"),
        new(ZoneFault.Nsec3Malformed, "nsec3-malformed", Severity.Error, "an NSEC3 record whose owner is no hash, whose data are broken (RFC 5155, 3), whose flags nobody knows (8.2), or that is not the only one of its hash"),
        new(ZoneFault.Nsec3Leftover, "nsec3-leftover", Severity.Warning, "an NSEC3 record of other parameters than NSEC3PARAM tells, or in a zone with NSEC and no NSEC3PARAM: of a chain that is being made or taken down (RFC 5155, 7.3 and 10.4)"),
        new(ZoneFault.Nsec3Iterations, "nsec3-iterations", Severity.Error, "more iterations than resolvers compute, to whom the zone is not signed then (RFC 9276, 3.2): the proofs are not looked at"),
        new(ZoneFault.Nsec3Unchecked, "nsec3-unchecked", Severity.Error, "so many names are empty, with nothing but others below them, that the hashes of the rest were not looked at"),
        new(ZoneFault.ZonemdMissing, "zonemd-missing", Severity.Error, "the zone has no ZONEMD record of a scheme and hash that are known here, and has to have one"),
        new(ZoneFault.ZonemdMismatch, "zonemd-mismatch", Severity.Error, "a ZONEMD record whose serial or digest is not the zone's (RFC 8976, 4)"),
        new(ZoneFault.ZonemdUnsupported, "zonemd-unsupported", Severity.Warning, "no ZONEMD record of a scheme and hash that are known here (SIMPLE with SHA-384 or SHA-512)"),
        new(ZoneFault.SizeRecords, "size-records", Severity.Error, "far more or far fewer records than in the last version that passed"),
        new(ZoneFault.SizeRRsets, "size-rrsets", Severity.Error, "far more or far fewer RRsets than in the last version that passed"),
        new(ZoneFault.SizeDelegations, "size-delegations", Severity.Error, "far more or far fewer delegations than in the last version that passed"),
        new(ZoneFault.CanaryMissing, "canary-missing", Severity.Error, "a name that must be in the zone is not"),
    ];

    public static IReadOnlyList<FaultWords> All => Table;

    /// <summary>A table for readers, as `oops schema zone-faults` prints it.</summary>
    public static string Page() => "| fault | severity | meaning |\n|-|-|-|\n" + string.Concat(Table.Select(static w => $"| `{w.Name}` | {w.Severity.ToString().ToLowerInvariant()} | {w.Meaning} |\n"));

    public static FaultWords Of(ZoneFault fault) => Table[(int)fault];

    /// <summary>Null: there is none of that name.</summary>
    public static FaultWords? Named(string name) => Array.Find(Table, w => w.Name == name);
}
