using Oops.Wire.Dns;
using Oops.Wire.Dns.Dnssec;
using Oops.Zones.Compact;

namespace Oops.Zones.Verification;

/// <summary>How a zone proves what is not there.</summary>
internal enum DenialForm
{
    /// <summary>Not at all.</summary>
    None,
    Nsec,
    Nsec3,
}

/// <summary>How a zone proves what is not there, and by which parameters.</summary>
internal sealed class Denial
{
    /// <summary>Further NSEC3PARAM records that are looked at: each costs work for each NSEC3 record of another chain.</summary>
    const int MostMore = 8;

    // Of further NSEC3PARAM records: their chains are in use, too.
    readonly List<byte[]> more = [];

    /// <param name="zone">The zone.</param>
    /// <param name="options">What is asked of it.</param>
    /// <param name="findings">Takes what is wrong with the parameters.</param>
    /// <param name="before">Of an earlier version: its pages need not be looked at again. Null: none.</param>
    public Denial(ZoneVersion zone, VerifyOptions options, Findings findings, Precedent? before)
    {
        var apex = zone.ApexNode;
        if (apex.IsNone)
            return;
        foreach (var data in apex.Get(DnsType.Nsec3Param).Data)
        {
            // Flags other than 0: a chain that is being made (RFC 5155, 4.1.2).
            if (!Nsec3.IsParam(data) || data[1] != 0 || data[0] != Nsec3.Sha1Algorithm)
                continue;
            if (Form == DenialForm.Nsec3 && more.Count == MostMore)
            {
                findings.Add(ZoneFault.Nsec3Param, [], DnsType.Nsec3Param, $"more than {1 + MostMore} records: the rest of them was not looked at");
                break;
            }

            if (Form == DenialForm.Nsec3)
                more.Add(data.ToArray());
            else
                (Form, Parameters) = (DenialForm.Nsec3, data.ToArray());
        }

        HasNsec = apex.Has(DnsType.Nsec);
        if (Form == DenialForm.Nsec3)
        {
            IsHashed = IsCheap(Parameters, options);
            Chain = ChainOf(zone.Hashes, before?.Denial is { IsPure: true } older && older.Parameters.AsSpan().SequenceEqual(Parameters) ? before : null);
            IsPure = Chain == zone.Hashes;
            if (!IsHashed)
                findings.Add(ZoneFault.Nsec3Iterations, [], DnsType.Nsec3Param, Excess(Parameters, options));
            if (HasNsec)
                findings.Add(ZoneFault.DenialBoth, [], DnsType.Nsec, "beside NSEC3PARAM");
            foreach (var other in more)
                JudgeMore(zone, other, options, findings);
        }
        else if (HasNsec)
        {
            // NSEC3 records beside it: a chain that is being made (RFC 5155, 10.4), or what is left of one.
            Form = DenialForm.Nsec;
        }
        else if (zone.Hashes.Nodes > 0)
        {
            findings.Add(ZoneFault.Nsec3Param, [], DnsType.Nsec3Param, "there are NSEC3 records, and neither an NSEC3PARAM record of SHA-1 with flags 0 nor an NSEC record at the apex");
        }
    }

    public DenialForm Form { get; }

    /// <summary>The apex has an NSEC record: so must every name. In a zone with NSEC3, too: it is on its way from the one to the other.</summary>
    public bool HasNsec { get; }

    /// <summary>The data of the NSEC3PARAM record; of several, of the first.</summary>
    public byte[] Parameters { get; } = [];

    static int IterationsOf(byte[] parameters) => parameters[2] << 8 | parameters[3];

    /// <summary>Each iteration hashes the last hash and the salt in blocks of 64 octets, nine of which are SHA-1's own.</summary>
    static bool IsCheap(byte[] parameters, VerifyOptions options) => (IterationsOf(parameters) + 1) * ((Nsec3.HashSize + parameters.Length - 5 + 9 + 63) / 64) <= options.MostIterations + 1;

    static string Excess(byte[] parameters, VerifyOptions options) => $"{IterationsOf(parameters)} iterations, {parameters.Length - 5} octets of salt; resolvers compute {options.MostIterations} at most, with a short salt";

    /// <summary>The NSEC3 records of these parameters: those of another chain, which is being made or taken down, prove nothing.</summary>
    public ZoneTree Chain { get; } = ZoneTree.Empty;

    /// <summary>There are no NSEC3 records of other parameters.</summary>
    public bool IsPure { get; } = true;

