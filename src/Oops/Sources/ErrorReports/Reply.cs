using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Oops.Dns;
using Oops.Wire.Dns;

namespace Oops.Sources.ErrorReports;

/// <summary>INFO-CODEs that we send (RFC 8914).</summary>
internal enum ExtendedError : ushort
{
    None = 0,
    NotAuthoritative = 20,
}

/// <summary>
/// One response: the query's id, RD and CD, its question in its own letter case, one section with records, and an OPT record where the query has one. Names in it point into the question, which ends with the agent domain.
/// A Report-Channel option is never sent: it would have resolvers report on reports (RFC 9567, 6.2).
/// </summary>
internal ref struct Reply(ReadOnlySpan<byte> request, Span<byte> response, in AuthorityQuery query)
{
    const ushort CheckingDisabled = 0x0010;

    /// <summary>What we take and send over UDP: no fragments (RFC 9715).</summary>
    const ushort OurSize = 1232;

    const ushort Here = 0xC000 | DnsHeader.Size;

    // RFC 8482, 4.2.
    static readonly byte[] Hinfo = [7, .. "RFC8482"u8, 0];

    readonly ReadOnlySpan<byte> request = request;
    readonly Span<byte> response = response;
    readonly DnsHeader header = query.Header;
    readonly ReadOnlySpan<byte> cookie = query.Cookie;
    readonly int questionEnd = query.QuestionEnd, size = Math.Min(query.UdpSize, OurSize), nameLength = query.QuestionEnd > 0 ? query.Name.Wire.Length : 0;
    readonly bool edns = query.HasEdns, dnssecOk = query.DnssecOk;

    /// <summary>Null until the name is found to be in one.</summary>
    public AgentDomain? Agent { get; set; }

    /// <summary>Null: no cookie is sent.</summary>
    public CookieJar? Jar { get; set; }

    /// <summary>The query's own cookie is good for long enough, and is sent back as it is (RFC 9018, 4.3).</summary>
    public bool KeepsCookie { get; set; }

    public PeerAddress To { get; set; }

    /// <summary>Seconds since 1970.</summary>
    public uint Now { get; set; }

    public ReadOnlySpan<byte> Nsid { get; set; }

    public ExtendedError Error { get; set; }

    /// <summary>Over a stream there is room for all of it.</summary>
    public bool Stream { get; set; }

    /// <summary>A response without records.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly int Empty(DnsRcode rcode, bool truncated = false)
    {
        var writer = Begin(rcode, truncated);
        return End(ref writer, rcode);
    }

    /// <summary>One record of the name that was asked for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly int Data(DnsType type, DnsClass @class, uint ttl, ReadOnlySpan<byte> data)
    {
        var writer = Begin(DnsRcode.NoError);
        Record(ref writer, Here, type, @class, ttl, data);
        writer.Count(6);
        return End(ref writer, DnsRcode.NoError);
    }

    public readonly int Any() => Data(DnsType.Hinfo, DnsClass.In, Agent!.Ttl, Hinfo);

    /// <summary>The name exists and has nothing of this type (RFC 2308).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly int NoData()
    {
        var writer = Begin(DnsRcode.NoError);
        Record(ref writer, Apex, DnsType.Soa, DnsClass.In, Agent!.Ttl, Agent.Soa);
        writer.Count(8);
        return End(ref writer, DnsRcode.NoError);
    }

    /// <summary>The name servers of the agent domain, which was asked for, with the addresses of those inside it.</summary>
    public readonly int Servers()
    {
        var writer = Begin(DnsRcode.NoError);
        foreach (var server in Agent!.Servers)
        {
            var name = server.Name;
            Record(ref writer, Here, DnsType.Ns, DnsClass.In, Agent.Ttl, name.Wire);
            writer.Count(6);
        }

        foreach (var server in Agent.Servers)
        {
            var name = server.Name;
            foreach (var (type, data) in server.Addresses)
            {
                writer.Bytes(name.Wire);
                Body(ref writer, type, DnsClass.In, Agent.Ttl, data);
                writer.Count(10);
            }
        }

        return End(ref writer, DnsRcode.NoError);
    }

    /// <summary>The addresses of one of its servers; 0: it has none of the family.</summary>
    public readonly int Addresses(AgentServer server, DnsType type)
    {
        var writer = Begin(DnsRcode.NoError);
        var any = false;
        foreach (var (family, data) in server.Addresses)
        {
            if (family != type) continue;
            Record(ref writer, Here, type, DnsClass.In, Agent!.Ttl, data);
            writer.Count(6);
            any = true;
        }

        return any ? End(ref writer, DnsRcode.NoError) : 0;
    }

    /// <summary>Where the agent domain is in the question.</summary>
    readonly ushort Apex => (ushort)(Here + nameLength - Agent!.Domain.Wire.Length);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly DnsWriter Begin(DnsRcode rcode, bool truncated = false)
    {
        var flags = DnsHeader.Qr | (header.Flags & (0x7800 | DnsHeader.Rd | CheckingDisabled)) | (truncated ? DnsHeader.Tc : 0) | ((int)rcode & 0xF);
        // Of other servers' names we say nothing with authority.
        if (Agent is not null && rcode == DnsRcode.NoError) flags |= DnsHeader.Aa;
        var writer = new DnsWriter(Stream ? response : response[..Math.Min(response.Length, size)], header.Id, (ushort)flags);
        if (questionEnd == 0) return writer;
        writer.Bytes(request[DnsHeader.Size..questionEnd]);
        writer.Count(4);
        return writer;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly int End(ref DnsWriter writer, DnsRcode rcode)
    {
        Options(ref writer, rcode);
        // It does not fit: the answer goes over TCP (RFC 2181, 9).
        return writer.Failed && !Stream ? Cut(rcode) : writer.Length;
    }

    readonly int Cut(DnsRcode rcode)
    {
        var writer = Begin(rcode, truncated: true);
        Options(ref writer, rcode, cut: true);
        return writer.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    readonly void Options(ref DnsWriter writer, DnsRcode rcode, bool cut = false)
    {
        if (!edns) return;
        writer.Opt(OurSize, rcode, dnssecOk);
        if (!Nsid.IsEmpty && !cut) writer.Option(EdnsOption.Nsid, Nsid);
        if (Error != ExtendedError.None)
        {
            Span<byte> code = stackalloc byte[2];
            BinaryPrimitives.WriteUInt16BigEndian(code, (ushort)Error);
            writer.Option(EdnsOption.ExtendedError, code);
        }

        if (Jar is null) return;
        if (KeepsCookie)
        {
            writer.Option(EdnsOption.Cookie, cookie);
            return;
        }

        Span<byte> answer = stackalloc byte[ServerCookie.OptionSize];
        Jar.Write(cookie, To, Now, answer);
        writer.Option(EdnsOption.Cookie, answer);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Record(ref DnsWriter writer, ushort owner, DnsType type, DnsClass @class, uint ttl, scoped ReadOnlySpan<byte> data)
    {
        writer.UInt16(owner);
        Body(ref writer, type, @class, ttl, data);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Body(ref DnsWriter writer, DnsType type, DnsClass @class, uint ttl, scoped ReadOnlySpan<byte> data)
    {
        writer.UInt16((ushort)type);
        writer.UInt16((ushort)@class);
        writer.UInt32(ttl);
        writer.UInt16((ushort)data.Length);
        writer.Bytes(data);
    }
}
