using System.Buffers.Binary;

namespace Oops.Wire.Dns;

/// <summary>One record of an answer.</summary>
/// <param name="Owner">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Ttl">Seconds.</param>
/// <param name="Data">As it came: names inside may be compressed.</param>
/// <param name="Target">The name that NS or CNAME point to; else the default value.</param>
public sealed record AnswerRecord(DnsName Owner, DnsType Type, uint Ttl, byte[] Data, DnsName Target);

/// <summary>An Extended DNS Error (RFC 8914).</summary>
/// <param name="Code">INFO-CODE.</param>
/// <param name="Text">EXTRA-TEXT, with everything unprintable replaced; null: there is none.</param>
public readonly record struct AnswerError(ushort Code, string? Text);

/// <summary>An answer to a <see cref="PlainQuery"/>, read as a whole: for tools that look at all of it, one at a time.</summary>
public sealed class PlainAnswer
{
    readonly List<AnswerRecord> answers = [], authorities = [], additionals = [];
    readonly List<byte[]> channels = [];
    readonly List<AnswerError> errors = [];
    readonly DnsType asked;

    PlainAnswer(in DnsHeader header, DnsType asked) => (Authoritative, Truncated, Rcode, this.asked) = (header.Authoritative, header.Truncated, (DnsRcode)header.RcodeBits, asked);

    public bool Authoritative { get; }

    /// <summary>TC: the sections are incomplete; ask again over TCP.</summary>
    public bool Truncated { get; }

    /// <summary>With the upper bits of OPT.</summary>
    public DnsRcode Rcode { get; private set; }

    /// <summary>The question came back octet for octet, letter case included.</summary>
    public bool SameQuestion { get; private init; }

    public IReadOnlyList<AnswerRecord> Answers => answers;

    public IReadOnlyList<AnswerRecord> Authorities => authorities;

    /// <summary>Without OPT.</summary>
    public IReadOnlyList<AnswerRecord> Additionals => additionals;

    public IEnumerable<AnswerRecord> Records => answers.Concat(authorities).Concat(additionals);

    public bool HasEdns { get; private set; }

    /// <summary>The data of the COOKIE option; null: there is none.</summary>
    public byte[]? Cookie { get; private set; }

    /// <summary>The data of each option Report-Channel.</summary>
    public IReadOnlyList<byte[]> Channels => channels;

    /// <summary>The Extended DNS Errors, in their order.</summary>
    public IReadOnlyList<AnswerError> Errors => errors;

    /// <summary>Records of the answer section without the signatures, which who asks for them (DO) gets beside; who asks for the type RRSIG has them counted.</summary>
    public int Plain => answers.Count(r => r.Type != DnsType.Rrsig || asked == DnsType.Rrsig);

    /// <summary>There are signatures: with the records, or, where there are none, with what denies them.</summary>
    public bool Signed => (answers.Count > 0 ? answers : authorities).Exists(r => r.Type == DnsType.Rrsig);

    /// <summary>Where there is nothing in the answer section and the server is no authority: the zone whose servers it says to ask instead. Null: it says nothing.</summary>
    public DnsName? Referral => answers.Count == 0 && !Authoritative ? authorities.Find(r => r.Type == DnsType.Ns)?.Owner : null;

    public static AnswerReading Read(ReadOnlySpan<byte> message, ushort id, PlainQuery query, out PlainAnswer? answer)
    {
        answer = null;
        if (!DnsReader.TryOpenAnswer(message, id, query.Name, query.Type, out var header, out var reader)) return AnswerReading.NotOurs;
        var read = new PlainAnswer(header, query.Type) { SameQuestion = header.Questions == 1 && message[DnsHeader.Size..].StartsWith(query.Wire) };
        // A truncated message may end anywhere.
        if (!read.TakeAll(ref reader, header) && !header.Truncated) return AnswerReading.Malformed;
        answer = read;
        return AnswerReading.Answer;
    }

    /// <summary>The text of a TXT record; octets that are no printable ASCII as \DDD (RFC 1035, 5.1). Null: it is none.</summary>
    public static string? Text(AnswerRecord record)
    {
        if (record.Type != DnsType.Txt) return null;
        var text = new System.Text.StringBuilder();
        for (var rest = record.Data.AsSpan(); !rest.IsEmpty; rest = rest[(rest[0] + 1)..])
        {
            if (rest[0] >= rest.Length) return null;
            foreach (var octet in rest.Slice(1, rest[0]))
                _ = octet is >= (byte)' ' and <= (byte)'~' ? text.Append((char)octet) : text.Append(System.Globalization.CultureInfo.InvariantCulture, $@"\{octet:D3}");
        }
        return text.ToString();
    }

    bool TakeAll(ref DnsReader reader, in DnsHeader header)
    {
        foreach (var (count, list) in new[] { (header.Answers, answers), (header.Authorities, authorities), (header.Additionals, additionals) })
            for (var i = 0; i < count; i++)
                if (!reader.TryReadRecord(out var record) || !Take(reader, record, list)) return false;
        return reader.AtEnd;
    }

    bool Take(in DnsReader reader, in DnsRecord record, List<AnswerRecord> list)
    {
        if (record.Type == DnsType.Opt) return ReferenceEquals(list, additionals) && !HasEdns && TakeOpt(reader.Message, record);
        if (!reader.TryReadOwner(record, out var owner)) return false;
        var target = default(DnsName);
        if (record.Type is DnsType.Ns or DnsType.Cname)
        {
            var at = record.DataStart;
            if (!DnsName.TryRead(reader.Message, ref at, out target) || at != record.DataStart + record.Data.Length) return false;
        }

        list.Add(new AnswerRecord(owner, record.Type, record.Ttl, record.Data.ToArray(), target));
        return true;
    }

    bool TakeOpt(ReadOnlySpan<byte> message, in DnsRecord record)
    {
        if (!Edns.TryRead(message, record, out var edns)) return false;
        HasEdns = true;
        Rcode = (DnsRcode)(edns.RcodeBits << 4 | (int)Rcode);
        var options = edns.Options;
        while (Edns.TryNext(ref options, out var code, out var data))
        {
            switch (code)
            {
                case EdnsOption.Cookie:
                    Cookie ??= data.ToArray();
                    break;
                case EdnsOption.ReportChannel:
                    channels.Add(data.ToArray());
                    break;
                case EdnsOption.ExtendedError when data.Length >= 2:
                    errors.Add(new(BinaryPrimitives.ReadUInt16BigEndian(data), data.Length > 2 ? SoaAnswer.Printable(data[2..]) : null));
                    break;
                default:
                    break;
            }
        }
        return true;
    }
}
