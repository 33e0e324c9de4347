using Oops.Lab.Harness;

namespace Oops.Lab.Dnstap;

/// <summary>A real server, configured for nothing but its dnstap. `@D` in its config is its folder, `@TAP` where it sends.</summary>
/// <param name="Name">Its program.</param>
/// <param name="Port">Where it answers.</param>
/// <param name="Config">Its config.</param>
/// <param name="Arguments">`@CONFIG` is the file.</param>
internal sealed record TapServer(string Name, int Port, string Config, params string[] Arguments)
{
    public const int KnotPort = 5371, NsdPort = 5372, BindPort = 5373, UnboundPort = 5374, DnsdistPort = 5375, KresdPort = 5376, RecursorPort = 5377;

    /// <summary>Where the zones of the others are: signed.test has no signatures.</summary>
    public static TapServer Knot => new("knotd", KnotPort, $"""
        server:
            rundir: "@D"
            pidfile: "@D/knot.pid"
            listen: 127.0.0.1@{KnotPort}
            udp-workers: 1
            tcp-workers: 1
            background-workers: 1
        log:
          - target: stderr
            any: info
        database:
            storage: "@D"
        control:
            listen: "@D/knot.sock"
        mod-dnstap:
          - id: oops
            sink: "unix:@TAP"
            log-queries: on
            log-responses: on
        template:
          - id: default
            global-module: mod-dnstap/oops
        zone:
          - domain: signed.test
            file: "@D/signed.test.zone"

        """, "-c", "@CONFIG");

    public static TapServer Nsd => new("nsd", NsdPort, $"""
        server:
          ip-address: 127.0.0.1@{NsdPort}
          username: ""
          chroot: ""
          zonesdir: "@D"
          database: ""
          pidfile: "@D/nsd.pid"
          xfrdfile: "@D/xfrd.state"
          xfrdir: "@D"
          zonelistfile: "@D/zone.list"
          server-count: 1
        remote-control:
          control-enable: no
        dnstap:
          dnstap-enable: yes
          dnstap-socket-path: "@TAP"
          dnstap-log-auth-query-messages: yes
          dnstap-log-auth-response-messages: yes
        zone:
          name: "signed.test"
          zonefile: "signed.test.zone"

        """, "-d", "-c", "@CONFIG");

    public static TapServer Bind => new("named", BindPort, $$"""
        options {
          directory "@D"; pid-file "@D/named.pid"; lock-file none; session-keyfile "@D/session.key"; managed-keys-directory "@D";
          listen-on port {{BindPort}} { 127.0.0.1; }; listen-on-v6 { none; };
          recursion no; dnssec-validation no;
          fstrm-set-flush-timeout 1;
          dnstap { auth; client; };
          dnstap-output unix "@TAP";
        };
        zone "signed.test" { type primary; file "signed.test.zone"; };

        """, "-g", "-c", "@CONFIG");

    public static TapServer Unbound => UnboundBy("""
          dnstap-socket-path: "@TAP"
        """);

    public static TapServer UnboundBy(string where) => new("unbound", UnboundPort, $"""
        server:
          directory: "@D"
          chroot: ""
          username: ""
          pidfile: "@D/unbound.pid"
          use-syslog: no
          do-daemonize: no
          interface: 127.0.0.1@{UnboundPort}
          port: {UnboundPort}
          access-control: 127.0.0.0/8 allow
          do-not-query-localhost: no
          local-zone: "test." nodefault
          trust-anchor: "signed.test. DS 1 13 2 00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF"
          module-config: "validator iterator"
          ede: yes
          num-threads: 1
        remote-control:
          control-enable: no
        dnstap:
          dnstap-enable: yes
        {where}
          dnstap-log-client-query-messages: yes
          dnstap-log-client-response-messages: yes
          dnstap-log-resolver-query-messages: yes
          dnstap-log-resolver-response-messages: yes
        stub-zone:
          name: "signed.test"
          stub-addr: 127.0.0.1@{KnotPort}

        """, "-d", "-c", "@CONFIG");

    public static TapServer Dnsdist => new("dnsdist", DnsdistPort, $$"""
        setLocal("127.0.0.1:{{DnsdistPort}}")
        setSecurityPollSuffix("")
        newServer({address="127.0.0.1:{{KnotPort}}", checkName="signed.test.", checkType="SOA"})
        tap = newFrameStreamUnixLogger("@TAP")
        addAction(AllRule(), DnstapLogAction("ns1", tap))
        addResponseAction(AllRule(), DnstapLogResponseAction("ns1", tap))

        """, "--supervised", "--disable-syslog", "-C", "@CONFIG");

    public static TapServer DnsdistOverTcp(int port) => Dnsdist with { Config = Dnsdist.Config.Replace("newFrameStreamUnixLogger(\"@TAP\")", $"newFrameStreamTcpLogger(\"127.0.0.1:{port}\")", StringComparison.Ordinal) };

    public static TapServer Kresd => new("kresd", KresdPort, $$"""
        log_level('info')
        net.listen('127.0.0.1', {{KresdPort}}, { kind = 'dns' })
        cache.storage = 'lmdb://@D/cache'
        cache.size = 10 * MB
        modules = { 'extended_error' }
        modules.unload('ta_update') modules.unload('ta_signal_query') modules.unload('priming') modules.unload('detect_time_skew')
        trust_anchors.remove('.')
        policy.add(policy.suffix(policy.DENY_MSG('blocked by the lab'), {todname('deny.test.')}))
        modules.load('dnstap')
        dnstap.config({ socket_path = '@TAP', client = { log_queries = true, log_responses = true } })

        """, "-n", "-c", "@CONFIG", "@D");

    public static TapServer Recursor => new("pdns_recursor", RecursorPort, $"""
        local-address=127.0.0.1
        local-port={RecursorPort}
        config-dir=@D
        socket-dir=@D
        setuid=
        setgid=
        daemon=no
        disable-syslog=yes
        threads=1
        hint-file=no
        dnssec=off
        forward-zones=signed.test=127.0.0.1:{KnotPort}
        dont-query=
        lua-config-file=@D/recursor.lua
        serve-rfc1918=no
        security-poll-suffix=

        """, "--config-dir=@D");

    /// <summary>Writes its folder and starts it; whether it answers, its dnstap tells.</summary>
    public async Task<LabProcess> StartAsync(string tap)
    {
        var folder = Harness.Lab.FreshDirectory("tap-" + Name);
        string Fill(string text) => text.Replace("@CONFIG", Path.Combine(folder, ConfigName), StringComparison.Ordinal).Replace("@D", folder, StringComparison.Ordinal).Replace("@TAP", tap, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(folder, ConfigName), Fill(Config));
        await File.WriteAllTextAsync(Path.Combine(folder, "signed.test.zone"), ZoneText.Of("signed.test", 1, new ZoneTimers(Refresh: 3600, Retry: 600, Expire: 86400)));
        await File.WriteAllTextAsync(Path.Combine(folder, "recursor.lua"), $"dnstapFrameStreamServer({{\"{tap}\"}}, {{logQueries=true, logResponses=true}})\n");
        return LabProcess.Start(Path.Combine(folder, "log"), [Name, .. Arguments.Select(Fill)]);
    }

    string ConfigName => Name == "pdns_recursor" ? "recursor.conf" : "config";
}
