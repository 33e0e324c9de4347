namespace Oops.Sources.Verify;

/// <summary>What became of a person's word that a version has the right size.</summary>
internal sealed record Acceptance
{
    /// <summary>Of the version that can be accepted; null: there is none, or it has no SOA.</summary>
    public uint? Serial { get; init; }

    /// <summary>That version, and what was found: one terminal-safe line.</summary>
    public string Words { get; init; } = "";

    /// <summary>Its size is what the next one's is compared with.</summary>
    public bool Taken { get; init; }

    /// <summary>Why that could not be, or is not on the disk; null: nothing hindered it.</summary>
    public string? Why { get; init; }
}
