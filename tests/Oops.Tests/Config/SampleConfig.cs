namespace Oops.Tests.Config;

/// <summary>A config with one of everything, good in every respect.</summary>
internal static class SampleConfig
{
    public const string Text = """
        mode: observe
        site: ams1
        servers:
          ns1:
            kind: knot
            address: 127.0.0.1@53
            pidfile: /run/knot/knot.pid
            control: /run/knot/knot.sock
            zones: { list: [nl, "no", example] }
            primaries: [198.51.100.1]
          ns2: { kind: knot, zones: { own: { at-least: 100 } }, primaries: ["2001:db8:ffff::1@5353"] }
        conditions:
          expired: { kind: zone-expiring, before: 0s }
          stuck: { kind: zone-not-refreshed, tries: 3 }
          most-ready: { kind: all-zones-ready, at-least: 98% }
          trouble: { any: [server-down, expired-anywhere] }
          expired-anywhere: { at-least: 1, of: [server-down, server-shutting-down] }
          link-ok: { kind: external, polarity: good }
        sources:
          knot: [ { server: ns1 }, { server: ns2 } ]
          probe: [ { server: ns1, to: [192.0.2.53, "2001:db8:53::53"] }, { server: ns2, to: [192.0.2.54, "2001:db8:53::54"] } ]
        actions:
          bird: [ { name: edge } ]
          exec: [ { name: tell-ops } ]
        routes:
          anycast:
            prefixes: [192.0.2.0/24, "2001:db8:53::/48"]
            via: edge
            servers: [ns1, ns2]
            need: 1
            announce-when: [server-running, most-ready, link-ok]
            withdraw-when: [trouble, {is: not zone-ready, share: 50%, for: 60s}, {is: expired, zones: ["no", "*.example"], relative: false}]
            degrade-when: [stuck]
            degrade: prepend 2
            rise: 3s
            fall: 0s
            budget: { announcements: 3, per: 1h, retries: [5m] }
            mode: act
            drain: { graceful: 20s }
        rules:
          - { on: zone-updated, zones: ["*.example"], do: [ { run: tell-ops } ] }
          - { on: server-down, states: [met, not-met, unknown], servers: [ns1], do: [ { run: tell-ops, each: every } ] }
        limits: { kept-alarm: 10m, shrink-held: 5% }
        """;
}
