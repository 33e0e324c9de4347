using Oops.Wire.Dns;
using Oops.Wire.Dns.Dnssec;
using Oops.Zones.Compact;

namespace Oops.Zones.Verification;

/// <summary>A key of the zone that may sign it.</summary>
/// <param name="Data">Of the DNSKEY record.</param>
/// <param name="Tag">RFC 4034, appendix B.</param>
/// <param name="Algorithm">Its number.</param>
/// <param name="Revoked">It signs the DNSKEY RRset only, and nobody trusts it (RFC 5011, 2.1).</param>
/// <param name="Sep">The one that the parent's DS is of, as a rule (RFC 4034, 2.1.1).</param>
internal sealed record ZoneKey(byte[] Data, ushort Tag, byte Algorithm, bool Revoked, bool Sep)
{
    public ReadOnlySpan<byte> Public => Data.AsSpan(4);

    /// <summary>The signature names this key, or one of the same tag.</summary>
    public bool IsNamedBy(in Rrsig rrsig) => rrsig.KeyTag == Tag && rrsig.Algorithm == Algorithm;
}

/// <summary>The keys of the apex, and by which algorithms everything must be signed.</summary>
internal sealed class ZoneKeys
{
    /// <summary>Keys that are looked at. The largest real sets have some ten; each costs work for each signature that has its tag.</summary>
    public const int MaxKeys = 64;

    readonly List<ZoneKey> keys = [];
    readonly List<byte> algorithms = [], entries = [];

    public ZoneKeys(ZoneVersion zone, Findings findings)
    {
        var node = zone.ApexNode;
        if (node.IsNone)
            return;
        foreach (var data in node.Get(DnsType.Dnskey).Data)
        {
            if (!Dnskey.TryRead(data, out var key))
            {
                findings.Add(ZoneFault.DnskeyMalformed, [], DnsType.Dnskey, "too short");
                continue;
            }

            if (!key.IsZoneKey)
                continue;
            if (keys.Count == MaxKeys)
            {
                findings.Add(ZoneFault.DnskeyTooMany, [], DnsType.Dnskey, $"more than {MaxKeys} keys");
                break;
            }

            Take(key, findings);
        }

        algorithms.Sort();
        entries.Sort();
    }

    public IReadOnlyList<ZoneKey> All => keys;

    /// <summary>Those by each of which every RRset must be signed (RFC 4035, 2.2), in rising order.</summary>
    public IReadOnlyList<byte> Algorithms => algorithms;

    /// <summary>Those of keys that the parent's DS may be of (SEP): the DNSKEY RRset must be signed by such a key of each, in rising order.</summary>
    public IReadOnlyList<byte> Entries => entries;

    public bool AreSame(ZoneKeys other)
    {
        if (keys.Count != other.keys.Count)
            return false;
        for (var i = 0; i < keys.Count; i++)
        {
            if (!keys[i].Data.AsSpan().SequenceEqual(other.keys[i].Data))
                return false;
        }

        return true;
    }

    public bool Any => keys.Count > 0;

    void Take(in Dnskey key, Findings findings)
    {
        keys.Add(new ZoneKey(key.Data.ToArray(), key.Tag, key.Algorithm, key.IsRevoked, key.IsSep));
        if (!SigningKey.IsSupported(key.Algorithm))
        {
            findings.Add(ZoneFault.AlgorithmUnsupported, [], DnsType.Dnskey, $"key {key.Tag} is of algorithm {key.Algorithm}");
        }
        else
        {
            using var usable = SigningKey.TryCreate(key.Algorithm, key.PublicKey);
            if (usable is null)
                findings.Add(ZoneFault.DnskeyMalformed, [], DnsType.Dnskey, $"key {key.Tag} is no key of algorithm {key.Algorithm}{(key.Algorithm is 5 or 7 or 8 or 10 ? ", or a larger one than is taken here (4096 bits, an exponent of 35)" : "")}");
        }

        if (key.IsRevoked)
            return;
        if (!algorithms.Contains(key.Algorithm))
            algorithms.Add(key.Algorithm);
        if (key.IsSep && !entries.Contains(key.Algorithm))
            entries.Add(key.Algorithm);
    }
}
