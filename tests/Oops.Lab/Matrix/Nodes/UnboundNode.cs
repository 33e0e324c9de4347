using System.Text;
using Oops.Lab.Harness;

namespace Oops.Lab.Matrix.Nodes;

/// <summary>unbound, with auth zones of the primary and a zone that it finds bogus: control socket, sd_notify, dnstap.</summary>
internal sealed class UnboundNode(SiteOptions options) : MatrixNode(options)
{
    public override string Kind => "unbound";

    public override string Keys => $", control: {Control}, zones: {{ list: [{string.Join(", ", Options.Zones)}] }}";

    // It tells nothing of refreshes.
    public override IReadOnlyList<string> ZoneConditions => [.. base.ZoneConditions.Where(c => c is not ("not-refreshed" or "expiring"))];

    public override string Sources => $$"""
          unbound: [ { server: {{Stage.Server}}, interval: 10s, rate-interval: 2s } ]
          sd-notify: [ { server: {{Stage.Server}}, listen: {{NotifySocket}} } ]
          dnstap: [ { server: {{Stage.Server}}, listen: {{TapSocket}}, window: 2s, slope-window: 4s } ]
        """;

    // The reason in the first answer, and then what its cache knows: that it is bogus.
    public override IReadOnlyList<int> ErrorCodes => [6, 9];

    public override string ErrorName => $"%.{MatrixPrimary.Bogus}";

    protected override string[] Command => ["unbound", "-d", "-c", ConfigPath];

    protected override IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["NOTIFY_SOCKET"] = NotifySocket };

    string Control => InFolder("unbound.ctl");

    string ConfigPath => InFolder("unbound.conf");

    // Its control has no word for an auth zone that comes or goes.
    protected override Task ReloadAsync() => OopsDaemon.DoProgramAsync(Harness.Lab.Find("unbound-control")!, "-c", ConfigPath, "reload");

    protected override async Task WriteAsync()
    {
        var text = new StringBuilder($"""
            server:
                directory: "{Folder}"
                chroot: ""
                username: ""
                pidfile: "{Folder}/unbound.pid"
                use-syslog: no
                do-daemonize: no
                interface: {Address.Address}@53
                access-control: 10.99.0.0/24 allow_snoop
                num-threads: 1
                module-config: "validator iterator"
                local-zone: "test." nodefault
                trust-anchor: "{MatrixPrimary.Bogus}. DS 1 13 2 00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF"
                ede: yes
            remote-control:
                control-enable: yes
                control-interface: {Control}
            dnstap:
                dnstap-enable: yes
                dnstap-socket-path: "{TapSocket}"
                dnstap-log-client-query-messages: yes
                dnstap-log-client-response-messages: yes
            stub-zone:
                name: "{MatrixPrimary.Bogus}"
                stub-addr: {Harness.Lab.Upstream4}

            """);
        foreach (string zone in Served)
            text.Append($"auth-zone:\n    name: \"{zone}\"\n    zonefile: \"{zone}.zone\"\n    primary: {Harness.Lab.Upstream4}\n    allow-notify: {Harness.Lab.Upstream4}\n    fallback-enabled: no\n    for-downstream: yes\n");
        await File.WriteAllTextAsync(ConfigPath, text.ToString());
    }
}
