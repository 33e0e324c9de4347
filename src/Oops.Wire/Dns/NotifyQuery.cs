namespace Oops.Wire.Dns;

/// <summary>A NOTIFY as one sends it (RFC 1996; of CDS, RFC 9859), and its answer.</summary>
public static class NotifyQuery
{
    /// <summary>Octets that always suffice: header, question, OPT with one Report-Channel.</summary>
    public const int MostSize = DnsHeader.Size + DnsName.MaxLength + 4 + 11 + 4 + DnsName.MaxLength;

    /// <summary>Writes one without records: whoever gets it looks for himself.</summary>
    /// <param name="buffer">Takes <see cref="MostSize"/> octets at most.</param>
    /// <param name="id">Told back by the answer.</param>
    /// <param name="zone">What has changed.</param>
    /// <param name="type">Of which records.</param>
    /// <param name="agent">To whom errors may be reported (RFC 9567; RFC 9859, 4.3); null: to nobody.</param>
    public static int Write(Span<byte> buffer, ushort id, in DnsName zone, DnsType type, DnsName? agent = null)
    {
        var writer = new DnsWriter(buffer, id, (int)DnsOpcode.Notify << 11 | DnsHeader.Aa);
        writer.Question(zone, type);
        writer.Opt(SoaQuery.UdpSize);
        if (agent is { } domain) writer.Option(EdnsOption.ReportChannel, domain.Wire);
        return writer.Length;
    }

    /// <summary>Reads a message as the answer to a NOTIFY. Null: it is none. One without a question is one too, if it carries an error.</summary>
    public static DnsRcode? Read(ReadOnlySpan<byte> message, ushort id, in DnsName zone, DnsType type)
    {
        var reader = new DnsReader(message);
        if (!DnsHeader.TryRead(message, out var header) || !header.IsResponse || header.Id != id || header.Opcode != DnsOpcode.Notify) return null;
        var rcode = (DnsRcode)header.RcodeBits;
        if (header.Questions == 0) return rcode == DnsRcode.NoError ? null : rcode;
        return header.Questions == 1 && reader.TryReadQuestion(out var asked, out var askedType, out var @class) && asked == zone && askedType == type && @class == DnsClass.In ? rcode : null;
    }
}
