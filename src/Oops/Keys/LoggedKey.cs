using System.Text.Json.Serialization;

namespace Oops.Keys;

/// <summary>A key that was seen, now or once.</summary>
internal sealed record LoggedKey
{
    /// <summary>As it was seen last: the flags change when it is revoked.</summary>
    public required KeyData Key { get; init; }

    /// <summary>Of the RRset, when it was seen last; seconds.</summary>
    public uint Ttl { get; init; }

    public DateTimeOffset First { get; init; }

    public DateTimeOffset Last { get; init; }

    /// <summary>Since when it is known that nobody serves it; null: somebody does, or may.</summary>
    public DateTimeOffset? Gone { get; init; }

    /// <summary>Null: without the SEP flag, no trust anchor.</summary>
    public KeyState? State { get; init; }

    public DateTimeOffset Since { get; init; }

    [JsonIgnore]
    public bool IsServed => Gone is null;
}

/// <summary>What is new of the keys of a zone.</summary>
internal sealed record KeyChanges
{
    public static KeyChanges None { get; } = new();

    public IReadOnlyList<KeyData> Added { get; init; } = [];

    public IReadOnlyList<KeyData> Removed { get; init; } = [];

    public IReadOnlyList<KeyData> Revoked { get; init; } = [];

    /// <summary>With the REVOKE bit, and without a signature of their own: no validator takes these for revoked (RFC 5011, 2.1).</summary>
    public IReadOnlyList<KeyData> Unproven { get; init; } = [];

    /// <summary>The algorithms of the keys before, where they are others now.</summary>
    public IReadOnlyList<byte> AlgorithmsBefore { get; init; } = [];

    public IReadOnlyList<byte> AlgorithmsNow { get; init; } = [];

    public bool Any => Added.Count > 0 || Removed.Count > 0 || Revoked.Count > 0 || Unproven.Count > 0;

    /// <summary>`added 9562 (KSK, algorithm 8); removed 4711 (ZSK, algorithm 8)`.</summary>
    public override string ToString()
    {
        List<string> parts = [];
        if (Added.Count > 0) parts.Add($"added {string.Join(", ", Added)}");
        if (Revoked.Count > 0) parts.Add($"revoked {string.Join(", ", Revoked)}");
        if (Unproven.Count > 0) parts.Add($"with REVOKE and without a signature of its own {string.Join(", ", Unproven)}");
        if (Removed.Count > 0) parts.Add($"removed {string.Join(", ", Removed)}");
        if (AlgorithmsNow.Count + AlgorithmsBefore.Count > 0) parts.Add($"algorithms {Words(AlgorithmsBefore)} -> {Words(AlgorithmsNow)}");
        return string.Join("; ", parts);
    }

    static string Words(IReadOnlyList<byte> algorithms) => algorithms.Count == 0 ? "none" : string.Join(' ', algorithms);
}
