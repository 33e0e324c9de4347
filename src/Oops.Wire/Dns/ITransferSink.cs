namespace Oops.Wire.Dns;

/// <summary>How a zone was transferred.</summary>
public enum TransferForm
{
    /// <summary>All of it: what was had before is void.</summary>
    Full,

    /// <summary>What was deleted from the version that is had, and added to it.</summary>
    Differences,
}

/// <summary>
/// Takes the records of a transfer as they come, without an object for each. Nothing of it counts before the transfer has ended well, and a second <see cref="Begin"/> (IXFR failed, AXFR goes on) voids
/// what came after the first. An interface because there are several: a catalog's members, a whole zone that is verified.
/// </summary>
public interface ITransferSink
{
    /// <summary>Before the first record. <paramref name="soa"/>: of the version that comes.</summary>
    void Begin(TransferForm form, in Soa soa);

    /// <summary>A record of the version that comes, or one that was added. The apex SOA comes once in a full transfer, and once in each difference.</summary>
    /// <param name="owner">It may be outside of the zone: a broken server, or one that is up to something. What is not the zone's is for the sink to leave out.</param>
    /// <param name="record">Class IN. Its data may be compressed: see <see cref="RecordData"/>.</param>
    /// <param name="message">What <paramref name="record"/> is a view on; valid during the call.</param>
    void Add(in DnsName owner, in DnsRecord record, ReadOnlySpan<byte> message);

    /// <summary>It holds as much as it may: the transfer ends.</summary>
    bool IsFull => false;

    /// <summary>A record that was deleted; in differences only.</summary>
    void Delete(in DnsName owner, in DnsRecord record, ReadOnlySpan<byte> message);
}
