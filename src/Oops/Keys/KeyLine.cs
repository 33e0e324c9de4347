using System.Globalization;
using Oops.Wire.Dns;

namespace Oops.Keys;

/// <summary>Keys and DS as lines of a zone file, with the tag as key-listen had it.</summary>
internal static class KeyLine
{
    /// <summary>`d1.aa. 300 IN DNSKEY 257 3 8 AwEAAc... ; Key-ID 9562`.</summary>
    public static string Of(in DnsName zone, KeyData key, uint ttl) => string.Create(CultureInfo.InvariantCulture, $"{Owner(zone)} {ttl} IN DNSKEY {key.Text} ; Key-ID {key.Tag}");

    /// <summary>`d1.aa. 3600 IN DS 9562 8 2 60E7...`.</summary>
    public static string Of(in DnsName zone, DsData ds, uint ttl) => string.Create(CultureInfo.InvariantCulture, $"{Owner(zone)} {ttl} IN DS {ds.Text}");

    /// <summary>What a registrar wants of a zone: the keys that a DS is made of, and the DS of each.</summary>
    public static IReadOnlyList<string> Submission(in DnsName zone, ZoneKeys known)
    {
        List<string> keys = [], ds = [];
        foreach (var logged in known.Log.Where(k => k.IsServed && k.Key is { IsSep: true, IsRevoked: false, IsZoneKey: true }))
        {
            keys.Add(Of(zone, logged.Key, logged.Ttl));
            ds.Add(Of(zone, logged.Key.Ds(zone), logged.Ttl));
        }

        return [.. keys, .. ds];
    }

    static string Owner(in DnsName zone) => zone.IsRoot ? "." : $"{zone}.";
}
