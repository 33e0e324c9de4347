using System.Text.Json.Serialization;
using Oops.Core;
using Oops.Reports.Verify;
using Oops.Wire.Dns;

namespace Oops.Reports;

/// <summary>What one line of an answer is of.</summary>
internal enum ReportGrouping
{
    /// <summary>A zone, a name, types and an INFO-CODE.</summary>
    Report,
    Name,
    Zone,
    Code,

    /// <summary>The same as <see cref="Report"/> and an agent domain, in one hour: a row of the store.</summary>
    Hour,
}

internal enum ReportOrder
{
    Count,
    Last,
}

/// <summary>One line of an answer, and of the export: docs/reports.md says what each key is. What a line is not about is null and not written.</summary>
internal sealed record StoredReport
{
    /// <summary>By <see cref="ReportPath"/>.</summary>
    static readonly string[] PathWords = ["udp", "cookie", "tcp", "tls"];

    public int V { get; set; } = 1;

    public DateTimeOffset? Hour { get; set; }

    public string? Agent { get; set; }

    public string? Zone { get; set; }

    public string? Name { get; set; }

    /// <summary>RR types by name.</summary>
    public IReadOnlyList<string>? Types { get; set; }

    public int? Code { get; set; }

    /// <summary>Where the registry has one.</summary>
    public string? CodeName { get; set; }

    /// <summary>Different names, of a zone or a code.</summary>
    public long? Names { get; set; }

    public long Count { get; set; }

    public long Verified { get; set; }

    public IReadOnlyList<string> Paths { get; set; } = [];

    public int Networks { get; set; }

    public DateTimeOffset First { get; set; }

    public DateTimeOffset Last { get; set; }

    public string LastFrom { get; set; } = "";

    /// <summary>What the last check found: `confirmed`, `not-confirmed`, `unknown`; null: there was none.</summary>
    public string? Check { get; set; }

    public DateTimeOffset? Checked { get; set; }

    /// <summary>In words.</summary>
    public string? CheckFound { get; set; }

    /// <summary>Its place among the changes of the store.</summary>
    [JsonIgnore]
    public long Stored { get; init; }

    /// <summary>The types of a row by name: `1-28` is A and AAAA.</summary>
    public static IReadOnlyList<string> TypesOf(string text)
    {
        List<string> types = [];
        ReadOnlySpan<byte> rest = System.Text.Encoding.ASCII.GetBytes(text);
        while (ReportName.TryNextType(ref rest, out var type)) types.Add(TypeNames.Of(type));
        return types;
    }

    public static string VerdictOf(long verdict) => (CheckVerdict)verdict switch { CheckVerdict.Confirmed => "confirmed", CheckVerdict.NotConfirmed => "not-confirmed", _ => "unknown" };

    /// <summary>Of the bits of a row.</summary>
    public static IReadOnlyList<string> PathsOf(long bits) => [.. PathWords.Where((_, i) => (bits >> i & 1) != 0)];

    public static string? NameOf(int code) => (uint)code < (uint)ErrorCodes.Names.Count ? ErrorCodes.Names[code] : null;
}
