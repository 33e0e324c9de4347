using System.ComponentModel;
using System.Net;
using Oops.Config;
using Oops.Core;
using Oops.Dns;
using Oops.Engine;
using Oops.Wire.Syslog;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Actions.Syslog;

/// <summary>What carries the messages.</summary>
internal enum SyslogTransport
{
    /// <summary>RFC 5425, port 6514.</summary>
    Tls,

    /// <summary>RFC 6587 with octet counting, port 514.</summary>
    Tcp,

    /// <summary>RFC 5426, port 514.</summary>
    Udp,
}

/// <summary>What a message looks like behind its header.</summary>
internal enum SyslogFormat
{
    /// <summary>The because, and all the rest as structured data (RFC 5424, 6.3).</summary>
    Structured,

    /// <summary>ArcSight's Common Event Format.</summary>
    Cef,

    /// <summary>The Open Cybersecurity Schema Framework's DNS Activity, as JSON.</summary>
    Ocsf,
}

/// <summary>What rules fire for, to syslog receivers and a SIEM.</summary>
internal sealed record SyslogConfig : IActionConfig, IValidate
{
    const int UsualPort = 514, TlsPort = 6514;

    [Description("What rules call it (run: NAME).")]
    [Declares(Named.Action)]
    public required string Name { get; set; }

    [Description("Receivers: IP addresses, with a port if it is not 514 (tls: 6514). The next is used where one cannot be reached.")]
    [NotEmpty]
    public required IReadOnlyList<Endpoint> To { get; set; }

    [Description("tls (RFC 5425), tcp (RFC 6587, with octet counting) or udp (RFC 5426). tcp and udp beyond this host need insecure: true.")]
    public SyslogTransport Transport { get; set; } = SyslogTransport.Tls;

    [Description("How the receiver proves who it is.")]
    public PrimaryTlsConfig? Tls { get; set; }

    [Description("Whoever is between may read it, and speak in our name: allows tcp and udp beyond this host.")]
    public bool Insecure { get; set; }

    [Description("structured: the because, and all else as structured data (RFC 5424). cef: ArcSight's Common Event Format. ocsf: DNS Activity of the Open Cybersecurity Schema Framework, as JSON.")]
    public SyslogFormat Format { get; set; } = SyslogFormat.Structured;

    [Description("Who says so, for receivers that sort by it.")]
    public SyslogFacility Facility { get; set; } = SyslogFacility.Daemon;

    [Description("How bad it is. Default: warning for what is bad and begins, notice for its end and for what is not known, informational for what merely happens (zone-updated, keys-changed).")]
    public SyslogSeverity? Severity { get; set; }

    [Description("The number behind @ in the name of the structured data: a Private Enterprise Number. Default: the one that is reserved for examples (RFC 5612).")]
    [Bounds("1", "4294967295")]
    public long Enterprise { get; set; } = 32473;

    [Description("How long it may take to connect, and to send.")]
    [Bounds("100ms", "1m")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    bool IActionConfig.CarriesRoutes => false;

    public IAction Create(OopsConfig config) => new SyslogAction(this, new SyslogMessages(this, new ReactionFields(Name, config)));

    public string DependsOn(OopsConfig config) => ReactionFields.DependsOn(config);

    /// <summary>The receivers in their order.</summary>
    internal IReadOnlyList<IPEndPoint> Receivers => [.. To.Select(t => t.ToIPEndPoint(Transport == SyslogTransport.Tls ? TlsPort : UsualPort))];

    internal TlsProof? Proof => Transport == SyslogTransport.Tls ? Tls!.ToProof() with { Inside = TlsInside.Syslog } : null;

    public void Validate(ConfigErrors errors, string path)
    {
        if (Transport == SyslogTransport.Tls && Tls is null)
            errors.Add(path, "how does the receiver prove who it is? Write tls: { server-name: ... } or tls: { pins: [...] }; or another transport");
        if (Transport != SyslogTransport.Tls && Tls is not null)
            errors.Add($"{path}.tls", $"there is no TLS with transport: {(Transport == SyslogTransport.Tcp ? "tcp" : "udp")}; remove one of them");
        var far = To.FirstOrDefault(static t => !IPAddress.IsLoopback(t.Address));
        if (Transport == SyslogTransport.Tls || far.Address is null)
        {
            if (Insecure)
                errors.Add($"{path}.insecure", "nothing is insecure with TLS or on this host; remove it");
        }
        else if (!Insecure)
        {
            errors.Add($"{path}.transport", $"whoever is between here and {far} reads all, and can say what it likes in our name; write transport: tls, or insecure: true");
        }
        else
        {
            errors.Warn($"{path}.insecure", $"whoever is between here and {far} reads all, and can say what it likes in our name; write transport: tls");
        }

        Tls?.Check(errors, $"{path}.tls");
    }
}
