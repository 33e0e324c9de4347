using System.ComponentModel;
using System.Net;
using Oops.Dns;
using Oops.Wire.Dns;
using Oops.Zones;

namespace Oops.Config;

/// <summary>Whom a zone is transferred from. Where several may stand they are asked in their order (<see cref="Primaries"/>).</summary>
[ShortForm("address")]
internal sealed record PrimaryConfig : IValidate
{
    [Description("IP address, with a port if it is not 53; with tls, if it is not 853.")]
    public required Endpoint Address { get; set; }

    [Description("The key of the key file that signs what is asked there; then every answer must be signed with it too. Default: the key that is written beside the key file, if there is one.")]
    public ZoneName? Key { get; set; }

    [Description("The transfer goes over TLS 1.3 (RFC 9103), and this is how the primary proves who it is. Default: TCP.")]
    public PrimaryTlsConfig? Tls { get; set; }

    /// <param name="usual">The key of who has none of its own; null: none.</param>
    public Primary ToPrimary(ZoneName? usual) => new(Address.ToIPEndPoint(Tls is null ? Primary.Port : Primary.TlsPort))
    {
        Key = (Key ?? usual) is { } key && DnsName.TryParse(key.Text, out var name) ? name : null,
        Tls = Tls?.ToProof(),
    };

    public void Validate(ConfigErrors errors, string path) => Tls?.Check(errors, $"{path}.tls");

    /// <summary>What holds where zones are transferred from a list of them, with a key file and a key for those that have none of their own.</summary>
    /// <param name="from">The list; empty: none is written.</param>
    /// <param name="keys">The key file.</param>
    /// <param name="usual">The key of who has none of its own.</param>
    /// <param name="errors">Takes what is wrong.</param>
    /// <param name="path">Of the record that has from, keys and key.</param>
    public static void CheckFrom(IReadOnlyList<PrimaryConfig> from, string? keys, ZoneName? usual, ConfigErrors errors, string path)
    {
        if (usual is not null && keys is null)
            errors.Add($"{path}.key", "needs a key file; write keys: /path");
        if (keys is null && from.FirstOrDefault(static p => p.Key is not null) is { } signed)
            errors.Add($"{path}.from", $"{signed.Address} has the key {signed.Key}, and there is no key file; write keys: /path");
        CheckList(from, errors, $"{path}.from");
        WarnOfPlain(from, usual, errors, $"{path}.from");
    }

    /// <summary>What holds for a list of them.</summary>
    public static void CheckList(IReadOnlyList<PrimaryConfig> list, ConfigErrors errors, string path)
    {
        for (var i = 0; i < list.Count; i++)
        {
            var at = list[i].ToPrimary(null).Address;
            if (list.Take(i).Any(p => p.ToPrimary(null).Address.Equals(at)))
                errors.Add($"{path}[{i}]", $"{list[i].Address} is listed twice; remove one");
        }
    }

    /// <summary>The list is as safe as the least safe of it: who is in the way to that one can also cut off the others, and then it is asked.</summary>
    /// <param name="list">All that are asked for a zone.</param>
    /// <param name="usual">The key of who has none of its own; null: none.</param>
    /// <param name="errors">Takes the warnings.</param>
    /// <param name="path">Of the list.</param>
    public static void WarnOfPlain(IReadOnlyList<PrimaryConfig> list, ZoneName? usual, ConfigErrors errors, string path)
    {
        if (list.All(static p => p.Tls is null))
            return;
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i] is { Tls: null } plain && (plain.Key ?? usual) is null && !IPAddress.IsLoopback(plain.Address.Address))
                errors.Warn($"{path}[{i}]", $"{plain.Address} has neither tls nor a key, beside primaries that must prove who they are: whoever is between can say in its name what is in the zone; give it tls or a key, or remove it");
        }
    }
}

/// <summary>How a primary proves over TLS who it is. Without a proof TLS would be with whoever is between, so there is none without.</summary>
internal sealed record PrimaryTlsConfig
{
    [Description("The name that its certificate must have, which an authority vouches for.")]
    public string? ServerName { get; set; }

    [Description("Absolute path of the authorities for server-name, in PEM. Default: those that the system trusts.")]
    [Path]
    public string? Ca { get; set; }

    [Description("Its certificate has one of these public keys: their SHA-256 in base64 (`kdig +tls-pin`). Enough without server-name, and then neither names nor dates nor authorities count.")]
    [NotEmpty]
    public IReadOnlyList<TlsPin>? Pins { get; set; }

    [Description("Absolute path of our certificate, in PEM, for a primary that asks for one.")]
    [Path]
    public string? Certificate { get; set; }

    [Description("Absolute path of its private key, in PEM.")]
    [Path]
    public string? Key { get; set; }

    public TlsProof ToProof() => new() { Name = ServerName, Ca = Ca, Pins = Pins ?? [], Certificate = Certificate, Key = Key };

    public void Check(ConfigErrors errors, string path)
    {
        if (ServerName is null && Pins is null)
            errors.Add(path, "how does the primary prove who it is? Write server-name (and ca, if the system does not trust its authority), or pins: without, it could be anybody");
        if (ServerName is { } name && Uri.CheckHostName(name) != UriHostNameType.Dns)
            errors.Add($"{path}.server-name", $"{ConfigErrors.Show(name)} is not a host's name, such as ns1.example.net");
        if (Ca is not null && ServerName is null)
            errors.Add($"{path}.ca", "vouches for a name; write server-name, or remove this");
        if (Certificate is null != Key is null)
            errors.Add(path, "a certificate of ours and its key go together; write both, or neither");
    }
}
