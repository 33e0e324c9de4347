using System.Runtime.CompilerServices;

namespace Oops.Wire.Dns;

/// <summary>A query to an authoritative server, as a view on its message. Of one that is not accepted it holds what could be read until then.</summary>
public ref struct AuthorityQuery
{
    DnsName name;

    public DnsHeader Header { get; private set; }

    /// <summary>Where the question ends in the message; 0: it could not be read.</summary>
    public int QuestionEnd { get; private set; }

    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public readonly ref readonly DnsName Name => ref name;

    public DnsType Type { get; private set; }

    public DnsClass Class { get; private set; }

    public bool HasEdns { get; private set; }

    /// <summary>UDP payload that the sender takes, octets; 512 without EDNS.</summary>
    public int UdpSize { get; private set; }

    /// <summary>DO (RFC 3225).</summary>
    public bool DnssecOk { get; private set; }

    /// <summary>It asks for our name (RFC 5001).</summary>
    public bool WantsNsid { get; private set; }

    /// <summary>The data of the COOKIE option; empty: there is none.</summary>
    public ReadOnlySpan<byte> Cookie { get; private set; }

    /// <summary>NOERROR: it may be answered. Null: it must not be, being no query at all. Else what it is answered with.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static DnsRcode? Read(ReadOnlySpan<byte> message, out AuthorityQuery query)
    {
        query = default;
        query.UdpSize = 512;
        // What says that it is a response is never answered: two servers would go on for ever.
        if (!DnsHeader.TryRead(message, out var header) || header.IsResponse) return null;
        query.Header = header;
        var reader = new DnsReader(message);
        var isQuery = header.Opcode == DnsOpcode.Query;
        // Whoever asks nothing and has a COOKIE option wants a cookie (RFC 7873, 5.4).
        if (header.Questions > 1 || header.Answers != 0 || header.Authorities != 0) return isQuery ? DnsRcode.FormErr : DnsRcode.NotImp;
        if (header.Questions == 1)
        {
            if (!reader.TryReadQuestion(out query.name, out var type, out var @class)) return isQuery ? DnsRcode.FormErr : DnsRcode.NotImp;
            (query.Type, query.Class, query.QuestionEnd) = (type, @class, reader.Offset);
        }

        var rcode = query.ReadAdditional(message, reader.Offset);
        if (!isQuery) return DnsRcode.NotImp;
        return header.Questions == 0 && query.Cookie.IsEmpty ? DnsRcode.FormErr : rcode;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    DnsRcode ReadAdditional(ReadOnlySpan<byte> message, int from)
    {
        var reader = new DnsReader(message, from);
        var rcode = DnsRcode.NoError;
        for (var i = 0; i < Header.Additionals; i++)
        {
            if (!reader.TryReadRecord(out var record)) return DnsRcode.FormErr;
            // Without keys each is unknown (RFC 8945, 5.2.1); the last record, so the sender's EDNS was read.
            if (record.Type == DnsType.Tsig) return DnsRcode.NotAuth;
            if (record.Type != DnsType.Opt) continue;
            // More than one is FORMERR (RFC 6891, 6.1.1).
            if (HasEdns || !Edns.TryRead(message, record, out var edns)) return DnsRcode.FormErr;
            rcode = Take(edns, record.Ttl);
        }
        return reader.AtEnd ? rcode : DnsRcode.FormErr;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    DnsRcode Take(in Edns edns, uint flags)
    {
        HasEdns = true;
        UdpSize = Math.Max((int)edns.UdpSize, 512);
        DnssecOk = (flags & 0x8000) != 0;
        if (edns.Version != 0) return DnsRcode.BadVers;
        var options = edns.Options;
        while (Edns.TryNext(ref options, out var code, out var data))
        {
            if (code == EdnsOption.Nsid) WantsNsid = true;
            if (code != EdnsOption.Cookie || !Cookie.IsEmpty) continue;
            if (data.Length != ServerCookie.ClientSize && data.Length is < 16 or > 40) return DnsRcode.FormErr;
            Cookie = data;
        }
        return DnsRcode.NoError;
    }
}
