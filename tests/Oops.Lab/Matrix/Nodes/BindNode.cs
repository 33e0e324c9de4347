using System.Text;
using Oops.Lab.Harness;

namespace Oops.Lab.Matrix.Nodes;

/// <summary>named: statistics channel, NOTIFY, sd_notify, dnstap.</summary>
internal sealed class BindNode(SiteOptions options) : MatrixNode(options)
{
    const string Secret = "b29wcyBsYWIgb29wcyBsYWIgb29wcyBsYWIgb29wcyE=";

    /// <summary>A zone that nobody may ask for.</summary>
    const string Prohibited = "prohibited.test";

    public override string Kind => "bind";

    public override string Keys => $", zones: {{ list: [{string.Join(", ", Options.Zones)}] }}";

    public override string Sources => $$"""
          bind: [ { server: {{Stage.Server}}, interval: 10s, rate-interval: 2s } ]
          sd-notify: [ { server: {{Stage.Server}}, listen: {{NotifySocket}} } ]
          notify: [ { server: {{Stage.Server}}, listen: [127.0.0.1@{{SiteOptions.NotifyPort}}], allow: [ { from: [127.0.0.0/8] } ] } ]
          dnstap: [ { server: {{Stage.Server}}, listen: {{TapSocket}}, window: 2s, slope-window: 4s } ]
        """;

    /// <summary>Its authoritative side says why of nothing but what it does not allow.</summary>
    public override IReadOnlyList<int> ErrorCodes => [18];

    public override string ErrorName => $"%.{Prohibited}";

    protected override string[] Command => ["named", "-f", "-n", "2", "-c", InFolder("named.conf")];

    protected override IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["NOTIFY_SOCKET"] = NotifySocket };

    protected override Task ReloadAsync() => OopsDaemon.DoProgramAsync(Harness.Lab.Find("rndc")!, "-c", InFolder("rndc.conf"), "reconfig");

    protected override async Task WriteAsync()
    {
        const string key = $"key \"rndc\" {{ algorithm hmac-sha256; secret \"{Secret}\"; }};\n";
        await File.WriteAllTextAsync(InFolder("rndc.conf"), key + "options { default-key \"rndc\"; default-server 127.0.0.1; default-port 953; };\n");
        var text = new StringBuilder(key).Append($$"""
            controls { inet 127.0.0.1 port 953 allow { 127.0.0.1; } keys { "rndc"; }; };
            statistics-channels { inet 127.0.0.1 port 8053 allow { 127.0.0.1; }; };
            options {
                directory "{{Folder}}";
                pid-file "{{Folder}}/named.pid";
                lock-file none;
                session-keyfile "{{Folder}}/session.key";
                managed-keys-directory "{{Folder}}";
                listen-on port 53 { {{Address.Address}}; };
                listen-on-v6 { none; };
                recursion no;
                dnssec-validation no;
                notify explicit;
                also-notify { 127.0.0.1 port {{SiteOptions.NotifyPort}}; };
                notify-delay 0;
                min-refresh-time 1; min-retry-time 1;
                # By default 20 in a second: a thousand zones would take most of a minute.
                notify-rate 1000; startup-notify-rate 1000; serial-query-rate 1000;
                transfers-in 100; transfers-per-ns 100;
                dnstap { auth; client; };
                dnstap-output unix "{{TapSocket}}";
                fstrm-set-flush-timeout 1;
            };
            logging { category default { default_stderr; }; };
            zone "{{Prohibited}}" { type primary; file "{{Prohibited}}.zone"; allow-query { none; }; notify no; };

            """);
        await File.WriteAllTextAsync(InFolder(Prohibited + ".zone"), ZoneText.Of(Prohibited, 1, new ZoneTimers()));
        foreach (string zone in Served)
            text.Append($$"""
                zone "{{zone}}" { type secondary; primaries { {{Harness.Lab.Upstream4}}; }; file "{{zone}}.zone"; };

                """);
        await File.WriteAllTextAsync(InFolder("named.conf"), text.ToString());
    }
}
