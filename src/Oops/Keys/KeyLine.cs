using System.Globalization;
using Oops.Wire.Dns;

namespace Oops.Keys;

/// <summary>Keys and DS as lines of a zone file, with the tag as key-listen had it.</summary>
internal static class KeyLine
{
    /// <summary>`d1.aa. 300 IN DNSKEY 257 3 8 AwEAAc... ; Key-ID 9562`.</summary>
    public static string Of(in DnsName zone, KeyData key, uint ttl) => string.Create(CultureInfo.InvariantCulture, $"{zone.ToAbsolute()} {ttl} IN DNSKEY {key.Text} ; Key-ID {key.Tag}");

    /// <summary>`d1.aa. 3600 IN DS 9562 8 2 60E7...`.</summary>
    public static string Of(in DnsName zone, DsData ds, uint ttl) => string.Create(CultureInfo.InvariantCulture, $"{zone.ToAbsolute()} {ttl} IN DS {ds.Text}");

    /// <summary>
    /// What a registrar wants of a zone: the keys that a DS is made of, and the DS of each. Null with the reason where those that were heard last do not have the same such keys: a DS of a key that one of them does not serve
    /// makes validators fail there. Empty: the zone has none.
    /// </summary>
    public static IReadOnlyList<string>? Submission(in DnsName zone, ZoneKeys known, out string? why)
    {
        why = known.Servers.IsEmpty ? "nobody was heard yet" : null;
        if (why is not null) return null;
        var last = known.Servers.Max(s => s.At);
        var heard = known.Servers.Where(s => s.At == last).ToList();
        var first = Anchors(heard[0].Keys);
        if (heard.Find(s => !Anchors(s.Keys).SequenceEqual(first)) is { } other)
        {
            why = $"{heard[0].Address} and {other.Address} do not serve the same KSKs yet ({Tags(first)}; {Tags(Anchors(other.Keys))})";
            return null;
        }

        var ttl = heard.Min(s => s.Keys.Ttl);
        List<string> keys = [], ds = [];
        foreach (var key in first)
        {
            keys.Add(Of(zone, key, ttl));
            ds.Add(Of(zone, key.Ds(zone), ttl));
        }

        return [.. keys, .. ds];
    }

    static List<KeyData> Anchors(KeySet keys) => [.. keys.Keys.Where(k => k is { IsSep: true, IsRevoked: false, IsZoneKey: true })];

    static string Tags(List<KeyData> keys) => keys.Count == 0 ? "none" : string.Join(", ", keys.Select(k => k.Tag));
}
