namespace Oops.Wire.Dns.Master;

/// <summary>Takes the records of a zone's text as they come, without an object for each. An interface because there are several: a whole zone that is verified, one that is compared.</summary>
public interface IRecordSink
{
    /// <summary>One record of class IN.</summary>
    /// <param name="owner">As it stands in the text: it may be outside of the zone.</param>
    /// <param name="type">No meta type.</param>
    /// <param name="ttl">Seconds.</param>
    /// <param name="data">Wire form, names uncompressed, and lower case for the types of RFC 4034 (6.2) as RFC 6840 (5.1) has them: what <see cref="RecordData.TryExpand"/> gives. Valid during the call.</param>
    void Add(in DnsName owner, DnsType type, uint ttl, ReadOnlySpan<byte> data);
}
