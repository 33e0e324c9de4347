using System.Globalization;
using System.Text;

namespace Oops.Core;

/// <summary>One INFO-CODE of the registry.</summary>
/// <param name="Code">0 to 65535.</param>
/// <param name="Name">Its name in the registry, in lower case with dashes.</param>
/// <param name="Meaning">What a resolver says with it.</param>
/// <param name="Advice">For who runs the zone of which it is said: what is usually behind it, and what to look at first.</param>
public sealed record ErrorInfo(int Code, string Name, string Meaning, string Advice)
{
    /// <summary>The registry of INFO-CODEs (RFC 8914, 5.2, and what IANA added until 2025), by rising code from 0 on.</summary>
    public static IReadOnlyList<ErrorInfo> All { get; } =
    [
        new(0, "other", "an error that has no code of its own",
            "The text that comes with the error says more: ask such a resolver yourself (dig +dnssec) and read it."),
        new(1, "unsupported-dnskey-algorithm", "the zone's keys are all of algorithms that the resolver does not know",
            "It takes the zone as unsigned. Look at the algorithms of the DNSKEY set: 8 and 13 are known everywhere; 5 and 7 (SHA-1) are refused by more and more systems."),
        new(2, "unsupported-ds-digest-type", "the DS set at the parent has only digest types that the resolver does not know",
            "It takes the zone as unsigned. Have a DS of digest type 2 (SHA-256) published at the parent."),
        new(3, "stale-answer", "the resolver could not get an answer in time, and gave an old one from its cache",
            "The zone's servers do not answer it, or too late. Ask each of them from outside, over UDP and TCP; look for loss, rate limits and an attack."),
        new(4, "forged-answer", "the resolver gave another answer, by its policy",
            "Nothing is wrong at the zone's servers. Ask whoever runs the resolver why the name is on its list, and look whether the name was misused."),
        new(5, "dnssec-indeterminate", "the resolver could not tell whether the answer should be signed",
            "It did not get the records that it needs. Look for a server of the zone, or of its parent, that leaves out DS, DNSKEY, RRSIG or NSEC (dig +dnssec +norecurse at each)."),
        new(6, "dnssec-bogus", "the answer did not pass DNSSEC validation",
            "Usually the DS at the parent does not match the DNSKEY set (a rollover that went on too early), or one server has another version of the zone than the rest. Compare both at each server (delv, DNSViz)."),
        new(7, "signature-expired", "the signatures have expired",
            "The signer has stopped, or a secondary no longer gets the zone. Look at the end of the RRSIGs at each server, then at the signer and at the transfers; sign anew at once."),
        new(8, "signature-not-yet-valid", "the signatures begin in the future",
            "The clock of the signer is fast, or it was set back after signing. Look at its clock and at the beginning of the RRSIGs; a single resolver that says so may have a slow clock itself."),
        new(9, "dnskey-missing", "there is a DS at the parent, and no key of the zone that matches it",
            "The key was taken away before its DS, the DS is of another key, or the zone is no longer signed. Compare dig DS with dig DNSKEY at each server; publish the old key again, or have the DS removed."),
        new(10, "rrsigs-missing", "signatures are missing where there should be some",
            "A server has an unsigned copy of the zone, or something on the way takes the signatures out. Ask each server with dig +dnssec; look for a primary that was put in place of the signer."),
        new(11, "no-zone-key-bit-set", "a DNSKEY does not have its zone key bit set",
            "The key was made or copied wrongly: flags are 256 (ZSK) or 257 (KSK). Look at the DNSKEY set."),
        new(12, "nsec-missing", "the proof that a name or type does not exist is missing",
            "The NSEC or NSEC3 chain has a gap: a zone changed without being signed anew, two versions of it, or a signer on the fly that forgets empty names and wildcards. Ask each server for a name that does not exist."),
        new(13, "cached-error", "the resolver repeats a failure that it has in its cache",
            "It says nothing of its own: look at what was reported before it. It ends by itself, minutes after the cause has."),
        new(14, "not-ready", "the server was not able to answer yet",
            "A server is starting, or has the zone in its config and not loaded. Look at its log, and at zone-ready."),
        new(15, "blocked", "the name is on a block list of whoever runs the resolver",
            "Nothing is wrong at the zone's servers. Ask whoever runs the resolver, and look whether the name was misused."),
        new(16, "censored", "somebody else than who runs the resolver wants the name blocked",
            "Nothing is wrong at the zone's servers. The text that comes with the error may name the order; it is a matter for your lawyers."),
        new(17, "filtered", "the resolver's user wants such names blocked",
            "Nothing is wrong at the zone's servers. If the name is in the wrong category, write to whoever makes the filter's list."),
        new(18, "prohibited", "the question was refused, since who asked may not ask",
            "If it comes from a server of the zone, an ACL or a view refuses that resolver. Look there first; else it is between the resolver and its user."),
        new(19, "stale-nxdomain-answer", "the resolver could not get an answer in time, and said from its cache that there is no such name",
            "The zone's servers do not answer it, or too late, as with stale-answer. A name that was added since is hidden by it: ask each server from outside, over UDP and TCP."),
        new(20, "not-authoritative", "a server was asked for a zone that it does not have",
            "A lame delegation: an NS at the parent, or in the zone, names a server that does not serve it. Ask each of them for the SOA; put the zone there or take the NS away."),
        new(21, "not-supported", "what was asked for is not supported",
            "A server does not know the type or the operation. Look at which type was asked for and at which server; an old version or a middlebox is likely."),
        new(22, "no-reachable-authority", "none of the zone's servers could be reached",
            "Routing, a firewall, an outage, or servers that refuse or limit this resolver. Ask each address from outside, over UDP and TCP, IPv4 and IPv6, and look at the glue at the parent."),
        new(23, "network-error", "talking to one of the zone's servers failed",
            "Look at its reachability over UDP and TCP, at port 53 in firewalls, and at large answers (path MTU, fragments): the text that comes with the error often names address and cause."),
        new(24, "invalid-data", "a server has the zone in its config and cannot serve it",
            "The zone has expired there or did not load. Look at zone-expiring, at its transfers and at the server's log."),
        new(25, "signature-expired-before-valid", "a signature ends before it begins",
            "The signer is set up wrongly or its clock jumped while it signed. Look at both dates of the RRSIGs; sign anew."),
        new(26, "too-early", "the question came as early data of a QUIC or TLS session, where it is not taken",
            "Nothing is wrong with the zone: it is between the resolver and its user (RFC 9250), who asks again."),
        new(27, "unsupported-nsec3-iterations-value", "the zone's NSEC3 iterations are more than the resolver takes",
            "It takes the zone as unsigned, or fails. Set iterations to 0 and no salt (RFC 9276) and sign anew."),
        new(28, "unable-to-conform-to-policy", "the resolver cannot answer in the way that its user asks for",
            "Nothing is wrong with the zone, unless the user asks for encryption or authentication on the way to its servers that these do not offer."),
        new(29, "synthesized", "the resolver made the answer of what it has in its cache",
            "No error as such (RFC 8198). If names that exist are denied, the NSEC or NSEC3 chain is wrong: ask each server for the names around them."),
        new(30, "invalid-query-type", "a type was asked for that nobody may ask for",
            "Nothing is wrong with the zone: somebody asked for NXNAME (RFC 9824), which is there for answers alone."),
    ];

    /// <summary>The INFO-CODE; null: it is not in the registry.</summary>
    public static ErrorInfo? Of(int code) => (uint)code < (uint)All.Count ? All[code] : null;

    /// <summary>The registry as a Markdown table.</summary>
    public static string Table()
    {
        var text = new StringBuilder("| code | name | a resolver says it when | usually, and what to look at first |\n|---|---|---|---|\n");
        foreach (var info in All) text.Append(CultureInfo.InvariantCulture, $"| {info.Code} | `{info.Name}` | {info.Meaning} | {info.Advice} |\n");
        return text.ToString();
    }
}
