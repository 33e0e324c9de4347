using System.ComponentModel;
using Oops.Config;
using Oops.Engine;
using Oops.Servers;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Sources.Nsd;

/// <summary>One NSD on this host.</summary>
internal sealed record NsdConfig : ISourceConfig, IValidate
{
    /// <summary>Where Debian's nsd.conf has the control socket.</summary>
    const string DefaultControl = "/run/nsd.ctl";

    const int ControlPort = 8952;

    [Description("The server, by its name under servers. Its control is the path of NSD's control-interface; absent, /run/nsd.ctl. Its address is where it is asked over DNS for what its control does not tell. 'zones: {own: ...}' there takes the list of this socket as the expected zones.")]
    [Reference(Named.Server)]
    public required string Server { get; set; }

    [Description("Where NSD's control-interface listens for TLS: IP address, with a port if it is not 8952. Absent: the Unix socket at the server's control path.")]
    public Endpoint? Control { get; set; }

    [Description("Absolute path of the certificate that NSD's control shows, or of its authority: nsd_server.pem of nsd-control-setup.")]
    [Path]
    public string? ServerCert { get; set; }

    [Description("Absolute path of our key for NSD's control: nsd_control.key of nsd-control-setup.")]
    [Path]
    public string? Key { get; set; }

    [Description("Absolute path of our certificate for NSD's control: nsd_control.pem of nsd-control-setup.")]
    [Path]
    public string? Cert { get; set; }

    [Description("Time between two complete reads of the control socket. What was read is believed for three times as long. Where a read takes longer than a twentieth of it, up to twice as much.")]
    [Bounds("1s", "1h")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(60);

    [Description("How long NSD may be silent while we wait for an answer.")]
    [Bounds("100ms", "1m")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    [Description("Time between two looks at its statistics, for the query rate. 0: none. Default: 10s from NSD 4.8 on, and none before, where each look makes NSD fork all its servers anew.")]
    [Bounds("0", "1h")]
    public TimeSpan? RateInterval { get; set; }

    public IEnumerable<string> ListsZonesOf => [Server];

    LineControlCheck Way => new(Control, ServerCert, Key, Cert);

    public ISource Create(OopsConfig config)
    {
        var server = config.Servers[Server];
        return new NsdSource(new NsdOptions(
            Server,
            Way.Options("nsd", "NSDCT1", ControlPort, server.Control ?? DefaultControl, Timeout),
            server.Address?.ToIPEndPoint(53),
            server.Zones?.Own is not null,
            Interval,
            RateInterval));
    }

    public void CheckAgainst(OopsConfig config, ConfigErrors errors, string path)
    {
        if (config.Servers[Server].Address is null)
            errors.Warn(path, $"'{Server}' has no address: NSD tells no serial of zones that it loads from files, so that nothing is known of them, and no zone's expiry is; add address to the server");
    }

    public void Validate(ConfigErrors errors, string path)
    {
        Way.Validate(errors, path);
        LineControlCheck.ValidateRate(RateInterval, errors, path);
    }
}
