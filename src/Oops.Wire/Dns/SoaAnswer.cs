using System.Buffers.Binary;
using System.Text;

namespace Oops.Wire.Dns;

/// <summary>The answer to an SOA query, without the message it came in.</summary>
public readonly record struct SoaAnswer
{
    /// <summary>Longest EDE text and NSID that are kept, in characters; the rest is cut.</summary>
    public const int MaxText = 200;

    /// <summary>The full response code, OPT's upper bits included.</summary>
    public DnsRcode Rcode { get; private init; }

    public bool Authoritative { get; private init; }

    /// <summary>TC: what follows is incomplete; ask again over TCP.</summary>
    public bool Truncated { get; private init; }

    /// <summary>The zone's SOA from the answer section; null if there was none whose owner is the name asked for.</summary>
    public Soa? Soa { get; private init; }

    /// <summary>
    /// When the signatures of that SOA end, seconds since 1970 modulo 2^32 (RFC 4034, 3.1.5): of each algorithm the last one counts, of these the first, because a validator may know only that
    /// algorithm. Null: there are none in the answer, which says something only if they were asked for.
    /// </summary>
    public uint? SignedUntil { get; private init; }

    /// <summary>EDNS EXPIRE (RFC 7314), seconds: what is left on a secondary, the SOA's expire value on a primary; null if the server did not say.</summary>
    public uint? ExpireLeft { get; private init; }

    /// <summary>The node's name for itself: as text if it is printable ASCII, else in hexadecimal.</summary>
    public string? Nsid { get; private init; }

    /// <summary>The first Extended DNS Error's INFO-CODE (RFC 8914).</summary>
    public ushort? EdeCode { get; private init; }

    /// <summary>That error's EXTRA-TEXT, with everything unprintable replaced.</summary>
    public string? EdeText { get; private init; }

    /// <summary>Reads a message as the answer to the SOA query with this id and name.</summary>
    public static AnswerReading TryRead(ReadOnlySpan<byte> message, ushort id, in DnsName zone, out SoaAnswer answer)
    {
        answer = default;
        if (!DnsReader.TryOpenAnswer(message, id, zone, DnsType.Soa, out var header, out var reader))
            return AnswerReading.NotOurs;
        answer = new SoaAnswer { Rcode = (DnsRcode)header.RcodeBits, Authoritative = header.Authoritative, Truncated = header.Truncated };
        if (TryReadRecords(ref reader, header, zone, ref answer))
            return AnswerReading.Answer;
        // A truncated message may end anywhere; that it is truncated is all it has to say.
        return header.Truncated ? AnswerReading.Answer : AnswerReading.Malformed;
    }

    static bool TryReadRecords(ref DnsReader reader, in DnsHeader header, in DnsName zone, ref SoaAnswer answer)
    {
        var opts = 0;
        var signatures = default(SoaSignatures);
        var records = header.Answers + header.Authorities + header.Additionals;
        for (var i = 0; i < records; i++)
        {
            if (!reader.TryReadRecord(out var record))
                return false;
            if (i < header.Answers && record.Type == DnsType.Soa && record.Class == DnsClass.In && answer.Soa is null)
            {
                if (!reader.TryReadOwner(record, out var owner) || !Dns.Soa.TryRead(reader.Message, record, out var soa))
                    return false;
                if (owner == zone)
                    answer = answer with { Soa = soa };
            }

            if (i < header.Answers && record.Type == DnsType.Rrsig && record.Class == DnsClass.In && reader.TryReadOwner(record, out var signed) && signed == zone)
                signatures.Add(record.Data);
            if (i >= header.Answers + header.Authorities && record.Type == DnsType.Opt && (opts++ > 0 || !TryReadOpt(reader.Message, record, ref answer)))
                return false;
        }

        answer = answer with { SignedUntil = answer.Soa is null ? null : signatures.Until };
        return reader.AtEnd;
    }

    static bool TryReadOpt(ReadOnlySpan<byte> message, in DnsRecord record, ref SoaAnswer answer)
    {
        if (!Edns.TryRead(message, record, out var edns))
            return false;
        answer = answer with { Rcode = (DnsRcode)(edns.RcodeBits << 4 | (int)answer.Rcode) };
        var rest = edns.Options;
        while (Edns.TryNext(ref rest, out var code, out var data))
        {
            switch (code)
            {
                case EdnsOption.Expire when data.Length == 4:
                    answer = answer with { ExpireLeft = BinaryPrimitives.ReadUInt32BigEndian(data) };
                    break;
                case EdnsOption.Nsid when data.Length > 0:
                    answer = answer with { Nsid = NsidText(data) };
                    break;
                case EdnsOption.ExtendedError when data.Length >= 2 && answer.EdeCode is null:
                    answer = answer with { EdeCode = BinaryPrimitives.ReadUInt16BigEndian(data), EdeText = data.Length > 2 ? Printable(data[2..]) : null };
                    break;
                default:
                    break;
            }
        }

        return true;
    }

    static string NsidText(ReadOnlySpan<byte> data) =>
        data.IndexOfAnyExceptInRange((byte)' ', (byte)'~') < 0
            ? Encoding.ASCII.GetString(data[..Math.Min(data.Length, MaxText)])
            : Convert.ToHexStringLower(data[..Math.Min(data.Length, MaxText / 2)]);

    /// <summary>UTF-8 by RFC 8914, anything in practice: control characters, line and direction marks and broken sequences become '?'.</summary>
    internal static string Printable(ReadOnlySpan<byte> data)
    {
        var text = Encoding.UTF8.GetString(data[..Math.Min(data.Length, MaxText)]);
        return string.Create(text.Length, text, static (to, from) =>
        {
            for (var i = 0; i < to.Length; i++)
                to[i] = char.IsControl(from[i]) || from[i] is '\ufffd' || char.GetUnicodeCategory(from[i]) is System.Globalization.UnicodeCategory.Format
                    or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator ? '?' : from[i];
        });
    }
}
