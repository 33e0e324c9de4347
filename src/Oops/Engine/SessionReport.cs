namespace Oops.Engine;

/// <summary>One BGP session of our own, as it stands.</summary>
/// <param name="Peer">Its address.</param>
/// <param name="State">As RFC 4271 calls it: Idle, Connect, Active, OpenSent, OpenConfirm or Established.</param>
/// <param name="Since">Since when it is established, or is not.</param>
/// <param name="Transitions">How often it came to be established since the start (bgpPeerFsmEstablishedTransitions of RFC 4273).</param>
/// <param name="Down">Why there is none, as the newest try found; null: it is established.</param>
/// <param name="LastError">Why the last one ended, or what the last NOTIFICATION said; no failure to connect replaces it. Null: there was none.</param>
internal sealed record SessionReport(string Action, string Peer, long Asn, string State, DateTimeOffset Since, long Transitions, string? Down, string? LastError, DateTimeOffset? LastErrorAt);

/// <summary>An address where peers may connect to us.</summary>
/// <param name="Address">With the port: `10.99.0.1@179`.</param>
/// <param name="Down">Why they cannot; null: they can.</param>
internal sealed record ListenReport(string Address, string? Down);
