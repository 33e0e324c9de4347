namespace Oops.Keys;

/// <summary>How a resolver that follows RFC 5011 (4) takes a key with the SEP flag. The keys that were there when the zone was first seen are taken as its trust anchors.</summary>
internal enum KeyState
{
    /// <summary>Seen, and gone before its hold-down was over.</summary>
    Start,

    /// <summary>New: not trusted until it has been there for the add hold-down.</summary>
    AddPend,

    Valid,

    /// <summary>Was valid, and is not served.</summary>
    Missing,

    /// <summary>Served with the REVOKE bit: never trusted again.</summary>
    Revoked,

    /// <summary>Revoked for the remove hold-down. There is no way back.</summary>
    Removed,
}

/// <summary>The state machine of RFC 5011 (4.2) for one key.</summary>
internal static class KeyStates
{
    /// <summary>Of adding; longer where the TTL is (2.4.1).</summary>
    public static readonly TimeSpan AddHold = TimeSpan.FromDays(30);

    /// <summary>Of removing (2.4.2).</summary>
    public static readonly TimeSpan RemoveHold = TimeSpan.FromDays(30);

    static readonly TimeSpan OneHour = TimeSpan.FromHours(1), FifteenDays = TimeSpan.FromDays(15);

    /// <summary>The state after a look that found the key, or found that nobody has it.</summary>
    /// <param name="state">Before.</param>
    /// <param name="since">Since when.</param>
    /// <param name="served">It was found.</param>
    /// <param name="revoked">With the REVOKE bit.</param>
    /// <param name="ttl">Of the DNSKEY RRset.</param>
    /// <param name="now">When.</param>
    public static (KeyState State, DateTimeOffset Since) Next(KeyState state, DateTimeOffset since, bool served, bool revoked, TimeSpan ttl, DateTimeOffset now)
    {
        var next = (state, served) switch
        {
            (KeyState.Removed, _) => KeyState.Removed,
            (KeyState.Revoked, _) => now - since >= RemoveHold ? KeyState.Removed : KeyState.Revoked,
            (_, true) when revoked => KeyState.Revoked,
            (KeyState.Start, true) => KeyState.AddPend,
            (KeyState.AddPend, true) => now - since >= Longer(AddHold, ttl) ? KeyState.Valid : KeyState.AddPend,
            (KeyState.Valid or KeyState.Missing, true) => KeyState.Valid,
            (KeyState.AddPend, false) => KeyState.Start,
            (KeyState.Valid, false) => KeyState.Missing,
            _ => state,
        };
        return next == state ? (state, since) : (next, now);
    }

    /// <summary>When to look again (2.3), but for the bounds, which the config has: not negative, at most 15 days.</summary>
    /// <param name="ttl">Of the RRset; null: it is not known.</param>
    /// <param name="signed">What is left of the signature; null: there is none.</param>
    public static TimeSpan Refresh(TimeSpan? ttl, TimeSpan? signed) => Longer(TimeSpan.Zero, Shorter(FifteenDays, Shorter(ttl / 2, signed / 2)));

    /// <summary>When to look again after a look that failed: at first soon, then twice as long each time.</summary>
    /// <param name="least">At first.</param>
    /// <param name="most">At last.</param>
    /// <param name="failures">How many there were before.</param>
    public static TimeSpan Retry(TimeSpan least, TimeSpan most, int failures)
    {
        var span = least;
        for (var i = 0; i < failures && span < most; i++) span *= 2;
        return Shorter(span, most);
    }

    /// <summary>`add-pend`.</summary>
    public static string Word(KeyState state) => state switch { KeyState.Start => "start", KeyState.AddPend => "add-pend", KeyState.Valid => "valid", KeyState.Missing => "missing", KeyState.Revoked => "revoked", _ => "removed" };

    static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;

    static TimeSpan Shorter(TimeSpan a, TimeSpan? b) => b < a ? b.Value : a;

    static TimeSpan? Shorter(TimeSpan? a, TimeSpan? b) => a is null || b < a ? b : a;
}
