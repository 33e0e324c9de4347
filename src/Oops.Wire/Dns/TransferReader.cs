using System.Globalization;

namespace Oops.Wire.Dns;

/// <summary>Where a transfer stands after a message.</summary>
public enum TransferReading
{
    /// <summary>It goes on with another message.</summary>
    More,

    /// <summary>It has ended; see <see cref="TransferReader.Form"/>.</summary>
    Done,

    /// <summary>The server has the version that is had.</summary>
    UpToDate,

    /// <summary>The server answered with a response code; see <see cref="TransferReader.Rcode"/>.</summary>
    Refused,

    /// <summary>The server has an older version than the one that is had, or one that is 2^31 away.</summary>
    Older,

    /// <summary>More records than allowed.</summary>
    TooMany,

    /// <summary>It cannot be used; <see cref="TransferReader.Why"/>.</summary>
    Broken,
}

/// <summary>
/// Reads the messages of one AXFR (RFC 5936) or IXFR (RFC 1995) and gives their records to a sink. Pure: it neither waits nor trusts a count; a message that cannot be used ends it with a reason.
/// </summary>
/// <param name="zone">What was asked for.</param>
/// <param name="id">The query's id: every message has it.</param>
/// <param name="have">The serial in the IXFR query; null: AXFR was asked for.</param>
/// <param name="mostRecords">More of them end it.</param>
/// <param name="sink">Who takes the records.</param>
public sealed class TransferReader(DnsName zone, ushort id, uint? have, long mostRecords, ITransferSink sink)
{
    enum Part
    {
        /// <summary>Nothing has come.</summary>
        First,

        /// <summary>The SOA has come, and the next record tells whether all or differences follow.</summary>
        Second,
        Whole,
        Deleting,
        Adding,
        Ended,
    }

    Part part;

    // Of the difference under way: the serial that it leads to.
    uint reached;

    // The SOA that an answer to IXFR began with: a record of the zone, if all of it follows, and its message may be gone by then.
    byte[] first = [];

    /// <summary>How it comes, or came; meaningful after the second record.</summary>
    public TransferForm Form { get; private set; }

    /// <summary>The SOA of the version that the server has; null before the first record.</summary>
    public Soa? Soa { get; private set; }

    /// <summary>Records of the answer sections so far.</summary>
    public long Records { get; private set; }

    public DnsRcode Rcode { get; private set; }

    /// <summary>What is wrong, in one line of printable ASCII; null: nothing is.</summary>
    public string? Why { get; private set; }

    /// <summary>Takes the next message of the stream.</summary>
    public TransferReading Read(ReadOnlySpan<byte> message)
    {
        if (part == Part.Ended)
            return Broken("a message behind the end");
        if (!DnsHeader.TryRead(message, out var header) || !header.IsResponse || header.Id != id || header.Opcode != DnsOpcode.Query)
            return Broken("answer to another question");
        var reader = new DnsReader(message);
        if (!IsOurs(ref reader, header))
            return Broken("answer to another question");
        Rcode = (DnsRcode)header.RcodeBits;
        if (Rcode != DnsRcode.NoError)
            return End(TransferReading.Refused, DnsWords.Of(Rcode));
        if (header.Truncated)
            return Broken("truncated over TCP");
        if (header.Answers == 0)
            return Broken(part == Part.First ? "an answer without a record" : "a message without a record");
        for (var i = 0; i < header.Answers; i++)
        {
            if (!reader.TryReadRecord(out var record) || !reader.TryReadOwner(record, out var owner))
                return Broken("malformed message");
            if (Take(owner, record, message) is { } ended)
                return ended;
        }

        return EndMessage(ref reader, header);
    }

    /// <summary>The question comes back in the first message and may in the others (RFC 5936, 2.2.1); an error may come without.</summary>
    bool IsOurs(ref DnsReader reader, in DnsHeader header)
    {
        if (header.Questions == 0)
            return part != Part.First || header.RcodeBits != 0;
        return header.Questions == 1 && reader.TryReadQuestion(out var name, out var type, out var @class)
            && name == zone && type == (have is null ? DnsType.Axfr : DnsType.Ixfr) && @class == DnsClass.In;
    }

    TransferReading EndMessage(ref DnsReader reader, in DnsHeader header)
    {
        for (var i = 0; i < header.Authorities + header.Additionals; i++)
        {
            if (!reader.TryReadRecord(out _))
                return Broken("malformed message");
        }

        if (!reader.AtEnd)
            return Broken("octets behind the last record");
        if (part == Part.Ended)
            return TransferReading.Done;
        // A single SOA (RFC 1995, 4): of our version, or a transfer with one record in a message, if it is newer.
        return part == Part.Second && Soa!.Value.Serial == have ? End(TransferReading.UpToDate, null) : TransferReading.More;
    }

