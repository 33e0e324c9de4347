using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Oops.Keys;
using Oops.Wire.Dns;

namespace Oops.Tests.Keys;

/// <summary>Keys and answers for tests.</summary>
internal static class Made
{
    public static DateTimeOffset Start { get; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public const uint Day = 86_400;

    public static DnsName Name(string text) => DnsName.TryParse(text, out var name) ? name : throw new ArgumentException(text);

    public static DnsName Zone { get; } = Name("d1.test");

    /// <summary>A key whose octets follow from its name.</summary>
    public static KeyData Key(string name, ushort flags = 257, byte algorithm = 13) =>
        KeyData.Of([(byte)(flags >> 8), (byte)flags, 3, algorithm, .. SHA512.HashData(Encoding.ASCII.GetBytes(name))])!;

    public static KeyData Zsk(string name, byte algorithm = 13) => Key(name, 256, algorithm);

    public static KeyData Revoked(KeyData key) => KeyData.Of([key.Data[0], (byte)(key.Data[1] | 0x80), .. key.Data[2..]])!;

    /// <summary>Another key with the same tag: 16 bits of it are moved within a sum.</summary>
    public static KeyData SameTag(KeyData key)
    {
        byte[] data = [.. key.Data];
        (data[4], data[6]) = (data[6], data[4]);
        (data[5], data[7]) = (data[7], data[5]);
        return KeyData.Of(data)!;
    }

    public static KeySigner By(KeyData key, DateTimeOffset? until = null) => new(key.Algorithm, key.Tag, until ?? Start.AddYears(1));

    /// <summary>A set that is signed by its keys with the SEP flag.</summary>
    public static KeySet Set(params IReadOnlyList<KeyData> keys) => new() { Ttl = 3600, Keys = [.. RecordOctets.Sorted(keys)], Signers = [.. keys.Where(k => k.IsSep).Select(k => By(k))] };

    public static DsSet Ds(params IReadOnlyList<KeyData> keys) => new() { Ttl = Day, Records = [.. RecordOctets.Sorted(keys.Select(k => k.Ds(Zone)))] };

    public static ZoneLook Look(DateTimeOffset at, KeySet? keys, DsSet? ds = null) =>
        new(at, [new("192.0.2.1", keys, keys is null ? "no answer" : null)], [new("198.51.100.1", ds, ds is null ? "no answer" : null)]);

    public static ZoneLook Look(DateTimeOffset at, DsSet? ds, params IReadOnlyList<KeySet?> servers) =>
        new(at, [.. servers.Select((s, i) => new ServerLook($"192.0.2.{i + 1}", s, s is null ? "no answer" : null))], [new("198.51.100.1", ds, null)]);

    public static ImmutableArray<Finding> Findings(ZoneKeys known, DateTimeOffset now) => Delegation.Judge(Zone, known, TimeSpan.FromMinutes(10), now);
}
