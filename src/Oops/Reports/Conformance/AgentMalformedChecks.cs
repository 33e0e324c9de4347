using System.Collections.Immutable;
using Oops.Wire.Dns;

namespace Oops.Reports.Conformance;

/// <summary>Names that begin as a report and are none. The RFC says nothing of them; whether they are told from reports is for who reads the counts. That they are not denied is `never-denied`.</summary>
internal static class AgentMalformedChecks
{
    public static ImmutableArray<AgentCheck> All { get; } =
    [
        Malformed("type-0", "type 0", e => $"_er.0.{e.Failed}.0._er"),
        Malformed("type-65536", "type 65536", e => $"_er.65536.{e.Failed}.0._er"),
        Malformed("type-word", "a type in letters", e => $"_er.a.{e.Failed}.0._er"),
        Malformed("types-falling", "types that do not rise, 28-1", e => $"_er.28-1.{e.Failed}.0._er"),
        Malformed("code-65536", "INFO-CODE 65536", e => $"_er.1.{e.Failed}.65536._er"),
        Malformed("code-word", "an INFO-CODE in letters", e => $"_er.1.{e.Failed}.a._er"),
        Malformed("no-tail", "no `_er` before the agent domain", e => $"_er.1.{e.Failed}.0"),
        Malformed("no-front", "no `_er` in front, so not the whole of a report", e => $"1.{e.Failed}.0._er"),
        Malformed("no-code", "neither name nor INFO-CODE", _ => "_er.1._er"),
    ];

    static AgentCheck Malformed(string id, string what, Func<Examination, string> labels) => AgentCheck.One("malformed-" + id, "RFC 9567, 6.1.1", Level.Free, $"told from a report: {what}", e => (new PlainQuery(e.Below(labels(e)), DnsType.Txt), null), (e, q, a) =>
        e.Thanks is not { } thanks ? Verdict.Note($"no good report was answered to compare with: {Examination.Words(a)}") : Examination.Txt(a, q.Name) is { } txt && txt.Data.AsSpan().SequenceEqual(thanks.Data) ? Verdict.Note($"as a good report: {Examination.Words(a)}") : Verdict.Ok(Examination.Words(a)));
}
