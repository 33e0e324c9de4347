namespace Oops.Dns;

/// <summary>How connections with TLS begin.</summary>
/// <param name="Certificate">What we show.</param>
/// <param name="Handshakes">Most that are under way; at the limit the oldest is closed for the new one.</param>
/// <param name="HandshakeTime">How long one may take.</param>
internal sealed record TlsTerms(TlsCertificate Certificate, int Handshakes, TimeSpan HandshakeTime);
