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
    /// <summary>More iterations are not computed at all: each name would cost milliseconds (RFC 5155, 10.3 allowed up to 2500).</summary>
    public const int MaxIterations = 2500;

    public Denial(ZoneVersion zone, VerifyOptions options, Findings findings)
    {
        var apex = zone.ApexNode;
        if (apex.IsNone)
            return;
        foreach (var data in apex.Get(DnsType.Nsec3Param).Data)
        {
            // Flags other than 0: a chain that is being made (RFC 5155, 4.1.2).
            if (!Nsec3.IsParam(data) || data[1] != 0 || data[0] != Nsec3.Sha1Algorithm || Form == DenialForm.Nsec3)
                continue;
            Form = DenialForm.Nsec3;
            Parameters = data.ToArray();
        }

        if (Form == DenialForm.Nsec3)
        {
            if (Iterations > options.MostIterations)
                findings.Add(ZoneFault.Nsec3Iterations, [], DnsType.Nsec3Param, $"{Iterations} iterations; resolvers compute {options.MostIterations} at most");
        }
        else if (zone.Hashes.Nodes > 0)
        {
            findings.Add(ZoneFault.Nsec3Param, [], DnsType.Nsec3Param, "there are NSEC3 records, and no NSEC3PARAM record of SHA-1 with flags 0");
        }
        else if (apex.Has(DnsType.Nsec))
        {
            Form = DenialForm.Nsec;
        }
    }

    public DenialForm Form { get; }

    /// <summary>The data of the NSEC3PARAM record.</summary>
    public byte[] Parameters { get; } = [];

    public int Iterations => Parameters[2] << 8 | Parameters[3];

    public ReadOnlySpan<byte> Salt => Parameters.AsSpan(5);

    /// <summary>Hashes can be computed in sensible time.</summary>
    public bool IsHashed => Form == DenialForm.Nsec3 && Iterations <= MaxIterations;
}
