using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Oops.Wire.Dns;
using Oops.Wire.Dns.Dnssec;
using Oops.Wire.Dns.Master;
using Oops.Zones.Compact;
using Oops.Zones.Verification;

namespace Oops.Tests.Zones.Verification;

/// <summary>A record as a test holds it.</summary>
internal sealed record ZoneRecord(DnsName Owner, DnsType Type, uint Ttl, byte[] Data)
{
    public DnsType Covered => Type == DnsType.Rrsig ? (DnsType)BinaryPrimitives.ReadUInt16BigEndian(Data) : default;
}

/// <summary>
/// A zone that a test signs, changes and has judged. It signs by the runtime's own cryptography, and sorts names label by label: none of what is tested. Real signers are in the laboratory.
/// </summary>
internal sealed class SignedZone : IRecordSink, IDisposable
{
    public const long Now = 1_800_000_000;

    readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public SignedZone(string text, string apex = "example")
    {
        Assert(DnsName.TryParse(apex, out var name));
        Apex = name;
        Assert(new MasterReader(name, this).Read(Encoding.ASCII.GetBytes(text), true, out _) == MasterReading.Done);
    }

    public DnsName Apex { get; }

    public List<ZoneRecord> Records { get; } = [];

    public byte Algorithm { get; init; } = 13;

    /// <summary>The lower octet of the key's flags: SEP; 0x81 with REVOKE.</summary>
    public byte Flags { get; init; } = 1;

    public long Begins { get; set; } = Now - 3600;

    public long Expires { get; set; } = Now + 86400;

    public void Add(in DnsName owner, DnsType type, uint ttl, ReadOnlySpan<byte> data) => Records.Add(new ZoneRecord(owner, type, ttl, data.ToArray()));

    public static DnsName Name(string text)
    {
        Assert(DnsName.TryParse(text, out var name));
        return name;
    }

    /// <summary>Adds the key, the chain and all signatures.</summary>
    public SignedZone Sign(DenialForm form = DenialForm.Nsec, bool optOut = false, ushort iterations = 0)
    {
        AddKey(key, Flags);
        if (form == DenialForm.Nsec3)
            Add(Apex, DnsType.Nsec3Param, 0, [1, 0, (byte)(iterations >> 8), (byte)iterations, 2, 0xAB, 0xCD]);
        var names = Records.Select(r => r.Owner).Distinct().Where(n => !IsBelowCut(n)).Order(Comparer<DnsName>.Create(Compare)).ToList();
        if (form == DenialForm.Nsec)
            AddNsec(names);
        else if (form == DenialForm.Nsec3)
            AddNsec3(names, optOut, iterations);
        foreach (var rrset in Records.Where(MustBeSigned).GroupBy(r => (r.Owner, r.Type)).ToList())
            Add(rrset.Key.Owner, DnsType.Rrsig, rrset.First().Ttl, Signature([.. rrset]));
        return this;
    }

    /// <summary>Signs an RRset anew after a change.</summary>
    public void Resign(string owner, DnsType type)
    {
        var name = Name(owner);
        Records.RemoveAll(r => r.Owner == name && r.Covered == type);
        var rrset = Records.Where(r => r.Owner == name && r.Type == type).ToArray();
        if (rrset.Length > 0)
            Add(name, DnsType.Rrsig, rrset[0].Ttl, Signature(rrset));
    }

    /// <summary>Another key, before the zone is signed.</summary>
    public void AddKey(ECDsa pair, byte flags) => Add(Apex, DnsType.Dnskey, 3600, KeyOf(pair, flags));

    /// <summary>Signs the keys by another key, too.</summary>
    public void SignKeys(ECDsa pair, byte flags) => Add(Apex, DnsType.Rrsig, 3600, Signature([.. Records.Where(r => r.Type == DnsType.Dnskey)], pair, flags));

