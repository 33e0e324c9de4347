using System.Globalization;
using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Notify;

/// <summary>A real secondary that its primary does not know of: who is seen to transfer is told of the next change.</summary>
public sealed class StealthLabTests
{
    const string Primary = "10.99.0.1", Secondary = "10.99.0.2";

    const int Port = 5302;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    static string Zone(uint serial) => string.Create(CultureInfo.InvariantCulture, $"""
        $ORIGIN example.
        $TTL 300
        @ SOA ns1 host {serial} 86400 3600 864000 300
        @ NS ns1
        ns1 A 192.0.2.1

        """);

    [Theory]
    [InlineData("named")]
    [InlineData("knotd")]
    [InlineData("nsd")]
    public async Task Who_transfers_a_zone_is_told_of_the_next_change_and_who_was_refused_is_not(string kind)
    {
        LabRequires.Programs(["named", "kdig", kind]);
        string folder = Harness.Lab.FreshDirectory("stealth-" + kind), tap = Path.Combine(folder, "tap.sock");
        await using var oops = new OopsDaemon();
        string config = $$"""
            mode: act
            servers: { ns1: { kind: other, address: {{Primary}}@{{Port}}, zones: { list: [example] } } }
            sources:
              probe: [ { server: ns1, to: [{{Primary}}@{{Port}}], interval: 500ms, timeout: 400ms } ]
              dnstap: [ { server: ns1, listen: {{tap}}, mode: "0666" } ]
            actions:
              notify-send: [ { name: tell-stealth, learn: ns1 } ]
            rules:
              - { on: zone-updated, do: [ { run: tell-stealth } ] }
            """;
        await oops.StartAsync(config);
        await using var primary = await PrimaryAsync(kind, folder, tap);
        await Wait.UntilAsync("the zone is known", async () => (await oops.RunAsync("zones", "--json")).Text.Contains("\"serial\":1", StringComparison.Ordinal), Patience, TimeSpan.FromMilliseconds(100), () => $"{oops.Process.Tail(20)}\n{primary.Tail()}");

        Assert.DoesNotContain("ns1.example.", (await OopsDaemon.RunProgramAsync("kdig", "-p", $"{Port}", "@" + Primary, "example", "AXFR")).Text, StringComparison.Ordinal);
        await using var secondary = await SecondaryAsync(folder);
        await SerialAsync(1, secondary, oops);
        string text = "";
        await Wait.UntilAsync("it is learnt, alone", async () => (text = (await oops.RunAsync("status")).Text).Contains("notify-send/tell-stealth: learnt 1", StringComparison.Ordinal), Patience, TimeSpan.FromMilliseconds(200), () => $"{text}\n{primary.Tail()}");

        // What is learnt outlives a restart.
        await oops.Process.EndAsync();
        await oops.LaunchAsync();
        Assert.Contains($"example {Secondary} ", await File.ReadAllTextAsync(Path.Combine(oops.StateDirectory, "learnt-tell-stealth.txt")), StringComparison.Ordinal);
        await Wait.UntilAsync("the zone is known again", async () => (await oops.RunAsync("zones", "--json")).Text.Contains("\"serial\":1", StringComparison.Ordinal), Patience, TimeSpan.FromMilliseconds(100), () => oops.Process.Tail(20));

        // Its refresh is a day away.
        await ZoneText.WriteAsync(Path.Combine(folder, "zone"), Zone(2));
        if (kind == "knotd")
            await Knotd.KnotcAsync(Path.Combine(folder, "knot.sock"), Side.Node, "zone-reload", "example");
        else
            Assert.True(primary.Signal(LabProcess.Hup));
        await SerialAsync(2, secondary, oops);
        await Wait.UntilAsync("it is told", async () => (text = (await oops.RunAsync("history")).Text).Contains("NOTIFY of example: 1 learnt: 1 answered NOERROR", StringComparison.Ordinal), Patience, TimeSpan.FromMilliseconds(200), () => text);
    }

