using Oops.Wire.Dns;

namespace Oops.Dns;

/// <summary>Who may notify: from one of the prefixes (none: from anywhere) and, if a key is named, signed with it.</summary>
internal sealed record NotifyRule(PeerPrefix[] From, DnsName? Key);
