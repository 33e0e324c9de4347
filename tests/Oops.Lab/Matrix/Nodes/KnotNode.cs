using System.Text;
using Oops.Lab.Harness;

namespace Oops.Lab.Matrix.Nodes;

/// <summary>knotd: D-Bus, control socket, NOTIFY, sd_notify, dnstap.</summary>
internal sealed class KnotNode(SiteOptions options) : MatrixNode(options)
{
    readonly DbusDaemon bus = new();

    public override string Kind => "knot";

    public override string Keys => $", control: {Control}, zones: {{ list: [{string.Join(", ", Options.Zones)}] }}";

    public override IReadOnlyList<string> ZoneConditions => Options.ProbesZones ? [.. base.ZoneConditions, "zone-invalid", "keys-changed"] : [];

    public override string Sources => $$"""
          knot: [ { server: {{Stage.Server}}, bus: "{{bus.Address}}", interval: 10s } ]
          sd-notify: [ { server: {{Stage.Server}}, listen: {{NotifySocket}} } ]
          notify: [ { server: {{Stage.Server}}, listen: [127.0.0.1@{{SiteOptions.NotifyPort}}], allow: [ { from: [127.0.0.0/8] } ] } ]
          dnstap: [ { server: {{Stage.Server}}, listen: {{TapSocket}}, window: 2s, slope-window: 4s } ]
        """;

    protected override string[] Command => ["knotd", "-c", InFolder("knot.conf")];

    protected override IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["DBUS_SYSTEM_BUS_ADDRESS"] = bus.Address, ["NOTIFY_SOCKET"] = NotifySocket };

    string Control => InFolder("knot.sock");

    public override async Task PrepareAsync()
    {
        await bus.StartAsync();
        await WriteAsync();
    }

    /// <summary>A new key-signing key, of which the parent is to be told.</summary>
    public override async Task NewKeyAsync(string zone)
    {
        await Knotd.KnotcAsync(Control, Side.Node, "zone-ksk-submitted", zone);
        await Knotd.KnotcAsync(Control, Side.Node, "zone-key-rollover", zone, "ksk");
    }

    // Not by conf-unset: without a configuration database knotd 3.2.6 ends with a segmentation fault at conf-commit.
    protected override Task ReloadAsync() => Knotd.KnotcAsync(Control, Side.Node, "reload");

    protected override async Task WriteAsync()
    {
        var text = new StringBuilder($"""
            server:
                rundir: "{Folder}"
                pidfile: "{Folder}/knot.pid"
                listen: [ "{Address.Address}@53" ]
                udp-workers: 1
                tcp-workers: 1
                background-workers: 2
                dbus-event: [ running, zone-updated, ksk-submission, dnssec-invalid ]
            log:
              - target: stderr
                any: info
            database:
                storage: "{Folder}"
            control:
                listen: "{Control}"
            remote:
              - id: primary
                address: {Harness.Lab.Upstream4}@53
              - id: oops
                address: 127.0.0.1@{SiteOptions.NotifyPort}
            acl:
              - id: notify
                address: {Harness.Lab.Upstream4}
                action: notify
            mod-dnstap:
              - id: oops
                sink: "unix:{TapSocket}"
                log-queries: on
                log-responses: on
            submission:
              - id: parent
                check-interval: 1h
                timeout: 0
                parent: primary
            policy:
              - id: quick
                ksk-submission: parent
                propagation-delay: 0
                dnskey-ttl: 1
                zone-max-ttl: 5
            template:
              - id: default
                dnssec-validation: {(Options.Validates ? "on" : "off")}
                dnssec-signing: {(Options.Signs ? "on" : "off")}
                dnssec-policy: quick
                global-module: mod-dnstap/oops
                storage: "{Folder}"
                master: primary
                acl: notify
                notify: oops
                refresh-min-interval: 2
                retry-min-interval: 1
                expire-min-interval: 3
            zone:

            """);
        foreach (string zone in Served)
            text.Append($"  - domain: {zone}\n");
        await File.WriteAllTextAsync(InFolder("knot.conf"), text.ToString());
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await bus.DisposeAsync();
    }
}
