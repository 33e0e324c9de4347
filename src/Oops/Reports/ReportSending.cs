using System.Text.Json.Serialization;
using Oops.Dns;
using Oops.Wire.Dns;

namespace Oops.Reports;

/// <summary>How a report is sent.</summary>
internal enum SendBy
{
    /// <summary>As a resolver should (RFC 9567, 6.1): over UDP with a cookie, and over TCP where the agent asks for that.</summary>
    Resolver,
    Udp,
    Tcp,
    Tls,
}

/// <summary>One query of a report, and what was answered.</summary>
/// <param name="Over">`UDP`, `TCP`, `TLS`.</param>
/// <param name="Cookie">What cookie went with it: `none`, `client`, `server`.</param>
/// <param name="Rcode">Null: there was no answer.</param>
/// <param name="Why">Why there was none.</param>
internal sealed record SentReport(string Over, string Cookie, string? Rcode, bool Truncated, IReadOnlyList<string> Texts, uint? Ttl, string? Why)
{
    /// <summary>It was taken, as far as the answer says.</summary>
    [JsonIgnore]
    public bool Taken => Rcode == "NOERROR" && !Truncated && Texts.Count > 0;
}

/// <summary>Sends one report to an agent, with each step that this takes.</summary>
internal static class ReportSending
{
    public static async Task<IReadOnlyList<SentReport>> RunAsync(AgentClient agent, DnsName report, SendBy by, bool withCookie, CancellationToken stop)
    {
        var steps = new List<SentReport>();
        var cookie = withCookie || by == SendBy.Resolver ? agent.Cookie : default;
        var over = by switch { SendBy.Tcp => Transport.Tcp, SendBy.Tls => Transport.Tls, _ => Transport.Udp };
        var answer = await StepAsync(over).ConfigureAwait(false);
        // Once more with what it gave us (RFC 7873, 5.3), and then it is for TCP.
        if (answer is { Rcode: DnsRcode.BadCookie } && ClientCookie.Read(answer.Cookie, cookie.Span) == CookieAnswer.Server)
        {
            cookie = answer.Cookie;
            answer = await StepAsync(over).ConfigureAwait(false);
        }

        if (by == SendBy.Resolver && answer is ({ Truncated: true } or { Rcode: DnsRcode.BadCookie }))
        {
            if (ClientCookie.Read(answer.Cookie, agent.Cookie.Span) == CookieAnswer.Server) cookie = answer.Cookie;
            await StepAsync(Transport.Tcp).ConfigureAwait(false);
        }

        return steps;

        async Task<PlainAnswer?> StepAsync(Transport way)
        {
            var came = await agent.AskAsync(new PlainQuery(report, DnsType.Txt) { Cookie = cookie }, way, stop).ConfigureAwait(false);
            steps.Add(Step(came, way, cookie.Length, report));
            return came.Answer;
        }
    }

    static SentReport Step(Exchanged came, Transport over, int cookie, DnsName report)
    {
        var texts = came.Answer?.Answers.Where(r => r.Owner == report && r.Type == DnsType.Txt).ToList() ?? [];
        return new(Exchange.Word(over), cookie == 0 ? "none" : cookie == ServerCookie.ClientSize ? "client" : "server", came.Answer is { } answer ? DnsWords.Of(answer.Rcode) : null,
            came.Answer?.Truncated ?? false, [.. texts.Select(r => PlainAnswer.Text(r) ?? "(not a text)")], texts.FirstOrDefault()?.Ttl, came.Why);
    }
}
