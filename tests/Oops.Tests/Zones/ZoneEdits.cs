using Oops.Wire.Dns;
using Oops.Zones.Compact;

namespace Oops.Tests.Zones;

/// <summary>Differences as a message has them, which is all that an edit takes. Benches have it, too.</summary>
internal static class ZoneEdits
{
    /// <summary>Takes a record away.</summary>
    public static void Delete(this ZoneEdit edit, in DnsName owner, DnsType type, ReadOnlySpan<byte> data)
    {
        byte[] message = [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, .. owner.Wire, (byte)((ushort)type >> 8), (byte)type, 0, 1, 0, 0, 0, 0, (byte)(data.Length >> 8), (byte)data.Length, .. data];
        var reader = new DnsReader(message);
        if (!reader.TryReadRecord(out var record))
            throw new ArgumentException("no record", nameof(data));
        edit.Delete(owner, record, message);
    }
}
