using System.ComponentModel;
using Oops.Config;
using Oops.Engine;
using Oops.Servers;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Sources.Unbound;

/// <summary>One Unbound on this host.</summary>
internal sealed record UnboundConfig : ISourceConfig, IValidate
{
    /// <summary>Where Debian's Unbound has its control socket.</summary>
    const string DefaultControl = "/run/unbound.ctl";

    const int ControlPort = 8953;

    [Description("The server, by its name under servers. Its control is the path of Unbound's control-interface; absent, /run/unbound.ctl. 'zones: {own: ...}' there takes the list of its auth zones as the expected zones; without zones it is a resolver, of which only its answers and its query rate are known.")]
    [Reference(Named.Server)]
    public required string Server { get; set; }

    [Description("Where Unbound's control-interface listens for TLS: IP address, with a port if it is not 8953. Absent: the Unix socket at the server's control path.")]
    public Endpoint? Control { get; set; }

    [Description("Absolute path of the certificate that Unbound's control shows, or of its authority: unbound_server.pem of unbound-control-setup.")]
    [Path]
    public string? ServerCert { get; set; }

    [Description("Absolute path of our key for Unbound's control: unbound_control.key of unbound-control-setup.")]
    [Path]
    public string? Key { get; set; }

    [Description("Absolute path of our certificate for Unbound's control: unbound_control.pem of unbound-control-setup.")]
    [Path]
    public string? Cert { get; set; }

    [Description("Time between two complete reads of the control socket. What was read is believed for three times as long. Where a read takes longer than a twentieth of it, up to twice as much.")]
    [Bounds("1s", "1h")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(10);

    [Description("How long Unbound may be silent while we wait for an answer.")]
    [Bounds("100ms", "1m")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    [Description("Time between two looks at its statistics, for the query rate. 0: none.")]
    [Bounds("0", "1h")]
    public TimeSpan RateInterval { get; set; } = TimeSpan.FromSeconds(10);

    public IEnumerable<string> ListsZonesOf => [Server];

    LineControlCheck Way => new(Control, ServerCert, Key, Cert);

    public ISource Create(OopsConfig config)
    {
        var server = config.Servers[Server];
        return new UnboundSource(new UnboundOptions(
            Server,
            Way.Options("unbound", "UBCT1", ControlPort, server.Control ?? DefaultControl, Timeout),
            server.Zones?.Own is not null,
            Interval,
            RateInterval));
    }

    public void Validate(ConfigErrors errors, string path)
    {
        Way.Validate(errors, path);
        LineControlCheck.ValidateRate(RateInterval, errors, path);
    }
}