    /// <summary>The data of its DNSKEY record.</summary>
    public byte[] KeyOf(ECDsa? pair, byte flags)
    {
        var point = (pair ?? key).ExportParameters(false).Q;
        return [1, flags, 3, Algorithm, .. point.X!, .. point.Y!];
    }

    /// <summary>The data of the CDS record for a key.</summary>
    public byte[] CdsOf(byte[] dnskey)
    {
        Assert(Dnskey.TryRead(dnskey, out var read));
        var digest = new byte[DsDigest.MaxSize];
        return [.. U16(read.Tag), Algorithm, 2, .. digest[..DsDigest.Write(Apex, dnskey, 2, digest)]];
    }

    /// <summary>Signs every RRset of a type anew.</summary>
    public void ResignAll(DnsType type)
    {
        foreach (var owner in Records.Where(r => r.Type == type).Select(r => r.Owner.ToString()).Distinct().ToList())
            Resign(owner, type);
    }

    public ZoneRecord One(string owner, DnsType type, DnsType covered = default) => Records.Single(r => r.Owner == Name(owner) && r.Type == type && r.Covered == covered);

    public void Remove(string owner, DnsType type, DnsType covered = default) => Records.Remove(One(owner, type, covered));

    public void Replace(string owner, DnsType type, Func<byte[], byte[]> change, DnsType covered = default)
    {
        var had = One(owner, type, covered);
        Records[Records.IndexOf(had)] = had with { Data = change([.. had.Data]) };
    }

    public void AddText(string text) => Assert(new MasterReader(Apex, this).Read(Encoding.ASCII.GetBytes(text + "\n"), true, out _) == MasterReading.Done);

    public ZoneEdit Edit()
    {
        var edit = new ZoneEdit(ZoneVersion.Nothing(Apex));
        foreach (var record in Records)
            edit.Add(record.Owner, record.Type, record.Ttl, record.Data);
        return edit;
    }

    public ZoneVerdict Verdict(int threads = 2, VerifyOptions? options = null)
    {
        var edit = Edit();
        return ZoneVerifier.Run(edit.Seal(), options ?? new VerifyOptions { Now = Now }, edit.Faults, threads, null, CancellationToken.None);
    }

    /// <summary>The faults by name, each once, in the order of their table.</summary>
    public string Faults(VerifyOptions? options = null) => string.Join(' ', Verdict(2, options).Findings.Faults.Select(f => ZoneFaults.Of(f).Name));

    public void Dispose() => key.Dispose();

    public byte[] Signature(ZoneRecord[] rrset, ECDsa? pair = null, byte? flags = null)
    {
        var first = rrset[0];
        var labels = first.Owner.ToString() is "." ? 0 : first.Owner.ToString().Split('.').Length - (first.Owner.ToString().StartsWith("*.", StringComparison.Ordinal) ? 1 : 0);
        Assert(Dnskey.TryRead(KeyOf(pair, flags ?? Flags), out var dnskey));
        byte[] head = [.. U16((ushort)first.Type), Algorithm, (byte)labels, .. U32(first.Ttl), .. U32((uint)Expires), .. U32((uint)Begins), .. U16(dnskey.Tag), .. Apex.Wire];
        var signed = new List<byte>(head);
        foreach (var record in rrset.OrderBy(r => Convert.ToHexString(r.Data), StringComparer.Ordinal))
            signed.AddRange([.. record.Owner.Wire, .. U16((ushort)record.Type), 0, 1, .. U32(record.Ttl), .. U16((ushort)record.Data.Length), .. record.Data]);
        return [.. head, .. (pair ?? key).SignData([.. signed], HashAlgorithmName.SHA256)];
    }

    /// <summary>RFC 4034, 6.1, label by label from the right.</summary>
    static int Compare(DnsName a, DnsName b)
    {
        var (left, right) = (Labels(a), Labels(b));
        for (var i = 0; i < Math.Min(left.Count, right.Count); i++)
        {
            if (string.CompareOrdinal(left[i], right[i]) is not 0 and var order)
                return order;
        }

        return left.Count - right.Count;
    }

