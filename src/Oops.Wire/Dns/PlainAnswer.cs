using System.Buffers.Binary;

namespace Oops.Wire.Dns;

/// <summary>What a message is to who sent a query.</summary>
public enum AnswerReading
{
    /// <summary>An answer to it.</summary>
    Answer,

    /// <summary>To another query, or none at all; the real one may still come.</summary>
    NotOurs,

    Malformed,
}

/// <summary>One record of an answer.</summary>
/// <param name="Owner">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Ttl">Seconds.</param>
/// <param name="Data">As it came: names inside may be compressed.</param>
/// <param name="Target">The name that NS or CNAME point to; else the default value.</param>
public sealed record AnswerRecord(DnsName Owner, DnsType Type, uint Ttl, byte[] Data, DnsName Target);

/// <summary>An answer to a <see cref="PlainQuery"/>, read as a whole: for tools that look at all of it, one at a time.</summary>
public sealed class PlainAnswer
{
    readonly List<AnswerRecord> answers = [], authorities = [], additionals = [];
    readonly List<byte[]> channels = [];
    readonly List<ushort> errors = [];

    PlainAnswer(in DnsHeader header) => (Authoritative, Truncated, Rcode) = (header.Authoritative, header.Truncated, (DnsRcode)header.RcodeBits);

    public bool Authoritative { get; }

    public bool Truncated { get; }

    /// <summary>With the upper bits of OPT.</summary>
    public DnsRcode Rcode { get; private set; }

    /// <summary>The question came back octet for octet, letter case included.</summary>
    public bool SameQuestion { get; private set; }

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

    /// <summary>INFO-CODEs of the Extended DNS Errors (RFC 8914).</summary>
    public IReadOnlyList<ushort> Errors => errors;

    public static AnswerReading Read(ReadOnlySpan<byte> message, ushort id, PlainQuery query, out PlainAnswer? answer)
    {
        answer = null;
        if (!DnsHeader.TryRead(message, out var header) || !header.IsResponse || header.Id != id || header.Opcode != DnsOpcode.Query) return AnswerReading.NotOurs;
        var reader = new DnsReader(message);
        var read = new PlainAnswer(header);
        // FORMERR may come without the question (RFC 1035 says nothing of it, and servers do it).
        if (header.Questions > 1 || (header.Questions == 0 && header.RcodeBits == 0)) return AnswerReading.NotOurs;
        if (header.Questions == 1)
        {
            if (!reader.TryReadQuestion(out var name, out var type, out var @class)) return AnswerReading.Malformed;
            if (!IsSame(name, query) || type != query.Type || @class != DnsClass.In) return AnswerReading.NotOurs;
            read.SameQuestion = message[DnsHeader.Size..].StartsWith(query.Name);
        }

        foreach (var (count, list) in new[] { (header.Answers, read.answers), (header.Authorities, read.authorities), (header.Additionals, read.additionals) })
            for (var i = 0; i < count; i++)
                if (!reader.TryReadRecord(out var record) || !read.Take(reader, record, list)) return AnswerReading.Malformed;
        if (!reader.AtEnd) return AnswerReading.Malformed;
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

    static bool IsSame(in DnsName name, PlainQuery query)
    {
        var offset = 0;
        return DnsName.TryRead(query.Name, ref offset, out var asked) && asked == name;
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
                    errors.Add(BinaryPrimitives.ReadUInt16BigEndian(data));
                    break;
                default:
                    break;
            }
        }
        return true;
    }
}
