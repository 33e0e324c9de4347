using System.Collections.Immutable;
using System.Globalization;

namespace Oops.Core;

/// <summary>What counts of the reports that resolvers send (RFC 9567), and how it is told: <see cref="Measure.ErrorReports"/> and its remark.</summary>
public static class ErrorReports
{
    /// <summary>
    /// A resolver that is wrong itself (its clock, an old trust anchor) tells of each name and type once, so that one or two are no news, and three such resolvers are soon found.
    /// Ten in the window are more than a few mistaken ones have, and few for a zone that is broken for all.
    /// </summary>
    public const int UsualReports = 10;

    /// <summary>One host has an address in one network, or two by both families; three are somebody's effort.</summary>
    public const int UsualNetworks = 3;

    /// <summary>A resolver repeats itself once the TTL of the answer has passed, usually ten minutes: what lasts is heard of twice in this.</summary>
    public static TimeSpan UsualWindow { get; } = TimeSpan.FromMinutes(30);

    /// <summary>Errors that a remark names, and names in a row of words.</summary>
    public const int MostCodes = 8, MostNamed = 3;

    const string Between = ", ";

    /// <summary>The value that a channel claims.</summary>
    /// <param name="condition">The condition that it counts for.</param>
    /// <param name="weight">The weights of the reports within its window and of its codes, together.</param>
    /// <param name="networks">From how many independent networks they come (IPv4 /24, IPv6 /48).</param>
    public static long Counted(KindSpec condition, double weight, int networks) =>
        // A sum of tenths may be a hair below the number that it is.
        networks >= condition.Networks ? (long)Math.Floor(Math.Max(weight, 0) + 1e-6) : 0;

    /// <summary>What goes with the value: of which errors the reports tell, and what else there is to say.</summary>
    /// <param name="codes">The INFO-CODEs, the most frequent first; beyond <see cref="MostCodes"/> they are left out.</param>
    /// <param name="more">Terminal-safe: the names that are reported most, who reports. Null: nothing.</param>
    public static string? Remark(IEnumerable<int> codes, string? more = null)
    {
        var named = string.Join(Between, codes.Distinct().Take(MostCodes).Select(ErrorCodes.Of));
        return named.Length == 0 ? more : more is null ? named : $"{named}; {more}";
    }

    /// <summary>The INFO-CODEs that a remark begins with; none where it says something else.</summary>
    public static ImmutableArray<int> CodesIn(string? remark) => Read(remark).Codes;

    /// <summary>For each error what is usually behind it; of those that are in no registry only their senders know.</summary>
    public static ImmutableArray<string> Advice(IEnumerable<int> codes) =>
        [.. codes.Distinct().Take(MostCodes).Select(c => $"{ErrorCodes.Of(c)}: {ErrorInfo.Of(c)?.Advice ?? "It is not in the registry; the documentation of the software that reports it has it."}")];

    /// <summary>`12 reports of 6 (dnssec-bogus) within 10m from 3 networks or more, met at 10 (www.example.net)`; `12 reports of 6 (dnssec-bogus), confirmed here, within ...` where only those count.</summary>
    internal static string Says(KindSpec condition, string reports, string? remark)
    {
        var (told, more) = Read(remark);
        var codes = told.IsEmpty ? condition.Codes.Codes : told;
        var of = string.Join(Between, codes.Take(MostNamed).Select(ErrorCodes.Of)) + (codes.Length > MostNamed ? $" and {Words.Count(codes.Length - MostNamed, "other code")}" : "");
        var met = condition.Number.ToString("0.###", CultureInfo.InvariantCulture);
        return $"{reports} of {of}{(condition.Verified ? ", confirmed here," : "")} within {Words.Of(condition.Span)} from {Words.Count(condition.Networks, "network")} or more, met at {met}{(more is null ? "" : $" ({more})")}";
    }

    static (ImmutableArray<int> Codes, string? More) Read(string? remark)
    {
        if (remark is null) return ([], null);
        var end = remark.IndexOf("; ", StringComparison.Ordinal);
        var codes = ImmutableArray.CreateBuilder<int>();
        foreach (var word in (end < 0 ? remark : remark[..end]).Split(Between))
        {
            // Only what we wrote ourselves: a name that looks like one is none.
            if (!ushort.TryParse(word.AsSpan(0, word.AsSpan().IndexOf(' ') is >= 0 and var space ? space : word.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var code) || ErrorCodes.Of(code) != word) return ([], remark);
            codes.Add(code);
        }
        return (codes.ToImmutable(), end < 0 ? null : remark[(end + 2)..]);
    }
}
