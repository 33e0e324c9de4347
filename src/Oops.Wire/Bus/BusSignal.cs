namespace Oops.Wire.Bus;

/// <summary>What is said of a condition. The numbers are those of the CBOR form.</summary>
public enum BusState : byte
{
    Unknown,
    NotMet,
    Met,
}

/// <summary>One argument of a condition: the RRset whose signature ends, how many zones are missing.</summary>
/// <param name="Name">`[a-z0-9_]`, 32 at most.</param>
/// <param name="Text">What it is; null: it is a number.</param>
/// <param name="Number">The number.</param>
public readonly record struct BusArgument(string Name, string? Text, long Number = 0);

/// <summary>How a condition stands, as it goes over a bus (docs/spec/signal.md). It has the same meaning in both of its forms.</summary>
public sealed record BusSignal
{
    public const int Version = 1;

    /// <summary>Octets of the longest one, in each form.</summary>
    public const int MaxSize = 8192;

    /// <summary>The condition by which a publisher speaks of itself.</summary>
    public const string PublisherRunning = "publisher-running";

    /// <summary>What every number of a JSON text can hold (RFC 8259, 6).</summary>
    public const long MaxNumber = (1L << 53) - 1;

    /// <summary>The same at each try: who has seen it has seen the signal.</summary>
    public required string Id { get; init; }

    /// <summary>Of one run of the publisher: 16 hexadecimal digits. Another one says nothing about the order.</summary>
    public required string Life { get; init; }

    /// <summary>Rises within a life.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it was made, to the millisecond.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>When the condition came to this state; null: not known.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>From then on it says nothing any more; null: until another takes its place.</summary>
    public DateTimeOffset? ValidUntil { get; init; }

    public required string Site { get; init; }

    /// <summary>The publisher.</summary>
    public required string Node { get; init; }

    /// <summary>Null: the publisher speaks of itself.</summary>
    public string? Server { get; init; }

    /// <summary>Its name in the publisher's config.</summary>
    public required string Condition { get; init; }

    /// <summary>What it is by the specification: `zone-expiring`.</summary>
    public required string Kind { get; init; }

    /// <summary>The parameter that its name stands for: `before=86400`; null: it has none.</summary>
    public string? Parameter { get; init; }

    /// <summary>Lower case, without a final dot; null: the condition is one of the server, or this is the sum over its zones.</summary>
    public string? Zone { get; init; }

    public required BusState State { get; init; }

    /// <summary>What was measured, in the kind's unit; null: nothing that is a number.</summary>
    public long? Value { get; init; }

    /// <summary>In the order of their names (ordinal), each once.</summary>
    public IReadOnlyList<BusArgument> Arguments { get; init; } = [];

    /// <summary>Why, in words.</summary>
    public required string Because { get; init; }
}
