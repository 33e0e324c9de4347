namespace Oops.Lab.Hung;

/// <summary>The smallest configurations with which each server answers on one address.</summary>
internal static class ServerConfigs
{
    const string Zone = ServerUnderTest.Zone;

    /// <summary>What follows the program's name, in the foreground.</summary>
    public static string[] Arguments(string kind, string folder) => kind switch
    {
        "knot" => ["-c", $"{folder}/server.conf"],
        "nsd" or "unbound" => ["-d", "-c", $"{folder}/server.conf"],
        "bind" => ["-f", "-n", "1", "-c", $"{folder}/server.conf"],
        "powerdns" or "recursor" => [$"--config-dir={folder}"],
        "dnsdist" => ["--supervised", "--disable-syslog", "-C", $"{folder}/server.conf"],
        "kresd" => ["-n", "-c", $"{folder}/server.conf", folder],
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such server"),
    };

    /// <summary>PowerDNS takes a folder, and has a name of its own for what is in it.</summary>
    public static string FileName(string kind) => kind switch { "powerdns" => "pdns.conf", "recursor" => "recursor.conf", _ => "server.conf" };

    public static string Of(string kind, string folder, string address) => kind switch
    {
        "knot" => $"""
            server:
                rundir: "{folder}"
                listen: [ "{address}@53" ]
                udp-workers: 1
                tcp-workers: 1
                background-workers: 1
            database:
                storage: "{folder}"
            control:
                listen: "{folder}/knot.sock"
            zone:
              - domain: {Zone}
                file: "{folder}/{Zone}.zone"
            """,
        "nsd" => $"""
            server:
              ip-address: {address}
              username: ""
              chroot: ""
              zonesdir: "{folder}"
              database: ""
              pidfile: "{folder}/nsd.pid"
              xfrdfile: "{folder}/xfrd.state"
              xfrdir: "{folder}"
              zonelistfile: "{folder}/zone.list"
              server-count: 1
              # By default a client gets 200 answers in a second: a flood would be let go, not answered.
              rrl-ratelimit: 0
            remote-control:
              control-enable: no
            zone:
              name: "{Zone}"
              zonefile: "{folder}/{Zone}.zone"
            """,
        "bind" => $$"""
            options { directory "{{folder}}"; pid-file "{{folder}}/named.pid"; session-keyfile "{{folder}}/session.key"; lock-file none; listen-on { {{address}}; }; listen-on-v6 { none; };
                      recursion no; dnssec-validation no; notify no; };
            controls { };
            zone "{{Zone}}" { type primary; file "{{folder}}/{{Zone}}.zone"; };
            """,
        "unbound" => $"""
            server:
              directory: "{folder}"
              chroot: ""
              username: ""
              pidfile: "{folder}/unbound.pid"
              use-syslog: no
              interface: {address}
              access-control: 0.0.0.0/0 allow
              local-zone: "test." nodefault
              module-config: "iterator"
            remote-control:
              control-enable: no
            auth-zone:
              name: "{Zone}"
              zonefile: "{folder}/{Zone}.zone"
              for-upstream: no
            """,
        "powerdns" => $"""
            launch=gsqlite3
            gsqlite3-database={folder}/pdns.sqlite3
            gsqlite3-pragma-foreign-keys=yes
            receiver-threads=1
            distributor-threads=1
            {PowerDns(folder, address)}
            guardian=no
            """,
        "recursor" => $"""
            {PowerDns(folder, address)}
            allow-from=0.0.0.0/0
            quiet=yes
            threads=1
            hint-file=no
            security-poll-suffix=
            auth-zones={Zone}={folder}/{Zone}.zone
            """,
        "dnsdist" => $$"""
            setLocal("{{address}}:53")
            setACL({"0.0.0.0/0"})
            setSecurityPollSuffix("")
            addAction(AllRule(), RCodeAction(DNSRCode.REFUSED))
            """,
        "kresd" => $$"""
            net.listen('{{address}}', 53, { kind = 'dns' })
            cache.storage = 'lmdb://{{folder}}/cache'
            cache.size = 10 * MB
            modules.unload('ta_update') modules.unload('ta_signal_query') modules.unload('priming') modules.unload('detect_time_skew')
            trust_anchors.remove('.')
            policy.add(policy.all(policy.DENY))
            """,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such server"),
    };

    static string PowerDns(string folder, string address) => $"""
        local-address={address}
        socket-dir={folder}
        setuid=
        setgid=
        daemon=no
        disable-syslog=yes
        """;
}
