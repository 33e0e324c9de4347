using System.Net;
using Oops.Dns;
using Oops.Wire.Dns;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Zones;

/// <summary>Whom a zone is transferred from.</summary>
/// <param name="Address">Where it answers.</param>
internal sealed record Primary(IPEndPoint Address)
{
    /// <summary>Where transfers are asked for unless another port is written: over TCP, and over TLS.</summary>
    public const int Port = 53, TlsPort = 853;

    /// <summary>The name of the key that signs what is asked there; null: it is not signed.</summary>
    public DnsName? Key { get; init; }

    /// <summary>How it proves over TLS who it is; null: it is asked over TCP.</summary>
    public TlsProof? Tls { get; init; }

    /// <summary>As a config writes it.</summary>
    public override string ToString() => new Endpoint(Address.Address, Address.Port == (Tls is null ? Port : TlsPort) ? null : Address.Port).ToString();
}
