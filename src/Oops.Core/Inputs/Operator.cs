namespace Oops.Core;

/// <summary>A person's word, durable before the verb returns. <paramref name="Who"/> is the peer's user (SO_PEERCRED).</summary>
public abstract record Operator(string Who) : Input;

/// <summary>Force a condition for a while. <paramref name="Zone"/> null: the server's condition.</summary>
public sealed record Override(string Who, string Condition, string Server, string? Zone, State State, TimeSpan For, string Reason) : Operator(Who);

/// <summary>End an override early.</summary>
public sealed record Unoverride(string Who, string Condition, string Server, string? Zone) : Operator(Who);

/// <summary>Take routes out of service in an orderly way: graceful-shutdown variant, wait, withdraw, read back.</summary>
/// <param name="Who">Who asks.</param>
/// <param name="Routes">Route names; empty: all.</param>
/// <param name="Server">Or those that depend on this server.</param>
/// <param name="For">How long; ends with a full admission.</param>
/// <param name="UntilStarted">Ends with the admission of the server's next incarnation, at the latest after <paramref name="For"/>.</param>
/// <param name="Force">Also a last resort.</param>
public sealed record Drain(string Who, IReadOnlyList<string> Routes, string? Server, TimeSpan For, bool UntilStarted, bool Force) : Operator(Who);

public sealed record Undrain(string Who, IReadOnlyList<string> Routes) : Operator(Who);

/// <summary>Nothing moves. <paramref name="For"/> null: until <see cref="Unhold"/>.</summary>
public sealed record Hold(string Who, IReadOnlyList<string> Routes, TimeSpan? For, string Reason) : Operator(Who);

/// <summary>The break-glass file is there, or no longer. While it is, nothing moves; it has no end, and a person's <see cref="Hold"/> neither shortens nor ends it.</summary>
/// <param name="There">Whether the file exists.</param>
/// <param name="Path">Which file.</param>
public sealed record BreakGlass(bool There, string Path) : Input;

/// <summary>End holds. <paramref name="Routes"/>: names; empty: every hold, the one of all and those of single routes.</summary>
public sealed record Unhold(string Who, IReadOnlyList<string> Routes) : Operator(Who);

/// <summary>Accept adopted routes as ours.</summary>
public sealed record Confirm(string Who, IReadOnlyList<string> Routes) : Operator(Who);

/// <summary>The size of a zone's version is what the next one's is compared with. The source `verify` has done it when it is said, and nothing else follows from it.</summary>
public sealed record Accept(string Who, string Server, string Zone, uint Serial) : Operator(Who);

/// <summary>Let go of a prefix that left the config.</summary>
public sealed record Release(string Who, System.Net.IPNetwork Prefix) : Operator(Who);