    /// <summary>Names are to be looked up by their hashes. Not with more iterations than anybody computes: each name would cost milliseconds.</summary>
    public bool IsHashed { get; }

    /// <summary>Pages that were judged under the one can be compared under the other.</summary>
    public bool IsLike(Denial other) => IsPure && other.IsPure && Form == other.Form && HasNsec == other.HasNsec && IsHashed == other.IsHashed && Parameters.AsSpan().SequenceEqual(other.Parameters)
        && more.Select(Convert.ToHexString).SequenceEqual(other.more.Select(Convert.ToHexString));

    /// <summary>Writes the hash of a name (RFC 5155, 5): <see cref="Nsec3.HashSize"/> octets.</summary>
    public void Hash(ReadOnlySpan<byte> key, in DnsName apex, Span<byte> hash) => Hash(Parameters, key, apex, hash);

    static void Hash(byte[] parameters, ReadOnlySpan<byte> key, in DnsName apex, Span<byte> hash)
    {
        Span<byte> name = stackalloc byte[DnsName.MaxLength];
        Nsec3.Hash(name[..NameKey.WriteWire(key, apex, name)], parameters.AsSpan(5), IterationsOf(parameters), hash);
    }

    /// <summary>The record is of one of the chains that are in use.</summary>
    public bool IsUsed(in Nsec3 nsec3)
    {
        if (IsOurs(nsec3))
            return true;
        foreach (var other in more)
        {
            if (nsec3.HasParameters(other))
                return true;
        }

        return false;
    }

    /// <summary>The record is of the chain that is judged.</summary>
    public bool IsOurs(in Nsec3 nsec3) => nsec3.IsKnown && nsec3.HasParameters(Parameters);

    /// <summary>Of a chain that a server may use as well (RFC 5155, 7.3): its first record at least must be there.</summary>
    static void JudgeMore(ZoneVersion zone, byte[] parameters, VerifyOptions options, Findings findings)
    {
        var words = $"{IterationsOf(parameters)} iterations, {parameters.Length - 5} octets of salt";
        findings.Add(ZoneFault.Nsec3ParamMore, [], DnsType.Nsec3Param, words);
        if (!IsCheap(parameters, options))
        {
            findings.Add(ZoneFault.Nsec3Iterations, [], DnsType.Nsec3Param, Excess(parameters, options));
            return;
        }

        Span<byte> hash = stackalloc byte[Nsec3.HashSize];
        Hash(parameters, [], zone.Apex, hash);
        Span<byte> place = stackalloc byte[Nsec3.LabelSize + 1];
        Nsec3.WriteLabel(hash, place);
        place[Nsec3.LabelSize] = 0;
        if (zone.Hashes.Find(place) is { IsNone: false } node)
        {
            foreach (var data in node.Get(DnsType.Nsec3).Data)
            {
                if (Nsec3.TryRead(data, out var nsec3) && nsec3.IsKnown && nsec3.HasParameters(parameters))
                    return;
            }
        }

        findings.Add(ZoneFault.Nsec3Param, [], DnsType.Nsec3Param, $"no NSEC3 record of the apex with {words}");
    }

    /// <summary>The record at a hash, by the parameters in use.</summary>
    public bool TryGet(ZoneNode node, out Nsec3 nsec3)
    {
        nsec3 = default;
        if (node.IsNone)
            return false;
        foreach (var data in node.Get(DnsType.Nsec3).Data)
        {
            if (Nsec3.TryRead(data, out nsec3) && IsOurs(nsec3))
                return true;
        }

        return false;
    }

    /// <summary>The same tree where all records are of one chain, as they nearly always are.</summary>
    ZoneTree ChainOf(ZoneTree hashes, Precedent? before)
    {
        if (!HasForeign(hashes, before))
            return hashes;
        var edit = new TreeEdit(ZoneTree.Empty);
        for (var cursor = hashes.From(0); !cursor.Current.IsNone; cursor.Next())
        {
            var rrset = cursor.Current.Get(DnsType.Nsec3);
            foreach (var data in rrset.Data)
            {
                if (Nsec3.TryRead(data, out var nsec3) && IsOurs(nsec3))
                    edit.Add(cursor.Current.Key, DnsType.Nsec3, default, rrset.Ttl, data);
            }
        }

        return edit.Seal();
    }

    bool HasForeign(ZoneTree hashes, Precedent? before)
    {
        foreach (var page in hashes.Pages)
        {
            for (var at = 0; at < page.Length && before?.Has(page) != true; at += page[at].Size)
            {
                if (!TryGet(page[at], out _))
                    return true;
            }
        }

        return false;
    }
}
