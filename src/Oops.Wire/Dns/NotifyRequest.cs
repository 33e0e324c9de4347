namespace Oops.Wire.Dns;

/// <summary>What to do with a message that came to a NOTIFY listener.</summary>
public enum NotifyReading
{
    /// <summary>A well-formed NOTIFY for SOA, CDS or CSYNC in class IN.</summary>
    Notify,

    /// <summary>
    /// Not to be answered: too short for a header, or a response. Answering responses lets two listeners send each other errors for ever.
    /// </summary>
    Drop,

    /// <summary>Answer FORMERR.</summary>
    FormErr,

    /// <summary>Answer NOTIMP: an opcode that is neither QUERY nor NOTIFY.</summary>
    NotImp,

    /// <summary>Answer REFUSED: a query, another class, another type.</summary>
    Refused,

    /// <summary>Answer BADVERS: EDNS of a version that is not 0 (RFC 6891, 6.1.3).</summary>
    BadVers,
}

/// <summary>
/// A NOTIFY (RFC 1996) without the message it came in; NOTIFY(CDS) and NOTIFY(CSYNC) of RFC 9859 are told apart by <see cref="Type"/>. For messages that are not accepted it holds what could be
/// read until then, which is what <see cref="WriteReply"/> needs.
/// </summary>
public struct NotifyRequest
{
    /// <summary>Octets of the longest reply, without TSIG: header, question, OPT with one Extended DNS Error.</summary>
    public const int MaxReply = DnsHeader.Size + DnsName.MaxLength + 4 + 11 + 6;

    DnsHeader header;
    int questionEnd;
    DnsName zone;

    public readonly ushort Id => header.Id;

    /// <summary>The zone that changed; the default name if the question could not be read.</summary>
    public readonly DnsName Zone => zone;

    /// <summary>SOA, CDS (which stands for CDNSKEY too) or CSYNC.</summary>
    public DnsType Type { get; private set; }

    /// <summary>
    /// The serial that the notifier claims, from an SOA in the answer section; null where it has none, which is legal (RFC 1996, 3.7) and is what PowerDNS sends. A hint, not to be trusted.
    /// </summary>
    public uint? Serial { get; private set; }

    /// <summary>The request has an OPT record, so the reply gets one (RFC 6891, 6.1.1).</summary>
    public bool HasEdns { get; private set; }

    /// <summary>The request carries a TSIG record, which is still to be verified.</summary>
    public bool HasTsig { get; private set; }

    /// <summary>Reads a request. Nothing is allocated.</summary>
    public static NotifyReading TryRead(ReadOnlySpan<byte> message, out NotifyRequest notify)
    {
        // Not `out notify.header`: the compiler of .NET 10.0.12 takes the clearing of that first field for the clearing of all of it (with TieredPGO, and AVX-512 in the machine), and what the
        // caller's variable held before stays.
        var read = DnsHeader.TryRead(message, out var header);
        notify = new() { header = header };
        if (!read || header.IsResponse)
            return NotifyReading.Drop;
        if (notify.header.Opcode is not (DnsOpcode.Query or DnsOpcode.Notify))
            return NotifyReading.NotImp;
        var reader = new DnsReader(message);
        if (notify.header.Questions != 1 || !reader.TryReadQuestion(out var zone, out var type, out var @class))
            return NotifyReading.FormErr;
        notify.zone = zone;
        notify.questionEnd = reader.Offset;
        notify.Type = type;
        var reading = notify.ReadRecords(ref reader);
        if (reading != NotifyReading.Notify)
            return reading;
        return notify.header.Opcode == DnsOpcode.Notify && @class == DnsClass.In && type is DnsType.Soa or DnsType.Cds or DnsType.Csync
            ? NotifyReading.Notify
            : NotifyReading.Refused;
    }

    /// <summary>
    /// Writes the reply to <paramref name="request"/>, which this was read from: its id, opcode and question (in its own letter case), QR, and AA where it is accepted; for FORMERR the header alone.
    /// Returns its length, 0 if the buffer is too small. A TSIG record, if one is due, is added after it.
    /// </summary>
    /// <param name="request">The request's octets.</param>
    /// <param name="response">Where to write; <see cref="MaxReply"/> octets suffice.</param>
    /// <param name="rcode">The response code.</param>
    /// <param name="extendedError">INFO-CODE of an Extended DNS Error (RFC 8914) to add if the request has EDNS.</param>
    public readonly int WriteReply(ReadOnlySpan<byte> request, Span<byte> response, DnsRcode rcode, ushort? extendedError = null)
    {
        var flags = (ushort)(DnsHeader.Qr | (int)header.Opcode << 11 | (rcode == DnsRcode.NoError ? DnsHeader.Aa : 0) | (int)rcode & 0xF);
        var writer = new DnsWriter(response, header.Id, flags);
        if (questionEnd > 0 && rcode != DnsRcode.FormErr)
        {
            writer.Bytes(request[DnsHeader.Size..questionEnd]);
            writer.Count(4);
        }

        if (HasEdns)
        {
            writer.Opt(SoaQuery.UdpSize, rcode);
            if (extendedError is { } code)
                writer.Option(EdnsOption.ExtendedError, [(byte)(code >> 8), (byte)code]);
        }

        return writer.Length;
    }

    /// <summary>The code that a reading is answered with; null for <see cref="NotifyReading.Drop"/>, and NOERROR for a NOTIFY.</summary>
    public static DnsRcode? RcodeOf(NotifyReading reading) => reading switch
    {
        NotifyReading.Notify => DnsRcode.NoError,
        NotifyReading.FormErr => DnsRcode.FormErr,
        NotifyReading.NotImp => DnsRcode.NotImp,
        NotifyReading.Refused => DnsRcode.Refused,
        NotifyReading.BadVers => DnsRcode.BadVers,
        _ => null,
    };

    NotifyReading ReadRecords(ref DnsReader reader)
    {
        var records = header.Answers + header.Authorities + header.Additionals;
        var supported = true;
        for (var i = 0; i < records; i++)
        {
            if (!reader.TryReadRecord(out var record))
                return NotifyReading.FormErr;
            switch (record.Type)
            {
                case DnsType.Soa when i < header.Answers && Serial is null:
                    if (!reader.TryReadOwner(record, out var owner) || !Soa.TryRead(reader.Message, record, out var soa))
                        return NotifyReading.FormErr;
                    Serial = owner == zone ? soa.Serial : null;
                    break;
                case DnsType.Opt when i >= header.Answers + header.Authorities:
                    if (HasEdns || !Edns.TryRead(reader.Message, record, out var edns))
                        return NotifyReading.FormErr;
                    HasEdns = true;
                    supported = edns.Version == 0;
                    break;
                case DnsType.Tsig:
                    HasTsig = true;
                    break;
                default:
                    break;
            }
        }

        if (!reader.AtEnd)
            return NotifyReading.FormErr;
        return supported ? NotifyReading.Notify : NotifyReading.BadVers;
    }
}
