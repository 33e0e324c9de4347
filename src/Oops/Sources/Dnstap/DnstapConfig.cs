using System.ComponentModel;
using System.Net;
using Oops.Config;
using Oops.Control;
using Oops.Engine;

namespace Oops.Sources.Dnstap;

/// <summary>Where one server sends its dnstap.</summary>
internal sealed record DnstapConfig : ISourceConfig, IValidate
{
    [Description("The server that connects here.")]
    [Reference(Named.Server)]
    public required string Server { get; set; }

    [Description("Where to listen: the absolute path of a Unix socket, or an IP address of this host with a port. Without tls only a loopback address.")]
    public required SocketPlace Listen { get; set; }

    [Description("The group of the Unix socket: the DNS server's, or one that it is in. Oops must be a member. Default: the group of oops.")]
    public string? Group { get; set; }

    [Description("The permissions of the Unix socket: whoever may write there may connect.")]
    public SocketMode Mode { get; set; } = new(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);

    [Description("TLS, for an address.")]
    public DnstapTlsConfig? Tls { get; set; }

    [Description("Rates are counted over so long, in ten parts, and told ten times in it.")]
    [Bounds("1s", "10m")]
    public TimeSpan Window { get; set; } = TimeSpan.FromSeconds(10);

    [Description("How fast the query rate rises is judged over so long: the slope of a least-squares line. At least the window.")]
    [Bounds("1s", "1h")]
    public TimeSpan SlopeWindow { get; set; } = TimeSpan.FromSeconds(30);

    [Description("Most connections at once; more are closed and counted. A server has one, or one for each of its processes.")]
    [Bounds("1", "1000")]
    public int Connections { get; set; } = 64;

    public ISource Create(OopsConfig config) => new DnstapSource(new DnstapTarget
    {
        Server = Server,
        Path = Listen.Path,
        Address = Listen.Address is { } address ? address.ToIPEndPoint(0) : null,
        Mode = Mode.Mode,
        Group = Group,
        Keys = Tls is { } tls ? new DnstapKeys(tls.Certificate, tls.Key, tls.Ca) : null,
        Window = Window,
        SlopeWindow = SlopeWindow,
        Connections = Connections,
    });

    public void Validate(ConfigErrors errors, string path)
    {
        if (Listen.Address is { } address && Tls is null && !IPAddress.IsLoopback(address.Address))
            errors.Add($"{path}.listen", $"{address} can be reached from elsewhere: anybody could tell any rate, and read along; write tls with a ca, or listen on a loopback address or a Unix socket");
        else if (Listen.Address is { } open && Tls is { Ca: null } && !IPAddress.IsLoopback(open.Address))
            errors.Warn($"{path}.tls", $"without ca anybody who reaches {open} may tell any rate");
        if (Listen.Path is not null && Tls is not null)
            errors.Add($"{path}.tls", "is for an address; a Unix socket is protected by its mode and group");
        if (Listen.Path is null && Group is not null)
            errors.Add($"{path}.group", "is for a Unix socket; remove it");
        else if (Group is { } group && Accounts.GroupOf(group) is null)
            errors.Warn($"{path}.group", $"there is no group '{group}' on this host");
        if (Listen.Path is null && errors.IsWritten($"{path}.mode"))
            errors.Add($"{path}.mode", "is for a Unix socket; remove it");
        if (SlopeWindow < Window)
            errors.Add($"{path}.slope-window", $"{Duration.Format(SlopeWindow)} is shorter than the window of {Duration.Format(Window)}");
    }

    public void CheckAgainst(OopsConfig config, ConfigErrors errors, string path)
    {
        for (var i = 0; i < config.Sources.Dnstap.Count; i++)
        {
            var other = config.Sources.Dnstap[i];
            if (ReferenceEquals(other, this)) return;
            if (other.Listen == Listen)
                errors.Add($"{path}.listen", $"{Listen} is where {other.Server} connects already; each server needs a place of its own");
        }
    }
}

/// <summary>Files of TLS.</summary>
internal sealed record DnstapTlsConfig
{
    [Description("Absolute path of our certificate, in PEM, followed by those between it and its authority.")]
    [Path]
    public required string Certificate { get; set; }

    [Description("Absolute path of its private key, in PEM.")]
    [Path]
    public required string Key { get; set; }

    [Description("Absolute path of the authorities, in PEM, one of which must have signed the server's certificate. Default: a server needs none.")]
    [Path]
    public string? Ca { get; set; }
}
