using System.Collections.Immutable;
using Oops.Dns;
using Oops.Wire.Dns;

namespace Oops.Reports.Conformance;

/// <summary>What an agent does with a datagram, which proves nothing of its sender.</summary>
internal static class AgentUdpChecks
{
    public static ImmutableArray<AgentCheck> All { get; } =
    [
        AgentCheck.One("udp", "RFC 9567, 6.3", Level.Should, "a report over UDP without a DNS cookie is answered with TC, so that it comes again over TCP", e => (Udp(e), Transport.Udp), (_, _, a) => Verdict.When(a.Truncated, Examination.Words(a))),
        AgentCheck.One("udp-no-edns", "RFC 9567, 6.3", Level.Should, "so is one without EDNS", e => (Udp(e) with { Edns = false }, Transport.Udp), (_, _, a) => Verdict.When(a.Truncated, Examination.Words(a))),
        AgentCheck.One("udp-client-cookie", "RFC 7873, 5.2.3", Level.Free, "one with a client cookie alone, which proves nothing, is answered with TC or BADCOOKIE", e => (Udp(e) with { Cookie = e.ClientCookie }, Transport.Udp), (_, _, a) => Verdict.When(a.Truncated || a.Rcode == DnsRcode.BadCookie, Examination.Words(a))),
        AgentCheck.One("server-cookie", "RFC 7873, 5.2.3", Level.Free, "and with a server cookie to come again with", e => (Udp(e) with { Cookie = e.ClientCookie }, Transport.Udp), (e, _, a) => ClientCookie.Read(a.Cookie, e.ClientCookie.Span) switch
        {
            CookieAnswer.Server => Verdict.Ok($"{a.Cookie!.Length - ServerCookie.ClientSize} octets"),
            CookieAnswer.None => Verdict.Note("no cookies: every report takes TCP, or proves nothing"),
            CookieAnswer.Foreign => Verdict.Wrong("not our client cookie came back"),
            _ => Verdict.Wrong($"a cookie of {a.Cookie!.Length} octets"),
        }),
        new("udp-cookie", "RFC 9567, 6.3", Level.Should, "with that cookie a report over UDP is answered with TXT", WithCookieAsync),
        AgentCheck.One("udp-forged-cookie", "RFC 7873, 5.2.4", Level.Free, "a server cookie that was made up proves nothing: TC or BADCOOKIE", e => (Udp(e) with { Cookie = (byte[])[.. e.ClientCookie.Span, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] }, Transport.Udp), (_, _, a) => Verdict.When(a.Truncated || a.Rcode == DnsRcode.BadCookie, Examination.Words(a))),
        AgentCheck.One("cookie-size", "RFC 7873, 5.2.2", Level.Free, "a cookie of four octets is FORMERR, where cookies are known", e => (Udp(e) with { Cookie = e.ClientCookie[..4] }, Transport.Udp), (_, _, a) => Verdict.When(a.Rcode == DnsRcode.FormErr, Examination.Words(a))),
    ];

    static PlainQuery Udp(Examination of) => new(of.Report(), DnsType.Txt);

    static async Task<Verdict> WithCookieAsync(Examination of, CancellationToken stop)
    {
        var first = await of.AskAsync(Udp(of) with { Cookie = of.ClientCookie }, Transport.Udp, stop).ConfigureAwait(false);
        if (first.Answer is not { } answer) return Verdict.Unasked(first);
        if (ClientCookie.Read(answer.Cookie, of.ClientCookie.Span) != CookieAnswer.Server) return Verdict.Note("it gives no cookies");
        var second = await of.AskAsync(Udp(of) with { Cookie = answer.Cookie }, Transport.Udp, stop).ConfigureAwait(false);
        return second.Answer is { } came ? Verdict.When(Examination.Txt(came, of.Report()) is not null, Examination.Words(came)) : Verdict.Unasked(second);
    }
}
