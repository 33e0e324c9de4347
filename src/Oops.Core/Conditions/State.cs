namespace Oops.Core;

/// <summary>What we believe of a condition. On the wire: <c>unknown</c>, <c>not-met</c>, <c>met</c>.</summary>
public enum State : byte
{
    /// <summary>Nobody covers it, nobody has spoken, or what was said has ended. Moves nothing.</summary>
    Unknown,
    NotMet,
    Met,
}

/// <summary>How much a claim weighs.</summary>
public enum Evidence : byte
{
    /// <summary>Absence: a timeout, silence, a name that nobody owns. Never withdraws on its own.</summary>
    Suspicion,

    /// <summary>A fact that was read: an exit, an answer, an exit status, or what a server says of itself.</summary>
    Proof,
}

/// <summary>How a channel knows.</summary>
public enum Standing : byte
{
    /// <summary>Only pushes. Never required; its word makes the witnesses look at once.</summary>
    Messenger,

    /// <summary>States the level on demand.</summary>
    Witness,

    /// <summary>Asks somebody else (a primary, a peer) the same questions: what this server is compared with.</summary>
    Reference,
}
