using System.Collections.Immutable;
using Oops.Dns;
using Oops.Wire.Dns;

namespace Oops.Reports.Conformance;

/// <summary>What is asked of any monitoring agent, in the order in which it is asked: later ones sum up what the earlier saw.</summary>
internal static class AgentChecks
{
    const string Positive = "RFC 9567, 6.3", Caching = "RFC 9567, 8.2", Name = "RFC 9567, 6.1.1";

    public static ImmutableArray<AgentCheck> All { get; } = [.. Reports(), .. Names(), .. AgentUdpChecks.All, .. Edns(), .. AgentMalformedChecks.All, .. Sums()];

    public static async Task<List<CheckResult>> RunAsync(Examination of, CancellationToken stop)
    {
        var results = new List<CheckResult>();
        foreach (var check in All) results.Add(await check.ResultAsync(of, stop).ConfigureAwait(false));
        return results;
    }

    static IEnumerable<AgentCheck> Reports() =>
    [
        AgentCheck.Report("report", Positive, Level.Should, "a report over a stream is answered positively, with TXT", e => e.Report()),
        AgentCheck.One("authoritative", "RFC 1035, 4.1.1", Level.Free, "that answer has AA: resolvers take a server without it for lame", e => (new PlainQuery(e.Report(), DnsType.Txt), null), (_, _, a) => Verdict.When(a.Authoritative, a.Authoritative ? "AA" : "no AA")),
        AgentCheck.Report("several-types", Name, Level.Should, "so is one of several types, 1-28", e => e.Report("1-28")),
        AgentCheck.Report("private-code", Positive, Level.Should, "so is one of an INFO-CODE for private use (RFC 8914, 5.2), 49152", e => e.Report(code: "49152")),
        AgentCheck.Report("root", Positive, Level.Should, "so is one of the root's own keys, 48 and no labels", e => e.Below("_er.48.0._er")),
        AgentCheck.Report("longest", Name, Level.Should, "so is one whose name has all 255 octets", Longest),
        AgentCheck.One("letter-case", Positive, Level.Should, "so is one in mixed letter case", e => (new PlainQuery(e.Report(), DnsType.Txt) { MixedCase = true }, null), (_, q, a) => Verdict.When(Examination.Txt(a, q.Name) is not null, Examination.Words(a))),
        AgentCheck.One("question", "draft-vixie-dnsext-dns0x20", Level.Free, "its question comes back letter for letter", e => (new PlainQuery(e.Report(), DnsType.Txt) { MixedCase = true }, null), (_, _, a) => Verdict.When(a.SameQuestion, a.SameQuestion ? "as it was sent" : "in other letters: resolvers that vary the case (0x20) drop it")),
    ];

    static IEnumerable<AgentCheck> Names() =>
    [
        Exists("minimised-er", "`_er` below the agent domain is not denied: a step of QNAME minimisation (RFC 9156)", _ => "_er", DnsType.A),
        Exists("minimised-code", "nor is `0._er`", _ => "0._er", DnsType.A),
        Exists("minimised-zone", "nor is the last label of the failed name", e => $"{e.Failed.Split('.')[^1]}.0._er", DnsType.A),
        Exists("minimised-name", "nor is the whole failed name", e => $"{e.Failed}.0._er", DnsType.A),
        Exists("minimised-types", "nor is that with the types", e => $"1.{e.Failed}.0._er", DnsType.A),
        Exists("other-type", "nor is a report, asked for with another type", e => $"_er.1.{e.Failed}.0._er", DnsType.Aaaa),
        Exists("below-report", "nor is a name below a report", e => $"x._er.1.{e.Failed}.0._er", DnsType.Txt),
        NoData("no-data", "other types of a report have no data, and the SOA says for how long", e => e.Report(), DnsType.Aaaa),
        NoData("no-data-minimised", "steps of QNAME minimisation have no data either", e => e.Below($"{e.Failed}.0._er"), DnsType.A),
        AgentCheck.One("soa", "RFC 1035, 4.3.2", Level.Free, "the agent domain has an SOA", e => (new PlainQuery(e.Agent, DnsType.Soa), null), (_, _, a) => Verdict.When(a.Answers.Any(r => r.Type == DnsType.Soa), Examination.Words(a))),
        AgentCheck.One("ns", "RFC 1035, 4.3.2", Level.Free, "and NS records", e => (new PlainQuery(e.Agent, DnsType.Ns), null), (_, _, a) => Verdict.When(a.Answers.Any(r => r.Type == DnsType.Ns), Examination.Words(a))),
        AgentCheck.One("outside", "RFC 1035, 4.1.1", Level.Free, "a name outside the agent domain is refused", _ => (new PlainQuery(Outside, DnsType.Txt), null), (_, _, a) => Verdict.When(a.Rcode == DnsRcode.Refused, Examination.Words(a))),
    ];

