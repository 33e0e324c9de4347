namespace Oops.Wire.Dns;

/// <summary>
/// Writes an UPDATE (RFC 2136) to one zone, and reads its answer. What must be so comes before what is to be done, and that is done in its order: all of it, or nothing. What does not fit is a fault of the caller's,
/// who knows the sizes; then <see cref="Length"/> is 0.
/// </summary>
public ref struct UpdateMessage
{
    /// <summary>Octets of a message over TCP that leave room for a signature.</summary>
    public const int MostSize = ushort.MaxValue - Tsig.MaxSize;

    /// <summary>Octets of a record beside its owner and its data.</summary>
    public const int RecordHead = 10;

    // Where the header counts prerequisites and updates (RFC 2136, 2.2).
    const int Prerequisites = 6, Updates = 8;

    DnsWriter writer;

    public UpdateMessage(Span<byte> buffer, ushort id, scoped in DnsName zone)
    {
        writer = new DnsWriter(buffer, id, (int)DnsOpcode.Update << 11);
        writer.Question(zone, DnsType.Soa);
    }

    public readonly int Length => writer.Length;

    /// <summary>The RRset must be there with this data (2.4.2); of several records each is written.</summary>
    public void Require(scoped in DnsName owner, DnsType type, scoped ReadOnlySpan<byte> data) => Record(Prerequisites, owner, type, DnsClass.In, 0, data);

    /// <summary>Adds the record (2.5.1). With another TTL than its RRset has, the servers give this one to all of it.</summary>
    public void Add(scoped in DnsName owner, DnsType type, uint ttl, scoped ReadOnlySpan<byte> data) => Record(Updates, owner, type, DnsClass.In, ttl, data);

    /// <summary>Deletes the record, if it is there (2.5.4).</summary>
    public void Delete(scoped in DnsName owner, DnsType type, scoped ReadOnlySpan<byte> data) => Record(Updates, owner, type, DnsClass.None, 0, data);

    /// <summary>The response code; null: it is not the answer to that UPDATE.</summary>
    public static DnsRcode? Read(ReadOnlySpan<byte> message, ushort id) =>
        DnsHeader.TryRead(message, out var header) && header.IsResponse && header.Id == id && header.Opcode == DnsOpcode.Update ? (DnsRcode)header.RcodeBits : null;

    void Record(int section, scoped in DnsName owner, DnsType type, DnsClass @class, uint ttl, scoped ReadOnlySpan<byte> data)
    {
        writer.Bytes(owner.Wire);
        writer.UInt16((ushort)type);
        writer.UInt16((ushort)@class);
        writer.UInt32(ttl);
        writer.UInt16((ushort)data.Length);
        writer.Bytes(data);
        writer.Count(section);
    }
}
