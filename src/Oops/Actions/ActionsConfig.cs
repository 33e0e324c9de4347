using System.ComponentModel;
using Oops.Actions.Bird;
using Oops.Actions.Exabgp;
using Oops.Actions.Exec;
using Oops.Actions.Frr;
using Oops.Actions.Git;
using Oops.Actions.Gobgp;
using Oops.Actions.Mqtt;
using Oops.Actions.NotifyParent;
using Oops.Actions.NotifySend;
using Oops.Actions.Powerdns;
using Oops.Actions.Route53;
using Oops.Actions.Speaker;
using Oops.Actions.Syslog;
using Oops.Actions.Update;
using Oops.Actions.Webhook;
using Oops.Config;
using Oops.Routers;

namespace Oops.Actions;

/// <summary>How we act: the table of contents, and the only wiring of the actions. One list of records per folder, named as the folder.</summary>
internal sealed record ActionsConfig : IValidate
{
    [Description("Routes through BIRD 2 or 3 on this host.")]
    public IReadOnlyList<BirdConfig> Bird { get; set; } = [];

    [Description("Routes through the bgpd of FRR on this host.")]
    public IReadOnlyList<FrrConfig> Frr { get; set; } = [];

    [Description("Routes through ExaBGP 4.2 on this host.")]
    public IReadOnlyList<ExabgpConfig> Exabgp { get; set; } = [];

    [Description("Routes through GoBGP 3, by its gRPC API.")]
    public IReadOnlyList<GobgpConfig> Gobgp { get; set; } = [];

    [Description("Routes by BGP sessions of our own, without a routing daemon. They die with oops.")]
    public IReadOnlyList<SpeakerConfig> Speaker { get; set; } = [];

    [Description("Commands that rules run.")]
    public IReadOnlyList<ExecConfig> Exec { get; set; } = [];

    [Description("Each version of a zone as a commit in a git repository.")]
    public IReadOnlyList<GitConfig> Git { get; set; } = [];

    [Description("All that is believed of the servers, published to an MQTT broker: the present states are kept there for whoever comes late.")]
    public IReadOnlyList<MqttConfig> Mqtt { get; set; } = [];

    [Description("NOTIFY(CDS) to a zone's parent, which then looks for the DS that the zone wants (RFC 9859).")]
    public IReadOnlyList<NotifyParentConfig> NotifyParent { get; set; } = [];

    [Description("NOTIFY to whoever wants to know that a zone changed (RFC 1996).")]
    public IReadOnlyList<NotifySendConfig> NotifySend { get; set; } = [];

    [Description("Zones carried to a server that takes UPDATE (RFC 2136): BIND, Knot, PowerDNS.")]
    public IReadOnlyList<UpdateConfig> Update { get; set; } = [];

    [Description("Zones carried to a PowerDNS Authoritative Server by its HTTP API.")]
    public IReadOnlyList<PowerdnsActionConfig> Powerdns { get; set; } = [];

    [Description("HTTP POST of what happened, as CloudEvents 1.0: to a phone, a chat, an on-call service, a program of yours.")]
    public IReadOnlyList<WebhookConfig> Webhook { get; set; } = [];

    [Description("Messages to syslog receivers and a SIEM (RFC 5424, CEF, OCSF), over TLS, TCP or UDP.")]
    public IReadOnlyList<SyslogConfig> Syslog { get; set; } = [];

    [Description("Zones carried to Amazon Route 53.")]
    public IReadOnlyList<Route53Config> Route53 { get; set; } = [];

    /// <summary>Those whose routes outlive them.</summary>
    internal IEnumerable<IKeepsLedger> KeepLedgers => [.. Bird, .. Frr, .. Exabgp, .. Gobgp];

    /// <summary>What there is of them.</summary>
    internal static IReadOnlyList<RouterKind> Kinds { get; } = [BirdConfig.Kind, FrrConfig.Kind, ExabgpConfig.Kind, GobgpConfig.Kind];

    /// <summary>Whose ledgers a glob takes in. BIRD's alone are where an operator says.</summary>
    internal static RouterKind KindOf(string glob) => Kinds.FirstOrDefault(k => Path.GetFileName(glob) == $"{k.Word}-*{k.Ending}") ?? BirdConfig.Kind;

    public void Validate(ConfigErrors errors, string path) => MqttConfig.Validate(Mqtt, errors, $"{path}.mqtt");
}
