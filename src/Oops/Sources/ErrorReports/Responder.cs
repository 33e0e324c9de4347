using System.Runtime.CompilerServices;
using Oops.Dns;
using Oops.Reports;
using Oops.Wire.Dns;

namespace Oops.Sources.ErrorReports;

/// <summary>
/// The authoritative side of a monitoring agent (RFC 9567, 6.3): answers each query by the query alone, on the listener's threads, without waiting or allocating. A report that may be believed at all is handed on before it is answered.
/// </summary>
internal sealed class Responder(ResponderOptions options, CookieJar cookies, ReportTaker take, ResponderCounts counts)
{
    readonly ChaosNames chaos = new(options);

    /// <summary>A <see cref="DnsHandler"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Answer(ReadOnlySpan<byte> request, Span<byte> response, in Peer peer)
    {
        var rcode = AuthorityQuery.Read(request, out var query);
        if (rcode is null)
        {
            counts.Add(Outcome.Dropped);
            return 0;
        }

        var proved = peer.Over != Transport.Udp;
        var reply = new Reply(request, response, query) { Stream = peer.Over != Transport.Udp };
        if (!query.Cookie.IsEmpty)
        {
            reply.Jar = cookies;
            (reply.To, reply.Now) = (peer.Address, (uint)(peer.At.Wall / 1000));
            var reading = cookies.Read(query.Cookie, peer.Address, reply.Now);
            reply.KeepsCookie = reading == CookieReading.Valid;
            proved |= reading is CookieReading.Valid or CookieReading.Ageing;
        }

        if (!proved && options.Limit.Ask(peer.Address, peer.At.Steady) is not Allowance.Answer and var allowance)
        {
            counts.Add(allowance == Allowance.Drop ? Outcome.Limited : Outcome.Slipped);
            return allowance == Allowance.Drop ? 0 : reply.Empty(DnsRcode.NoError, truncated: true);
        }

        if (query.WantsNsid) reply.Nsid = options.Nsid;
        if (rcode != DnsRcode.NoError)
        {
            counts.Add(Outcome.Malformed);
            return reply.Empty(rcode.Value);
        }

        if (query.QuestionEnd == 0)
        {
            counts.Add(Outcome.Data);
            return reply.Empty(DnsRcode.NoError);
        }

        if (query.Class == DnsClass.Chaos && chaos.Find(query) is { } said)
        {
            counts.Add(Outcome.Data);
            return reply.Data(DnsType.Txt, DnsClass.Chaos, 0, said);
        }

        var agent = query.Class == DnsClass.In && !IsTransfer(query.Type) ? Find(query.Name) : -1;
        if (agent >= 0) return Answer(agent, query, ref reply, peer, proved);
        counts.Add(Outcome.Refused);
        reply.Error = ExtendedError.NotAuthoritative;
        return reply.Empty(DnsRcode.Refused);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    int Answer(int place, in AuthorityQuery query, ref Reply reply, in Peer peer, bool proved)
    {
        var agent = options.Agents[place];
        reply.Agent = agent;
        // RFC 8482: whoever asks for everything gets something, and no more.
        if (query.Type == DnsType.Any) return Done(Outcome.NoData, reply.Any());
        if (query.Name == agent.Domain || agent.Server(query.Name) is not null) return Own(agent, query, ref reply);
        // Whatever lies below exists: NXDOMAIN would suppress all reports below it (RFC 8020).
        if (query.Type != DnsType.Txt) return Done(Outcome.NoData, reply.NoData());
        switch (ReportName.Read(query.Name, agent.Domain, out var report))
        {
            case ReportReading.Prefix:
                return Done(Outcome.NoData, reply.NoData());
            case ReportReading.Malformed:
                return Done(Outcome.MalformedReport, options.Malformed == MalformedReport.Formerr ? reply.Empty(DnsRcode.FormErr) : reply.Data(DnsType.Txt, DnsClass.In, agent.Ttl, AgentDomain.Flaws[(int)report.Flaw]));
            default:
                break;
        }

        var path = peer.Over switch
        {
            Transport.Udp => proved ? ReportPath.Cookie : ReportPath.Udp,
            Transport.Tcp => ReportPath.Tcp,
            _ => ReportPath.Tls,
        };
        if (path == ReportPath.Udp && options.Unverified != UnverifiedUdp.Accept) return Refer(query, ref reply);
        take(new HeardReport { Agent = place, Name = report, From = peer.Address, Path = path, At = peer.At });
        return Done(path switch { ReportPath.Udp => Outcome.Unverified, ReportPath.Cookie => Outcome.Cookie, _ => Outcome.Stream }, reply.Data(DnsType.Txt, DnsClass.In, agent.Ttl, agent.Text));
    }

    /// <summary>To another way, on which the sender proves its address.</summary>
    int Refer(in AuthorityQuery query, ref Reply reply) => options.Unverified == UnverifiedUdp.BadCookie && !query.Cookie.IsEmpty
        ? Done(Outcome.BadCookie, reply.Empty(DnsRcode.BadCookie))
        : Done(Outcome.Truncated, reply.Empty(DnsRcode.NoError, truncated: true));

    int Own(AgentDomain agent, in AuthorityQuery query, ref Reply reply)
    {
        var length = query.Name == agent.Domain ? query.Type switch
        {
            DnsType.Soa => reply.Data(DnsType.Soa, DnsClass.In, agent.Ttl, agent.Soa),
            DnsType.Ns => reply.Servers(),
            _ => 0,
        }
        : 0;
        if (length == 0 && query.Type is DnsType.A or DnsType.Aaaa && agent.Server(query.Name) is { } server) length = reply.Addresses(server, query.Type);
        return length > 0 ? Done(Outcome.Data, length) : Done(Outcome.NoData, reply.NoData());
    }

    int Done(Outcome outcome, int length)
    {
        counts.Add(outcome);
        return length;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    int Find(in DnsName name)
    {
        for (var i = 0; i < options.Agents.Length; i++)
            if (name.IsWithin(options.Agents[i].Domain)) return i;
        return -1;
    }

    static bool IsTransfer(DnsType type) => type is DnsType.Axfr or DnsType.Ixfr;
}
