using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using Oops.Config;
using Oops.Engine;
using Oops.Routers;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Actions.Gobgp;

/// <summary>One GoBGP.</summary>
internal sealed record GobgpConfig : IKeepsLedger, IValidate
{
    /// <summary>That of gobgpd's API.</summary>
    const int DefaultPort = 50051;

    [Description("What routes call it in `via`.")]
    [Declares(Named.Action)]
    public required string Name { get; set; }

    [Description("Absolute path of the Unix socket of gobgpd's API (`--api-hosts unix://PATH`), at most 107 bytes. oops must be able to write to it.")]
    [Path]
    public string? Socket { get; set; }

    [Description("Instead of the socket: IP address of gobgpd's API, with a port if it is not 50051. Without tls only a loopback address.")]
    public Endpoint? Address { get; set; }

    [Description("TLS, for an address.")]
    public GobgpTlsConfig? Tls { get; set; }

    [Description("The next hop of IPv4 prefixes. Default: gobgpd's own address of each session.")]
    public string? NextHop4 { get; set; }

    [Description("The next hop of IPv6 prefixes. Default: gobgpd's own address of each session, which must be one over IPv6 then.")]
    public string? NextHop6 { get; set; }

    [Description("How long gobgpd may take for one answer.")]
    [Bounds("50ms", "30s")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(2);

    [Description("How often the router is read when nothing happens.")]
    [Bounds("1s", "10m")]
    public TimeSpan ReadEvery { get; set; } = TimeSpan.FromSeconds(10);

    internal static RouterKind Kind { get; } = RouterKind.InMemory("gobgp", "GoBGP", "`gobgp global rib del PREFIX` (with `-a ipv6` for IPv6)");

    RouterKind IKeepsLedger.Kind => Kind;

    string IKeepsLedger.Router => Socket is { } socket ? Strays.Normal(socket) : Address!.Value.ToIPEndPoint(DefaultPort).ToString();

    bool IActionConfig.CarriesRoutes => true;

    public IAction Create(OopsConfig config)
    {
        var place = new GobgpPlace(Socket, Address?.ToIPEndPoint(DefaultPort)) { Tls = Tls is { } tls ? new GobgpTls(tls.Ca, tls.Certificate, tls.Key, tls.ServerName) : null };
        var link = new GobgpLink(new GobgpClient(place, Timeout, TimeProvider.System), Hops);
        return new PrefixRouter("gobgp", Name, link, RouterRoute.Via(Name, config), new LedgerFile(((IKeepsLedger)this).LedgerPath(config)), ReadEvery, Timeout, Heritage.Of(this, config));
    }

    string IActionConfig.NextHop(AddressFamily family) => (family == AddressFamily.InterNetwork ? NextHop4 : NextHop6) is { } hop ? IPAddress.Parse(hop).ToString() : NextHop.Own;

    GobgpHops Hops => new(NextHop4 is { } four ? IPAddress.Parse(four) : IPAddress.Any, NextHop6 is { } six ? IPAddress.Parse(six) : IPAddress.IPv6Any);

    public void Validate(ConfigErrors errors, string path)
    {
        if (Socket is null == Address is null)
            errors.Add(path, "write either the socket of gobgpd's API, or its address");
        if (Socket is not null)
            SocketRules.Check(Socket, $"{path}.socket", errors);
        if (Address is { } address && Tls is null && !IPAddress.IsLoopback(address.Address))
            errors.Add($"{path}.address", $"{address} is not this host's loopback: whoever is between could announce and withdraw what he likes; write tls, or use the socket");
        else if (Address is not null && Tls is null && Socket is null)
            errors.Warn($"{path}.address", "every user of this host can change gobgpd's routes there, since it asks nobody who he is; a Unix socket has permissions");
        if (Address is null && Tls is not null)
            errors.Add($"{path}.tls", "is for an address; a Unix socket is protected by its permissions");
        if (Tls is { } tls && tls.Certificate is null != tls.Key is null)
            errors.Add($"{path}.tls", "a certificate of ours and its key go together; write both, or neither");
        if (Tls?.ServerName is { } name && Uri.CheckHostName(name) != UriHostNameType.Dns)
            errors.Add($"{path}.tls.server-name", $"{ConfigErrors.Show(name)} is not a host's name, such as gobgp.example.net");
        NextHop.Check(NextHop4, AddressFamily.InterNetwork, errors, $"{path}.next-hop4");
        NextHop.Check(NextHop6, AddressFamily.InterNetworkV6, errors, $"{path}.next-hop6");
    }

    public void CheckAgainst(OopsConfig config, ConfigErrors errors, string path)
    {
        if (NextHop6 is null)
            NextHop.WarnOfSix(Name, "gobgpd", config, errors);
    }
}

/// <summary>Files of TLS.</summary>
internal sealed record GobgpTlsConfig
{
    [Description("Absolute path of the authorities, in PEM, one of which must have signed gobgpd's certificate, or be it.")]
    [Path]
    public required string Ca { get; set; }

    [Description("Absolute path of our certificate, in PEM, for a gobgpd that asks for one (3.10 does not).")]
    [Path]
    public string? Certificate { get; set; }

    [Description("Absolute path of its private key, in PEM.")]
    [Path]
    public string? Key { get; set; }

    [Description("The name that gobgpd's certificate must have. Default: any, since the authority vouches for it.")]
    public string? ServerName { get; set; }
}
