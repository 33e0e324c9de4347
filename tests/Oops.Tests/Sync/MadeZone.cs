using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Oops.Tests.Wire.Dns;
using Oops.Tests.Zones;
using Oops.Wire.Dns;
using Oops.Wire.Dns.Master;
using Oops.Zones;
using Oops.Zones.Compact;

namespace Oops.Tests.Sync;

/// <summary>Zones out of a text, and as a primary transfers them.</summary>
internal static class MadeZone
{
    public const string Head = "$ORIGIN example.\n$TTL 300\n";

    public const string Apex = "@ SOA ns1 host SERIAL 3600 600 86400 300\n@ NS ns1\nns1 A 192.0.2.1\n";

    public static DnsName Name { get; } = DnsNameTests.Name("example");

    /// <summary>The zone example with what every zone has.</summary>
    public static ZoneVersion Of(string lines, uint serial = 1) => Whole(Apex.Replace("SERIAL", serial.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal) + lines);

    public static ZoneVersion Whole(string lines)
    {
        var edit = new ZoneEdit(ZoneVersion.Nothing(Name));
        using var text = new MemoryStream(Encoding.ASCII.GetBytes(Head + lines.Replace(" | ", "\n", StringComparison.Ordinal) + "\n"));
        return MasterFile.Read(text, "test", Name, edit, CancellationToken.None) is { } why ? throw new ArgumentException(why) : edit.Seal();
    }

    /// <summary>Line for line, but for SOA and the apex's NS.</summary>
    public static List<string> Lines(ZoneVersion zone)
    {
        List<string> lines = [];
        for (var cursor = zone.Names.From(0); !cursor.Current.IsNone; cursor.Next())
        {
            foreach (var rrset in cursor.Current.RRsets)
            {
                if (rrset.Type == DnsType.Soa || (rrset.Type == DnsType.Ns && cursor.Current.Key.IsEmpty))
                    continue;
                foreach (var data in rrset.Data)
                    lines.Add(string.Create(CultureInfo.InvariantCulture, $"{NameKey.Read(cursor.Current.Key, zone.Apex)} {rrset.Ttl} {TypeNames.Of(rrset.Type)} {RecordText.Write(rrset.Type, data)}"));
            }
        }

        return lines;
    }

    /// <summary>The primary transfers that zone, each record in a message of its own.</summary>
    public static void Serve(FakePrimary primary, ZoneVersion zone) => primary.Serve = async (query, wire) =>
    {
        await wire.SendAsync(Message(query, zone.Apex, DnsType.Soa, zone.ApexNode.Get(DnsType.Soa).First.ToArray()));
        foreach (var (owner, type, ttl, data) in Records(zone).Where(r => r.Type != DnsType.Soa))
            await wire.SendAsync(Message(query, owner, type, data, ttl));
        await wire.SendAsync(Message(query, zone.Apex, DnsType.Soa, zone.ApexNode.Get(DnsType.Soa).First.ToArray()));
    };

    public static List<(DnsName Owner, DnsType Type, uint Ttl, byte[] Data)> Records(ZoneVersion zone)
    {
        List<(DnsName, DnsType, uint, byte[])> records = [];
        for (var cursor = zone.Names.From(0); !cursor.Current.IsNone; cursor.Next())
        {
            foreach (var rrset in cursor.Current.RRsets)
            {
                foreach (var data in rrset.Data)
                    records.Add((NameKey.Read(cursor.Current.Key, zone.Apex), rrset.Type, rrset.Ttl, data.ToArray()));
            }
        }

        return records;
    }

    public static byte[] Message(byte[] query, in DnsName owner, DnsType type, byte[] data, uint ttl = 300)
    {
        var question = query[DnsHeader.Size..(DnsHeader.Size + Name.Wire.Length + 4)];
        byte[] message = [.. query[..2], 0x84, 0, 0, 1, 0, 1, 0, 0, 0, 0, .. question, .. owner.Wire, 0, 0, 0, 1, 0, 0, 0, 0, (byte)(data.Length >> 8), (byte)data.Length, .. data];
        var at = DnsHeader.Size + question.Length + owner.Wire.Length;
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(at), (ushort)type);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(at + 4), ttl);
        return message;
    }
}
