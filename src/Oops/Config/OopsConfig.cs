using System.ComponentModel;
using Oops.Actions;
using Oops.Core;
using Oops.Sources;

namespace Oops.Config;

/// <summary>The whole config: one file and conf.d/*.yaml beside it.</summary>
internal sealed record OopsConfig
{
    [Description("observe: decide, journal and show, but touch nothing. act: also do it. There is no default: it is the operator's word. A route may be stricter.")]
    [BeginWith("observe")]
    public required Mode Mode { get; set; }

    [Description("The site's name, shown in status, metrics and messages. Default: the host's name.")]
    public string? Site { get; set; }

    [Description("The DNS servers that are watched, by name.")]
    [Declares(Named.Server)]
    [NotEmpty]
    public required IReadOnlyDictionary<string, ServerConfig> Servers { get; set; }

    [Description("Conditions with parameters, and compositions of conditions, by name. Kinds without a parameter (server-down, zone-ready ...) are there by their own name.")]
    [Declares(Named.Condition)]
    public IReadOnlyDictionary<string, ConditionConfig> Conditions { get; set; } = new Dictionary<string, ConditionConfig>();

    [Description("How we learn: a list for each kind of source.")]
    public SourcesConfig Sources { get; set; } = new();

    [Description("How we act: a list for each kind of action.")]
    public ActionsConfig Actions { get; set; } = new();

    [Description("Routes that are announced while the DNS works, by name.")]
    [Declares(Named.Route)]
    public IReadOnlyDictionary<string, RouteConfig> Routes { get; set; } = new Dictionary<string, RouteConfig>();

    [Description("What is run when a condition changes.")]
    public IReadOnlyList<RuleConfig> Rules { get; set; } = [];

    [Description("Times and sizes that are not a route's own.")]
    public LimitsConfig Limits { get; set; } = new();

    [Description("Where the journal and the snapshot are kept: an absolute path of a folder that oops may write.")]
    [Path]
    public string StateDirectory { get; set; } = "/var/lib/oops";

    [Description("Where sockets, generated includes and the break-glass file 'hold' live: an absolute path of a folder that oops may write; it should not survive a reboot.")]
    [Path]
    public string RuntimeDirectory { get; set; } = "/run/oops";

    [Description("What is remembered on disk.")]
    public JournalConfig Journal { get; set; } = new();

    [Description("The control socket that the command line uses.")]
    public ControlConfig Control { get; set; } = new();

    [Description("Metrics for Prometheus. Absent: not served.")]
    public MetricsConfig? Metrics { get; set; }
}

/// <summary>What is remembered on disk.</summary>
internal sealed record JournalConfig
{
    [Description("How long measurements, decisions and outcomes are kept.")]
    [Bounds("1h", "3650d")]
    public TimeSpan Keep { get; set; } = TimeSpan.FromDays(30);
}

/// <summary>The control socket.</summary>
internal sealed record ControlConfig
{
    [Description("Absolute path of the Unix socket. Default: control.sock in the runtime directory.")]
    [Path]
    public string? Socket { get; set; }

    [Description("The group that may use the socket (mode 0660). If there is no such group, only root and the daemon's own user may.")]
    public string Group { get; set; } = "oops";
}

/// <summary>Metrics and health over HTTP.</summary>
internal sealed record MetricsConfig
{
    [Description("Where /metrics and /healthz are served: IP address, with a port if it is not 9153.")]
    public required Endpoint Listen { get; set; }
}