    static IEnumerable<AgentCheck> Edns() =>
    [
        AgentCheck.One("edns", "RFC 6891, 6.1.1", Level.Must, "a query with EDNS is answered with EDNS", e => (new PlainQuery(e.Report(), DnsType.Txt), null), (_, _, a) => Verdict.When(a.HasEdns, a.HasEdns ? "OPT" : "no OPT")),
        AgentCheck.One("no-edns", "RFC 6891, 7", Level.Must, "one without, without", e => (new PlainQuery(e.Report(), DnsType.Txt) { Edns = false }, null), (_, _, a) => Verdict.When(!a.HasEdns, a.HasEdns ? "OPT" : "no OPT")),
        AgentCheck.One("edns-version", "RFC 6891, 6.1.3", Level.Must, "an EDNS version that is not known is answered with BADVERS", e => (new PlainQuery(e.Report(), DnsType.Txt) { EdnsVersion = 1 }, null), (_, _, a) => Verdict.When(a.Rcode == DnsRcode.BadVers, Examination.Words(a))),
        AgentCheck.One("unsigned", Caching, Level.Free, "the agent domain is not signed: with NSEC, resolvers may answer themselves what should have been a report (RFC 8198)", e => (new PlainQuery(e.Report(), DnsType.Txt) { DnssecOk = true }, null), (_, _, a) => a.Records.Any(r => r.Type == DnsType.Rrsig) ? Verdict.Note("signed: RRSIG in the answer") : Verdict.Ok("no RRSIG")),
    ];

    static IEnumerable<AgentCheck> Sums() =>
    [
        Sum("never-denied", Caching, Level.Must, "none of all these names was answered NXDOMAIN", e => Verdict.When(e.Denied.Count == 0, e.Denied.Count == 0 ? $"none in {e.Answers} answers" : $"NXDOMAIN for {e.Denied.Count}: {string.Join("; ", e.Denied.Take(3))}{(e.Denied.Count > 3 ? " ..." : "")}")),
        Sum("no-channel", "RFC 9567, 6.1", Level.Free, "no answer has the option Report-Channel: reports on reports are what resolvers must bound", e => Verdict.When(e.Channels == 0, e.Channels == 0 ? $"none in {e.Answers} answers" : $"{e.Channels} in {e.Answers} answers")),
        Sum("suppression", Caching, Level.Free, "the TTL: so long a resolver that keeps the answer does not repeat the report", e => e.Thanks is { } txt ? new Verdict(txt.Ttl > 0 ? State.Ok : State.Note, $"{txt.Ttl} s") : Verdict.Note("there was no positive answer")),
    ];

    static DnsName Outside => DnsName.TryParse($"{Examination.TestLabel}.{Examination.TestZone}", out var name) ? name : default;

    static AgentCheck Sum(string id, string of, Level level, string asks, Func<Examination, Verdict> judge) => new(id, of, level, asks, (e, _) => Task.FromResult(e.Answers == 0 ? new Verdict(State.Unasked, "no answer to anything") : judge(e)));

    static AgentCheck Exists(string id, string asks, Func<Examination, string> labels, DnsType type) =>
        AgentCheck.One(id, Caching, Level.Must, asks, e => (new PlainQuery(e.Below(labels(e)), type), null), (_, _, a) => new Verdict(a.Rcode switch { DnsRcode.NoError => State.Ok, DnsRcode.NxDomain => State.Wrong, _ => State.Note }, Examination.Words(a)));

    static AgentCheck NoData(string id, string asks, Func<Examination, DnsName> name, DnsType type) =>
        AgentCheck.One(id, "RFC 2308, 3", Level.Free, asks, e => (new PlainQuery(name(e), type), null), (_, _, a) => Verdict.When(a.Rcode == DnsRcode.NoError && a.Answers.Count == 0 && a.Authorities.Any(r => r.Type == DnsType.Soa), Examination.Words(a) + (a.Authorities.Any(r => r.Type == DnsType.Soa) ? ", SOA" : ", no SOA")));

    /// <summary>Labels of x before the failed name, so that the whole has 255 octets.</summary>
    static DnsName Longest(Examination of)
    {
        var (filled, left) = (of.Failed, DnsName.MaxLength - of.Report().Wire.Length);
        while (left > 1)
        {
            var label = Math.Min(DnsName.MaxLabel, left - 1);
            // A rest of one octet is no label.
            if (left - label - 1 == 1) label--;
            filled = $"{new string('x', label)}.{filled}";
            left -= label + 1;
        }

        return of.Below($"_er.1.{filled}.0._er");
    }
}
