using Oops.Doctor;
using Xunit;

namespace Oops.Tests.Doctor;

public sealed class OwnExamTests
{
    static Finding[] Examine(string own, params Chart[] charts) => [.. OwnExam.Examine(new Clinic { Own = own }.Around(), charts)];

    [Fact]
    public void A_probe_outside_the_routes_prefix_is_unsafe()
    {
        var finding = Assert.Single(Examine("""
            mode: observe
            servers: { ns1: { kind: knot, zones: { list: [example] } } }
            sources: { knot: [ { server: ns1 } ], process: [ { server: ns1 } ], probe: [ { server: ns1, to: [127.0.0.1] } ] }
            actions: { bird: [ { name: edge } ] }
            routes: { r: { prefixes: [192.0.2.0/24], via: edge, announce-when: [server-running, all-zones-ready] } }
            """), f => f.Id == "probe-outside-prefix");
        Assert.Equal(Grade.Unsafe, finding.Grade);
    }

    [Fact]
    public void A_server_without_a_process_source_and_a_condition_that_nobody_covers_are_said()
    {
        var ids = Examine("""
            mode: observe
            servers: { ns1: { kind: nsd, zones: { list: [example] } } }
            conditions: { soon: { kind: signatures-expiring, before: 1d } }
            sources: { probe: [ { server: ns1, to: [192.0.2.53] } ] }
            """).Select(f => f.Id).ToArray();
        Assert.Contains("server-without-process", ids);
        Assert.Contains("condition-uncovered", ids);
    }

    [Fact]
    public void A_config_that_is_not_taken_is_unsafe() =>
        Assert.Contains(Examine("mode: observe\nservers: { ns1: { kind: knot, pidfil: /x } }\n"), f => f is { Id: "config-error", Grade: Grade.Unsafe });

    [Fact]
    public void A_pidfile_and_a_socket_that_the_server_does_not_have_are_said()
    {
        var clinic = new Clinic();
        clinic.There.Add("/run/knot/knot.pid");
        var chart = clinic.Examine("knot", "server:\n rundir: /run/knot\n");
        var ids = Examine("mode: observe\nservers: { ns1: { kind: knot, pidfile: /run/other.pid, control: /run/other.sock } }\nsources: { process: [ { server: ns1 } ] }\n", chart).Select(f => f.Id).ToArray();
        Assert.Contains("config-pidfile-other", ids);
        Assert.Contains("config-control-other", ids);
    }
}
