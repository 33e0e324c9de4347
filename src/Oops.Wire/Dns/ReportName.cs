using System.Runtime.CompilerServices;

namespace Oops.Wire.Dns;

/// <summary>What the name of a query to a monitoring agent is (RFC 9567, 6).</summary>
public enum ReportReading
{
    /// <summary>A report.</summary>
    Report,

    /// <summary>Below the agent domain and no report: a step of a resolver that minimises QNAMEs (RFC 9156), or anything else. It exists, and has no data.</summary>
    Prefix,

    /// <summary>It begins as a report and is none; <see cref="ReportName.Flaw"/> says why.</summary>
    Malformed,
}

/// <summary>Why a name that begins as a report is none.</summary>
public enum ReportFlaw
{
    None,

    /// <summary>`_er` is not the last label before the agent domain.</summary>
    NoTail,

    /// <summary>The label of the types: numbers from 1 to 65535 without leading zeros, rising, with '-' between.</summary>
    Types,

    /// <summary>The label of the INFO-CODE: a number from 0 to 65535 without leading zeros.</summary>
    Code,
}

/// <summary>
/// `_er.TYPES.NAME.CODE._er.AGENT`: the name that tells a monitoring agent of an error (RFC 9567, 6.1.1). It is a view on the query's name, which is in lower case already; nothing is allocated.
/// </summary>
public readonly ref struct ReportName
{
    /// <summary>Types that one label of 63 octets can hold: 1 to 9, and fifteen of two digits.</summary>
    public const int MostTypes = 24;

    static readonly byte[] Mark = [3, (byte)'_', (byte)'e', (byte)'r'];

    /// <summary>The types as they are written: `1`, `1-28`; never empty in a report.</summary>
    public ReadOnlySpan<byte> Types { get; private init; }

    /// <summary>The labels of the name that failed, in wire form without the final zero; none for the root, whose keys may fail, too.</summary>
    public ReadOnlySpan<byte> Labels { get; private init; }

    /// <summary>INFO-CODE (RFC 8914).</summary>
    public ushort Code { get; private init; }

    /// <summary>Of a malformed one.</summary>
    public ReportFlaw Flaw { get; private init; }

    /// <summary>Reads a name that is <paramref name="agent"/> or below it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ReportReading Read(in DnsName name, in DnsName agent, out ReportName report)
    {
        report = default;
        // The part before the agent domain; its labels fill it exactly.
        var rest = name.Wire[..^agent.Wire.Length];
        if (!rest.StartsWith(Mark) || rest.Length == Mark.Length) return ReportReading.Prefix;
        // Labels are walked forward only, so `_er` and the code are the last two that are found.
        var (before, last) = (0, 0);
        for (var at = 0; at < rest.Length; at += rest[at] + 1) (before, last) = (last, at);
        if (!rest[last..].SequenceEqual(Mark)) return Malformed(ReportFlaw.NoTail, out report);
        var types = rest.Slice(Mark.Length + 1, rest[Mark.Length]);
        if (Mark.Length >= last || !AreTypes(types)) return Malformed(ReportFlaw.Types, out report);
        if (before <= Mark.Length) return Malformed(ReportFlaw.Code, out report);
        var code = rest[(before + 1)..last];
        if (!TryNumber(ref code, out var number) || !code.IsEmpty) return Malformed(ReportFlaw.Code, out report);
        var start = Mark.Length + 1 + types.Length;
        report = new ReportName { Types = types, Labels = rest[start..before], Code = (ushort)number };
        return ReportReading.Report;
    }

    /// <summary>The name that failed.</summary>
    public DnsName Name()
    {
        Span<byte> wire = stackalloc byte[DnsName.MaxLength];
        Labels.CopyTo(wire);
        wire[Labels.Length] = 0;
        return DnsName.TryFromWire(wire[..(Labels.Length + 1)], out var name) ? name : default;
    }

    /// <summary>Takes the next type off a list that <see cref="Read"/> found good; false at its end.</summary>
    public static bool TryNextType(ref ReadOnlySpan<byte> types, out DnsType type)
    {
        type = default;
        if (types.IsEmpty || !TryNumber(ref types, out var number)) return false;
        if (!types.IsEmpty) types = types[1..];
        type = (DnsType)number;
        return true;
    }

    /// <summary>The query name of a report; false: it would be longer than a name may be, and must not be sent (RFC 9567, 6.1.1), or the types are none or too many.</summary>
    /// <param name="types">Types that failed; they are written once each, rising.</param>
    /// <param name="failed">The name that failed.</param>
    /// <param name="code">INFO-CODE.</param>
    /// <param name="agent">The agent domain; not the root.</param>
    /// <param name="name">The name to ask for.</param>
    public static bool TryMake(IEnumerable<DnsType> types, in DnsName failed, ushort code, in DnsName agent, out DnsName name)
    {
        name = default;
        var list = string.Join('-', types.Select(t => (ushort)t).Distinct().Order());
        if (failed.Wire.IsEmpty || agent.Wire.Length < 2) return false;
        return AreTypes(System.Text.Encoding.ASCII.GetBytes(list)) && DnsName.TryParse($"_er.{list}.{(failed.IsRoot ? "" : failed + ".")}{code}._er.{agent}", out name);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static bool AreTypes(ReadOnlySpan<byte> label)
    {
        var before = 0;
        while (TryNumber(ref label, out var number) && number > before)
        {
            if (label.IsEmpty) return true;
            if (label[0] != '-') return false;
            before = number;
            label = label[1..];
        }
        return false;
    }

    /// <summary>1 to 5 digits, at most 65535, without leading zeros: so each report has one name.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static bool TryNumber(ref ReadOnlySpan<byte> text, out int number)
    {
        number = 0;
        var digits = 0;
        while (digits < text.Length && (uint)(text[digits] - '0') <= 9)
        {
            if (digits == 5 || (digits == 1 && number == 0)) return false;
            number = (number * 10) + text[digits++] - '0';
        }
        text = text[digits..];
        return digits > 0 && number <= ushort.MaxValue;
    }

    static ReportReading Malformed(ReportFlaw flaw, out ReportName report)
    {
        report = new ReportName { Flaw = flaw };
        return ReportReading.Malformed;
    }
}
