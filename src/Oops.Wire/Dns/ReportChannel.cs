namespace Oops.Wire.Dns;

/// <summary>The EDNS option Report-Channel (RFC 9567, 5): to which domain errors are reported.</summary>
public static class ReportChannel
{
    /// <summary>Reads its data: one name, not compressed, and nothing else. The root is one too, and means that no reports are wanted.</summary>
    public static bool TryRead(ReadOnlySpan<byte> option, out DnsName agent) => DnsName.TryFromWire(option, out agent);
}
