using System.ComponentModel;
using Oops.Config;
using Oops.Core;
using Oops.Sources.Check;
using Oops.Sources.Dnsdist;
using Oops.Sources.Knot;
using Oops.Sources.Kresd;
using Oops.Sources.Notify;
using Oops.Sources.Powerdns;
using Oops.Sources.Probe;
using Oops.Sources.Process;

namespace Oops.Sources;

/// <summary>How we learn: the table of contents, and the only wiring of the sources. One list of records per folder, named as the folder.</summary>
internal sealed record SourcesConfig
{
    [Description("Knot DNS: its D-Bus signals and its control socket.")]
    [Measures(Measure.Answering, Measure.Serial, Measure.Expiry, Measure.RefreshFailures, Measure.Stopping, Measure.SignatureExpiry, Measure.Invalid, Measure.Keys, Of = [ServerKind.Knot])]
    public IReadOnlyList<KnotConfig> Knot { get; set; } = [];

    [Description("PowerDNS Authoritative Server and Recursor: their HTTP API.")]
    [Measures(Measure.Answering, Measure.Serial, Measure.Expiry, Measure.RefreshFailures, Measure.QueryRate, Measure.QueryRateSlope, Of = [ServerKind.Powerdns, ServerKind.Recursor])]
    public IReadOnlyList<PowerdnsConfig> Powerdns { get; set; } = [];

    [Description("dnsdist: its HTTP API, and with it its backends.")]
    [Measures(Measure.Answering, Measure.QueryRate, Measure.QueryRateSlope, Of = [ServerKind.Dnsdist])]
    public IReadOnlyList<DnsdistConfig> Dnsdist { get; set; } = [];

    [Description("Knot Resolver: its control sockets, or its module http.")]
    [Measures(Measure.Answering, Measure.QueryRate, Measure.QueryRateSlope, Of = [ServerKind.Kresd])]
    public IReadOnlyList<KresdConfig> Kresd { get; set; } = [];

    [Description("DNS NOTIFY: what a server tells of its zones.")]
    [Measures(Measure.Serial, Measure.RefreshFailures, Measure.CdsNotified, Measure.CsyncNotified)]
    public IReadOnlyList<NotifyConfig> Notify { get; set; } = [];

    [Description("The life and death of a server's main process.")]
    // A process that lives or died is as good as an answer, or none.
    [Measures(Measure.Answering, Measure.Idle)]
    public IReadOnlyList<ProcessConfig> Process { get; set; } = [];

    [Description("Questions to a server at the addresses where its users ask it, and to its primaries and peers.")]
    [Measures(Measure.Answering, Measure.Serial, Measure.Expiry, Measure.RefreshFailures)]
    public IReadOnlyList<ProbeConfig> Probe { get; set; } = [];

    [Description("Commands that claim an external condition by their exit code.")]
    public IReadOnlyList<CheckConfig> Check { get; set; } = [];
}
