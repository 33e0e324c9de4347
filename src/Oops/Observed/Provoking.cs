using System.Globalization;
using Oops.Config;
using Oops.Core;
using Oops.Sources.Systemd;

namespace Oops.Observed;

/// <summary>How a person makes a condition speak against a route, on purpose and in a quiet hour, in one line.</summary>
internal sealed class Provoking(OopsConfig config, Policy policy)
{
    const int Deepest = 5;

    /// <param name="entry">That was never seen to speak against it.</param>
    /// <param name="announce">It is in `announce-when`.</param>
    /// <param name="server">Of which server.</param>
    public string Of(EntrySpec entry, bool announce, string server)
    {
        var met = announce ? entry.Not : !entry.Not;
        var lasts = entry.For > TimeSpan.Zero ? $"; it counts after {Words.Of(entry.For)}" : "";
        return Condition(entry.Condition, server, met, entry.Relative && policy.KindOf(entry.Condition)?.Class == ConditionClass.Data, Deepest) + Share(entry) + lasts;
    }

    static string Share(EntrySpec entry) => entry.Share is { } share ? string.Create(CultureInfo.InvariantCulture, $"; it takes {share * 100:0.##}% of the zones") : "";

    string Condition(string name, string server, bool met, bool relative, int depth)
    {
        var spec = policy.Conditions.FirstOrDefault(c => c.Name == name);
        if (spec is ComposedSpec composed)
            return depth == 0 ? "by what it is made of" : string.Join("; ", composed.Members.Select(m => $"{m}: {Condition(m, server, met, relative, depth - 1)}"));
        var kind = spec as KindSpec;
        return policy.KindOf(name)?.Kind switch
        {
            Kind.ServerDown or Kind.ServerCrashed or Kind.ServerRunning => $"kill -9 {Pid(server)}; start it again where nothing else does",
            Kind.ServerShuttingDown => Unit(server) is { } unit ? $"systemctl stop {unit}, and start it again" : $"stop {server} in good order (kill -TERM {Pid(server)}), and start it again",
            Kind.ZoneReady or Kind.AllZonesReady => $"take zones out of the config of {server} (not out of what is expected of it) and {Reload(server)}; put them back",
            Kind.ZoneNotRefreshed => $"{Cut(server, relative)}, {kind?.Number ?? 1:0} times: {Refresh(server)}",
            Kind.ZoneExpiring => $"{Cut(server, relative)}, until {(kind is { Span.Ticks: > 0 } ? $"less than {Words.Of(kind.Span)} of its SOA's EXPIRE is left" : "its SOA's EXPIRE has run out")}; best with a zone of a short one",
            Kind.ZoneStale => $"{Cut(server, relative: true)}, and wait {Words.Of(kind?.Span ?? TimeSpan.Zero)}",
            Kind.SignaturesExpiring => $"serve a zone whose signatures end {(kind is { Span.Ticks: > 0 } ? "within " + Words.Of(kind.Span) : "now")} (ldns-signzone -e DATE){Here(relative)}",
            Kind.ZoneInvalid => $"serve a zone in which a record was changed after it was signed{Here(relative)}",
            Kind.DelegationMismatch => "at the parent of a test zone, replace its DS by one of a key that nobody has (one digit of the digest), and put it back",
            Kind.QueryRateHigh => string.Create(CultureInfo.InvariantCulture, $"dnsperf -s ADDRESS -d NAMES -Q {Math.Ceiling((kind?.Number ?? 1) * 1.2)} -l 60"),
            Kind.QueryRateRising => $"dnsperf -s ADDRESS -d NAMES with -Q raised step by step, by more than {(kind?.Number ?? 1).ToString(CultureInfo.InvariantCulture)} each second",
            Kind.ExtendedError => $"ask it for names that fail so (of DNSSEC: dig dnssec-failed.org), more often than {(kind?.Number ?? 1).ToString(CultureInfo.InvariantCulture)} times a second",
            Kind.ErrorReported => $"let resolvers report an error of the zone: break a name of a test zone (a record that was changed after it was signed) and ask from {Words.Count(kind?.Networks ?? 1, "network")} or more by resolvers that report, until {kind?.Number ?? 1:0} reports have come",
            Kind.External => $"oops signal {name} {server} {(met ? "met" : "not-met")} --valid-for 5m, where no `check` command claims it; else let that command fail",
            _ => $"oops override {name} {server} {(met ? "met" : "not-met")} --for 5m --reason test; nothing of this version provokes it otherwise",
        };
    }

    static string Here(bool relative) => relative ? ", here only: what is as bad at its reference does not count" : "";

    /// <summary>What is compared with the primary needs to hear that one answer.</summary>
    string Cut(string server, bool relative)
    {
        if (relative) return "at the primary, refuse this server the transfers of a zone (ACL or TSIG key) and raise its serial";
        var primaries = config.Servers.GetValueOrDefault(server)?.Primaries ?? [];
        return primaries.Count > 0 ? $"cut the primary: {string.Join(", ", primaries.Select(p => $"ip route add blackhole {p.ToIPEndPoint(53).Address}"))} (and del)" : "cut the primary (ip route add blackhole ADDRESS, and del)";
    }

    ServerKind KindOf(string server) => config.Servers.TryGetValue(server, out var known) ? known.Kind : ServerKind.Other;

    string Pid(string server)
    {
        if (config.Servers.TryGetValue(server, out var known) && known.Pidfile is { } file) return $"$(cat {file})";
        var program = KindOf(server) switch
        {
            ServerKind.Knot => "knotd",
            ServerKind.Nsd => "nsd",
            ServerKind.Bind => "named",
            ServerKind.Unbound => "unbound",
            ServerKind.Powerdns => "pdns_server",
            ServerKind.Recursor => "pdns_recursor",
            ServerKind.Dnsdist => "dnsdist",
            ServerKind.Kresd => "kresd",
            _ => null,
        };
        return program is null ? "PID" : $"$(pidof {program})";
    }

    string? Unit(string server) => config.Sources.Systemd.FirstOrDefault(s => s.Server == server)?.Unit ?? UnitNames.Usual(KindOf(server));

    string Reload(string server) => KindOf(server) switch
    {
        ServerKind.Knot => "knotc reload",
        ServerKind.Nsd => "nsd-control reconfig",
        ServerKind.Bind => "rndc reconfig",
        ServerKind.Unbound => "unbound-control reload",
        _ => "let it read that",
    };

    string Refresh(string server) => KindOf(server) switch
    {
        ServerKind.Knot => "knotc zone-refresh ZONE",
        ServerKind.Nsd => "nsd-control transfer ZONE",
        ServerKind.Bind => "rndc refresh ZONE",
        ServerKind.Powerdns => "pdns_control retrieve ZONE",
        _ => "let it refresh the zone",
    };
}
