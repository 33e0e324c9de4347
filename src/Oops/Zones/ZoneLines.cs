using System.Globalization;
using System.Text;
using Oops.Wire.Dns;
using Oops.Wire.Dns.Master;
using Oops.Zones.Compact;

namespace Oops.Zones;

/// <summary>
/// A zone as text that two versions can be compared by, line by line: one record a line, every name written out, in canonical order (RFC 4034, 6), the SOA first. The same records are the same octets, whoever
/// transferred them and in whatever order they came. It is a master file (RFC 1035, 5) without directives.
/// </summary>
internal static class ZoneLines
{
    /// <param name="zone">The zone.</param>
    /// <param name="into">Takes the text, in pieces.</param>
    /// <param name="signatures">Also what signing makes: RRSIG, NSEC, NSEC3, NSEC3PARAM, ZONEMD.</param>
    /// <param name="stop">Ends it early.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public static void Write(ZoneVersion zone, Stream into, bool signatures, CancellationToken stop)
    {
        using var text = new StreamWriter(into, new ASCIIEncoding(), 1 << 16, leaveOpen: true) { NewLine = "\n" };
        if (zone.ApexNode is { IsNone: false } apex)
            Write(text, zone.Apex.ToAbsolute(), apex.Get(DnsType.Soa));
        var names = zone.Names.From(0);
        var hashes = (signatures ? zone.Hashes : ZoneTree.Empty).From(0);
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            var name = names.Current;
            var hash = hashes.Current;
            if (name.IsNone && hash.IsNone)
                break;
            // The hashed names are in a tree of their own, and belong between the others.
            var order = name.IsNone ? 1 : hash.IsNone ? -1 : name.Key.SequenceCompareTo(hash.Key);
            if (order <= 0)
            {
                Write(text, name, zone, signatures);
                names.Next();
            }

            if (order >= 0)
            {
                Write(text, hash, zone, signatures);
                hashes.Next();
            }
        }
    }

    static void Write(StreamWriter text, in ZoneNode node, ZoneVersion zone, bool signatures)
    {
        var owner = NameKey.Read(node.Key, zone.Apex).ToAbsolute();
        foreach (var rrset in node.RRsets)
        {
            if (rrset.Type != DnsType.Soa && (signatures || !MadeBySigning.Is(rrset.Type)))
                Write(text, owner, rrset);
        }
    }

    static void Write(StreamWriter text, string owner, in RRset rrset)
    {
        foreach (var data in rrset.Data)
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{owner} {rrset.Ttl} IN {TypeNames.Of(rrset.Type)} {RecordText.Write(rrset.Type, data)}"));
    }
}
