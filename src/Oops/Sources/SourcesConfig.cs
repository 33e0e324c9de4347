using System.ComponentModel;
using Oops.Config;
using Oops.Core;
using Oops.Sources.Bind;
using Oops.Sources.Catalog;
using Oops.Sources.Check;
using Oops.Sources.Dnsdist;
using Oops.Sources.Dnstap;
using Oops.Sources.ErrorReports;
using Oops.Sources.Keys;
using Oops.Sources.Knot;
using Oops.Sources.Kresd;
using Oops.Sources.Notify;
using Oops.Sources.Nsd;
using Oops.Sources.Powerdns;
using Oops.Sources.Probe;
using Oops.Sources.Process;
using Oops.Sources.SdNotify;
using Oops.Sources.Systemd;
using Oops.Sources.Unbound;
using Oops.Sources.Verify;

namespace Oops.Sources;

/// <summary>How we learn: the table of contents, and the only wiring of the sources. One list of records per folder, named as the folder.</summary>
internal sealed record SourcesConfig
{
    [Description("Knot DNS: its D-Bus signals and its control socket.")]
    [Measures(Measure.Answering, Measure.Serial, Measure.Expiry, Measure.RefreshFailures, Measure.Stopping, Measure.SignatureExpiry, Measure.Invalid, Measure.Keys, Of = [ServerKind.Knot])]
    public IReadOnlyList<KnotConfig> Knot { get; set; } = [];

    [Description("BIND 9: its statistics channel, and questions over DNS for single zones.")]
    [Measures(Measure.Answering, Measure.Serial, Measure.Expiry, Measure.RefreshFailures, Measure.QueryRate, Measure.QueryRateSlope, Of = [ServerKind.Bind])]
    public IReadOnlyList<BindConfig> Bind { get; set; } = [];

    [Description("Catalog zones: the zones that a server is expected to serve, fetched by zone transfer.")]
    public IReadOnlyList<CatalogConfig> Catalog { get; set; } = [];

    [Description("PowerDNS Authoritative Server and Recursor: their HTTP API.")]
    [Measures(Measure.Answering, Measure.Serial, Measure.Expiry, Measure.RefreshFailures, Measure.QueryRate, Measure.QueryRateSlope, Measure.ExtendedErrors, Of = [ServerKind.Powerdns, ServerKind.Recursor], Optional = [Measure.ExtendedErrors], By = "a server of kind recursor")]
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

    [Description("NSD: its control socket, and its own answers where that does not tell.")]
    [Measures(Measure.Answering, Measure.Serial, Measure.Expiry, Measure.RefreshFailures, Measure.QueryRate, Measure.QueryRateSlope, Of = [ServerKind.Nsd])]
    public IReadOnlyList<NsdConfig> Nsd { get; set; } = [];

    [Description("The life and death of a server's main process.")]
    // A process that lives or died is as good as an answer, or none.
    [Measures(Measure.Answering, Measure.Idle)]
    public IReadOnlyList<ProcessConfig> Process { get; set; } = [];

    [Description("Questions to a server at the addresses where its users ask it, and to its primaries and peers.")]
    [Measures(Measure.Answering, Measure.Unanswered, Measure.Serial, Measure.Expiry, Measure.RefreshFailures, Measure.SignatureExpiry, Optional = [Measure.SignatureExpiry], By = "signatures: true")]
    public IReadOnlyList<ProbeConfig> Probe { get; set; } = [];

    [Description("The unit of a server: that systemd stops it, before its process is gone.")]
    [Measures(Measure.Stopping)]
    public IReadOnlyList<SystemdConfig> Systemd { get; set; } = [];

    [Description("What a server tells its service manager (sd_notify), passed on; for hosts where the systemd source cannot be used.")]
    [Measures(Measure.Stopping, Of = [ServerKind.Knot, ServerKind.Nsd, ServerKind.Bind, ServerKind.Unbound])]
    public IReadOnlyList<SdNotifyConfig> SdNotify { get; set; } = [];

    [Description("Unbound: its control socket.")]
    [Measures(Measure.Answering, Measure.Serial, Measure.Expiry, Measure.QueryRate, Measure.QueryRateSlope, Of = [ServerKind.Unbound])]
    public IReadOnlyList<UnboundConfig> Unbound { get; set; } = [];

    [Description("dnstap: the queries that a server got and the responses that it gave, as it sends them here.")]
    [Measures(Measure.QueryRate, Measure.QueryRateSlope, Measure.ExtendedErrors)]
    public IReadOnlyList<DnstapConfig> Dnstap { get; set; } = [];

    [Description("The monitoring agent of DNS error reporting (RFC 9567): resolvers report what they cannot resolve or validate.")]
    [Measures(Measure.ErrorReports)]
    public IReadOnlyList<ErrorReportsConfig> ErrorReports { get; set; } = [];

    [Description("Whole zones of a server, transferred and judged when they change: signatures, proofs of non-existence, digest, glue, size.")]
    [Measures(Measure.Invalid, Measure.SignatureExpiry)]
    public IReadOnlyList<VerifyConfig> Verify { get; set; } = [];

    [Description("The keys of zones and their DS: which there are, which there were, and whether they fit.")]
    [Measures(Measure.Keys, Measure.Delegation, Measure.CdsWanted, Optional = [Measure.Delegation, Measure.CdsWanted], By = "parent")]
    public IReadOnlyList<KeysConfig> Keys { get; set; } = [];

    [Description("Commands that claim an external condition by their exit code.")]
    public IReadOnlyList<CheckConfig> Check { get; set; } = [];
}
