using System.Buffers.Binary;

namespace Oops.Wire.Dns;

/// <summary>What the answer to a <see cref="RecordQuery"/> says, without the message it came in.</summary>
public readonly record struct RecordAnswer
{
    /// <summary>The full response code, OPT's upper bits included.</summary>
    public DnsRcode Rcode { get; private init; }

    public bool Authoritative { get; private init; }

    /// <summary>TC: what follows is incomplete; ask again over TCP.</summary>
    public bool Truncated { get; private init; }

    /// <summary>Records in the answer section that are no signatures.</summary>
    public int Records { get; private init; }

    /// <summary>There are signatures: with the records, or, where there are none, with what denies them.</summary>
    public bool Signed { get; private init; }

    /// <summary>Where there is nothing in the answer section and the server is no authority: whom it says to ask instead. Null: it says nothing.</summary>
    public DnsName? Referral { get; private init; }

    /// <summary>The first Extended DNS Error's INFO-CODE (RFC 8914).</summary>
    public ushort? EdeCode { get; private init; }

    /// <summary>That error's EXTRA-TEXT, with everything unprintable replaced.</summary>
    public string? EdeText { get; private init; }

    /// <summary>Reads a message as the answer to the query with this id, name and type. As with <see cref="SoaAnswer"/>, a header alone is an answer if it carries an error.</summary>
    public static SoaReading TryRead(ReadOnlySpan<byte> message, ushort id, in DnsName name, DnsType type, out RecordAnswer answer)
    {
        answer = default;
        if (!DnsHeader.TryRead(message, out var header) || !header.IsResponse || header.Id != id || header.Opcode != DnsOpcode.Query)
            return SoaReading.NotOurs;
        var reader = new DnsReader(message);
        if (header.Questions == 1)
        {
            if (!reader.TryReadQuestion(out var asked, out var askedType, out var @class) || asked != name || askedType != type || @class != DnsClass.In)
                return SoaReading.NotOurs;
        }
        else if (header.Questions != 0 || header.RcodeBits == 0)
        {
            return SoaReading.NotOurs;
        }

        answer = new RecordAnswer { Rcode = (DnsRcode)header.RcodeBits, Authoritative = header.Authoritative, Truncated = header.Truncated };
        if (TryReadRecords(ref reader, header, type, ref answer)) return SoaReading.Answer;
        return header.Truncated ? SoaReading.Answer : SoaReading.Malformed;
    }

    static bool TryReadRecords(ref DnsReader reader, in DnsHeader header, DnsType type, ref RecordAnswer answer)
    {
        var (opts, plain, signedAnswer, signedDenial) = (0, 0, false, false);
        DnsName? referral = null;
        var authorities = header.Answers + header.Authorities;
        for (var i = 0; i < authorities + header.Additionals; i++)
        {
            if (!reader.TryReadRecord(out var record)) return false;
            if (i < header.Answers)
            {
                // Who asks for signatures gets them as records.
                if (record.Type == DnsType.Rrsig && type != DnsType.Rrsig) signedAnswer = true;
                else plain++;
            }
            else if (i < authorities)
            {
                signedDenial |= record.Type == DnsType.Rrsig;
                if (record.Type != DnsType.Ns || referral is not null) continue;
                if (!reader.TryReadOwner(record, out var owner)) return false;
                referral = owner;
            }
            else if (record.Type == DnsType.Opt && (opts++ > 0 || !TryReadOpt(reader.Message, record, ref answer)))
            {
                return false;
            }
        }

        answer = answer with { Records = plain, Signed = header.Answers > 0 ? signedAnswer : signedDenial, Referral = header.Answers == 0 && !answer.Authoritative ? referral : null };
        return reader.AtEnd;
    }

    static bool TryReadOpt(ReadOnlySpan<byte> message, in DnsRecord record, ref RecordAnswer answer)
    {
        if (!Edns.TryRead(message, record, out var edns)) return false;
        answer = answer with { Rcode = (DnsRcode)(edns.RcodeBits << 4 | (int)answer.Rcode) };
        var rest = edns.Options;
        while (Edns.TryNext(ref rest, out var code, out var data))
        {
            if (code == EdnsOption.ExtendedError && data.Length >= 2 && answer.EdeCode is null)
                answer = answer with { EdeCode = BinaryPrimitives.ReadUInt16BigEndian(data), EdeText = data.Length > 2 ? SoaAnswer.Printable(data[2..]) : null };
        }

        return true;
    }
}
