using System.Text;
using Oops.Lab.Harness;

namespace Oops.Lab.Matrix.Nodes;

/// <summary>NSD: control socket, NOTIFY, sd_notify, dnstap. Its statistics are not read: each look makes 4.6 fork all its servers anew, and dnstap has the rate.</summary>
internal sealed class NsdNode(SiteOptions options) : MatrixNode(options)
{
    public override string Kind => "nsd";

    public override string Keys => $", control: {Control}, zones: {{ list: [{string.Join(", ", Options.Zones)}] }}";

    public override string Sources => $$"""
          nsd: [ { server: {{Stage.Server}}, interval: 10s } ]
          sd-notify: [ { server: {{Stage.Server}}, listen: {{NotifySocket}} } ]
          notify: [ { server: {{Stage.Server}}, listen: [127.0.0.1@{{SiteOptions.NotifyPort}}], allow: [ { from: [127.0.0.0/8] } ] } ]
          dnstap: [ { server: {{Stage.Server}}, listen: {{TapSocket}}, window: 2s, slope-window: 4s } ]
        """;

    protected override string[] Command => ["nsd", "-d", "-c", ConfigPath];

    protected override IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["NOTIFY_SOCKET"] = NotifySocket };

    string Control => InFolder("nsd.ctl");

    string ConfigPath => InFolder("nsd.conf");

    protected override Task ReloadAsync() => OopsDaemon.DoProgramAsync(Harness.Lab.Find("nsd-control")!, "-c", ConfigPath, "reconfig");

    protected override async Task WriteAsync()
    {
        var text = new StringBuilder($"""
            server:
                ip-address: {Address.Address}@53
                database: ""
                username: ""
                chroot: ""
                zonesdir: "{Folder}"
                pidfile: "{Folder}/nsd.pid"
                xfrdfile: "{Folder}/xfrd.state"
                xfrdir: "{Folder}"
                zonelistfile: "{Folder}/zone.list"
                server-count: 1
                xfrd-reload-timeout: 0
                # By default a client gets 200 answers in a second: a flood would be let go, not answered.
                rrl-ratelimit: 0
                verbosity: 1
            remote-control:
                control-enable: yes
                control-interface: {Control}
            dnstap:
                dnstap-enable: yes
                dnstap-socket-path: "{TapSocket}"
                dnstap-log-auth-query-messages: yes
                dnstap-log-auth-response-messages: yes
            pattern:
                name: secondary
                zonefile: "%s.zone"
                request-xfr: {Harness.Lab.Upstream4}@53 NOKEY
                allow-notify: {Harness.Lab.Upstream4} NOKEY
                notify: 127.0.0.1@{SiteOptions.NotifyPort} NOKEY

            """);
        foreach (string zone in Served)
            text.Append($"zone:\n    name: {zone}\n    include-pattern: secondary\n");
        await File.WriteAllTextAsync(ConfigPath, text.ToString());
    }
}