    static List<string> Labels(DnsName name)
    {
        var labels = new List<string>();
        for (var at = 0; name.Wire[at] != 0; at += name.Wire[at] + 1)
            labels.Insert(0, Encoding.Latin1.GetString(name.Wire.Slice(at + 1, name.Wire[at])));
        return labels;
    }

    static byte[] U16(ushort value) => [(byte)(value >> 8), (byte)value];

    static byte[] U32(uint value) => [.. U16((ushort)(value >> 16)), .. U16((ushort)value)];

    static void Assert([DoesNotReturnIf(false)] bool holds)
    {
        if (!holds)
            throw new InvalidOperationException("the test's zone is wrong");
    }

    bool IsCut(DnsName name) => name != Apex && Records.Exists(r => r.Owner == name && r.Type == DnsType.Ns);

    bool IsBelowCut(DnsName name) => Records.Exists(r => r.Type == DnsType.Ns && r.Owner != Apex && name != r.Owner && name.IsWithin(r.Owner));

    bool MustBeSigned(ZoneRecord record) => record.Type != DnsType.Rrsig && !IsBelowCut(record.Owner)
        && (record.Type == DnsType.Nsec3 || !IsCut(record.Owner) || record.Type is DnsType.Ds or DnsType.Nsec);

    byte[] Bitmap(DnsName name, params DnsType[] more)
    {
        var types = Records.Where(r => r.Owner == name && (!IsCut(name) || r.Type is DnsType.Ns or DnsType.Ds)).Select(r => r.Type).Concat(more).Distinct().Order().ToArray();
        var into = new byte[TypeBitmap.MaxSize];
        return into[..TypeBitmap.Write(types, into)];
    }

    void AddNsec(List<DnsName> names)
    {
        for (var i = 0; i < names.Count; i++)
            Add(names[i], DnsType.Nsec, 300, [.. names[(i + 1) % names.Count].Wire, .. Bitmap(names[i], DnsType.Nsec, DnsType.Rrsig)]);
    }

    void AddNsec3(List<DnsName> names, bool optOut, ushort iterations)
    {
        var hashes = new SortedDictionary<string, (byte[] Hash, byte[] Types)>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var insecure = IsCut(name) && !Records.Exists(r => r.Owner == name && r.Type == DnsType.Ds);
            if (insecure && optOut)
                continue;
            Hashed(hashes, name, insecure ? Bitmap(name) : Bitmap(name, DnsType.Rrsig), iterations);
            for (var parent = Parent(name); parent.Wire.Length > Apex.Wire.Length; parent = Parent(parent))
            {
                if (!names.Contains(parent))
                    Hashed(hashes, parent, [], iterations);
            }
        }

        var all = hashes.Values.ToArray();
        var label = new byte[Nsec3.LabelSize];
        for (var i = 0; i < all.Length; i++)
        {
            Nsec3.WriteLabel(all[i].Hash, label);
            Add(Name($"{Encoding.ASCII.GetString(label)}.{Apex}"), DnsType.Nsec3, 300,
                [1, (byte)(optOut ? 1 : 0), (byte)(iterations >> 8), (byte)iterations, 2, 0xAB, 0xCD, Nsec3.HashSize, .. all[(i + 1) % all.Length].Hash, .. all[i].Types]);
        }
    }

    static DnsName Parent(DnsName name)
    {
        Assert(DnsName.TryFromWire(name.Wire[(name.Wire[0] + 1)..], out var parent));
        return parent;
    }

    static void Hashed(SortedDictionary<string, (byte[] Hash, byte[] Types)> hashes, DnsName name, byte[] types, ushort iterations)
    {
        var hash = new byte[Nsec3.HashSize];
        Nsec3.Hash(name.Wire, [0xAB, 0xCD], iterations, hash);
        hashes[Convert.ToHexString(hash)] = (hash, types);
    }
}