    TransferReading? Take(in DnsName owner, in DnsRecord record, ReadOnlySpan<byte> message)
    {
        if (part == Part.Ended)
            return Broken("a record behind the last SOA");
        if (++Records > mostRecords)
            return End(TransferReading.TooMany, string.Create(CultureInfo.InvariantCulture, $"more than {mostRecords} records"));
        if (record.Class != DnsClass.In)
            return Broken("a record of another class");
        if (record.Type == DnsType.Soa)
            return Oops.Wire.Dns.Soa.TryRead(message, record, out var soa) ? TakeSoa(owner, soa, record, message) : Broken("a malformed SOA");
        if (part == Part.First)
            return Broken("the first record is no SOA");
        if (part == Part.Second)
            BeginWhole();
        if (part == Part.Deleting)
            sink.Delete(owner, record, message);
        else
            sink.Add(owner, record, message);
        return null;
    }

    TransferReading? TakeSoa(in DnsName owner, in Soa soa, in DnsRecord record, ReadOnlySpan<byte> message)
    {
        if (owner != zone)
            return Broken($"an SOA of {owner} in the zone");
        switch (part)
        {
            case Part.First:
                return TakeFirst(soa, record, message);
            case Part.Second when soa.Serial == have && soa.Serial != Soa!.Value.Serial:
                Begin(TransferForm.Differences, record, message);
                return null;
            case Part.Second when soa == Soa:
                BeginWhole();
                part = Part.Ended;
                return null;
            case Part.Second:
                return Broken(string.Create(CultureInfo.InvariantCulture, $"differences from serial {soa.Serial}, and {have} was asked for"));
            case Part.Whole when soa != Soa:
                return Broken(string.Create(CultureInfo.InvariantCulture, $"SOA mismatch: it began with serial {Soa!.Value.Serial} and ends with {soa.Serial}; the zone changed meanwhile"));
            case Part.Whole:
                part = Part.Ended;
                return null;
            case Part.Deleting:
                return TakeAdded(soa, record, message);
            default:
                return TakeNext(soa, record, message);
        }
    }

    TransferReading? TakeFirst(in Soa soa, in DnsRecord record, ReadOnlySpan<byte> message)
    {
        Soa = soa;
        part = Part.Second;
        if (have is { } serial && soa.Serial != serial && !Serial.IsNewer(soa.Serial, serial))
            return End(TransferReading.Older, string.Create(CultureInfo.InvariantCulture, $"serial {soa.Serial} at the server is older than {serial}, which is had"));
        if (have is null)
            Begin(TransferForm.Full, record, message);
        else
            first = Copy(record, message);
        return null;
    }

    byte[] Copy(in DnsRecord record, ReadOnlySpan<byte> message)
    {
        Span<byte> data = stackalloc byte[2 * DnsName.MaxLength + 20];
        RecordData.TryExpand(message, record, data, out var length);
        var copy = new byte[zone.Wire.Length + 10 + length];
        var writer = DnsWriter.Resume(copy, 0);
        writer.Bytes(zone.Wire);
        writer.UInt16((ushort)record.Type);
        writer.UInt16((ushort)record.Class);
        writer.UInt32(record.Ttl);
        writer.UInt16((ushort)length);
        writer.Bytes(data[..length]);
        return copy;
    }

    void BeginWhole()
    {
        new DnsReader(first, 0).TryReadRecord(out var record);
        Begin(TransferForm.Full, record, first);
    }

    /// <summary>Behind what was deleted: the SOA that the difference leads to.</summary>
    TransferReading? TakeAdded(in Soa soa, in DnsRecord record, ReadOnlySpan<byte> message)
    {
        if (!Serial.IsNewer(soa.Serial, reached) || Serial.IsNewer(soa.Serial, Soa!.Value.Serial))
            return Broken(string.Create(CultureInfo.InvariantCulture, $"the serial goes from {reached} to {soa.Serial} in a difference"));
        (part, reached) = (Part.Adding, soa.Serial);
        sink.Add(zone, record, message);
        return null;
    }

    /// <summary>Behind what was added: the SOA of the next difference, or the end.</summary>
    TransferReading? TakeNext(in Soa soa, in DnsRecord record, ReadOnlySpan<byte> message)
    {
        if (soa.Serial != reached)
            return Broken(string.Create(CultureInfo.InvariantCulture, $"a difference leads to serial {reached}, and the next begins with {soa.Serial}"));
        if (reached == Soa!.Value.Serial)
        {
            part = Part.Ended;
            return null;
        }

        part = Part.Deleting;
        sink.Delete(zone, record, message);
        return null;
    }

    void Begin(TransferForm form, in DnsRecord record, ReadOnlySpan<byte> message)
    {
        Form = form;
        sink.Begin(form, Soa!.Value);
        part = form == TransferForm.Full ? Part.Whole : Part.Deleting;
        if (form == TransferForm.Differences)
        {
            reached = have!.Value;
            sink.Delete(zone, record, message);
        }
        else
        {
            sink.Add(zone, record, message);
        }
    }

    TransferReading Broken(string why) => End(TransferReading.Broken, why);

    TransferReading End(TransferReading reading, string? why)
    {
        part = Part.Ended;
        Why = why;
        return reading;
    }
}
