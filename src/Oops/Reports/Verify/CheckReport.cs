using System.Text.Json.Serialization;
using Oops.Control;

namespace Oops.Reports.Verify;

/// <summary>What a check has found: one JSON object, and what `oops reports verify` prints. All text is ASCII and safe for terminals, except the texts of Extended DNS Errors and <see cref="ResolverFound.WhyBogus"/>, which are printable only as JSON escapes them.</summary>
internal sealed record CheckReport
{
    public int V { get; init; } = 1;

    public required string Name { get; init; }

    public required CheckVerdict Verdict { get; init; }

    /// <summary>In one line, terminal-safe.</summary>
    public required string Why { get; init; }

    /// <summary>One for each type.</summary>
    public required IReadOnlyList<TypeFound> Types { get; init; }
}

/// <summary>What was found of one type.</summary>
internal sealed record TypeFound
{
    /// <summary>`A`, `TYPE65280`.</summary>
    public required string Type { get; init; }

    public required ResolverFound Resolver { get; init; }

    public required IReadOnlyList<ServerFound> Servers { get; init; }
}

/// <summary>What the validating resolver made of it.</summary>
internal sealed record ResolverFound
{
    public required ResolverStatus Status { get; init; }

    /// <summary>`NOERROR`, `SERVFAIL`, `23`. Null: not asked.</summary>
    public string? Rcode { get; init; }

    public int Answers { get; init; }

    /// <summary>Where it is bogus: the library's words.</summary>
    public string? WhyBogus { get; init; }

    /// <summary>Where it could not be asked, or is not to be believed: why.</summary>
    public string? Why { get; init; }
}

/// <summary>What one authoritative server said.</summary>
internal sealed record ServerFound
{
    /// <summary>`address@port`.</summary>
    public required string Server { get; init; }

    /// <summary>It answers as an authority of the name should, or refers to whom it delegated to. Null: it was not heard.</summary>
    public bool? Well { get; init; }

    /// <summary>What is wrong; null: nothing.</summary>
    public string? Why { get; init; }

    public string? Rcode { get; init; }

    public bool Aa { get; init; }

    public int Records { get; init; }

    /// <summary>With signatures.</summary>
    public bool Signed { get; init; }

    /// <summary>The zone that it refers to.</summary>
    public string? Referral { get; init; }

    /// <summary>The first Extended DNS Error.</summary>
    public int? Ede { get; init; }

    public string? EdeText { get; init; }

    public double Milliseconds { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(KebabConverter<CheckVerdict>), typeof(KebabConverter<ResolverStatus>)])]
[JsonSerializable(typeof(CheckReport))]
internal sealed partial class CheckJson : JsonSerializerContext;