    static async Task SerialAsync(uint serial, LabProcess secondary, OopsDaemon oops)
    {
        string text = "";
        await Wait.UntilAsync(string.Create(CultureInfo.InvariantCulture, $"the secondary has serial {serial}"), async () => (text = (await OopsDaemon.RunProgramAsync("kdig", "@" + Secondary, "example", "SOA", "+short", "+retry=0", "+time=1")).Text).Contains(string.Create(CultureInfo.InvariantCulture, $" {serial} 86400 "), StringComparison.Ordinal),
            Patience, TimeSpan.FromMilliseconds(200), () => $"{text}\n{secondary.Tail()}\n{oops.Process.Tail(20)}");
    }

    static async Task<LabProcess> SecondaryAsync(string folder)
    {
        string own = Path.Combine(folder, "secondary"), conf = Path.Combine(own, "conf");
        Directory.CreateDirectory(own);
        await File.WriteAllTextAsync(conf, $$"""
            options {
                directory "{{own}}"; pid-file none; lock-file none; session-keyfile "{{own}}/session.key"; managed-keys-directory "{{own}}";
                listen-on { {{Secondary}}; }; listen-on-v6 { none; }; recursion no; dnssec-validation no; notify no;
            };
            controls { };
            zone example { type secondary; primaries { {{Primary}} port {{Port}}; }; };

            """);
        return LabProcess.Start(Path.Combine(own, "log"), Side.Upstream, null, "named", "-g", "-c", conf);
    }

    static async Task<LabProcess> PrimaryAsync(string kind, string folder, string tap)
    {
        string conf = Path.Combine(folder, "conf");
        Directory.CreateDirectory(Path.Combine(folder, "db"));
        await ZoneText.WriteAsync(Path.Combine(folder, "zone"), Zone(1));
        await File.WriteAllTextAsync(conf, kind switch
        {
            "named" => $$"""
                options {
                    directory "{{folder}}"; pid-file none; lock-file none; session-keyfile "{{folder}}/session.key"; managed-keys-directory "{{folder}}";
                    listen-on port {{Port}} { {{Primary}}; }; listen-on-v6 { none; }; recursion no; dnssec-validation no; notify no;
                    dnstap { auth; client; }; dnstap-output unix "{{tap}}"; fstrm-set-flush-timeout 1;
                };
                controls { };
                zone example { type primary; file "{{folder}}/zone"; allow-transfer { {{Secondary}}; }; };

                """,
            "knotd" => $"""
                server:
                    rundir: "{folder}"
                    listen: "{Primary}@{Port}"
                    udp-workers: 1
                    tcp-workers: 1
                    background-workers: 1
                log:
                  - target: stderr
                    any: info
                database:
                    storage: "{folder}/db"
                control:
                    listen: "{folder}/knot.sock"
                mod-dnstap:
                  - id: oops
                    sink: "unix:{tap}"
                    log-queries: on
                    log-responses: on
                template:
                  - id: default
                    global-module: mod-dnstap/oops
                acl:
                  - id: secondary
                    address: {Secondary}
                    action: transfer
                zone:
                  - domain: example
                    file: "{folder}/zone"
                    zonefile-sync: -1
                    journal-content: none
                    acl: secondary

                """,
            _ => $"""
                {Harness.Nsd.Head(folder, null, $"ip-address: {Primary}@{Port}")}
                dnstap:
                  dnstap-enable: yes
                  dnstap-socket-path: "{tap}"
                  dnstap-log-auth-query-messages: yes
                  dnstap-log-auth-response-messages: yes
                zone:
                  name: "example"
                  zonefile: "{folder}/zone"
                  provide-xfr: {Secondary} NOKEY

                """,
        });
        return LabProcess.Start(Path.Combine(folder, "log"), kind switch
        {
            "named" => ["named", "-g", "-c", conf],
            "knotd" => ["knotd", "-c", conf],
            _ => ["nsd", "-d", "-c", conf],
        });
    }
}
