using Oops.Lab.Harness;

namespace Oops.Lab.Matrix.Nodes;

/// <summary>dnsdist before the primary as its only backend: its HTTP API, dnstap, sd_notify (READY alone).</summary>
internal sealed class DnsdistNode(SiteOptions options) : MatrixNode(options)
{
    const string Api = "127.0.0.1:8083";

    public override string Kind => "dnsdist";

    public override bool HasZones => false;

    public override IReadOnlyList<string> ZoneConditions => [];

    public override string Probe => "zones: []";

    public override string Conditions => $"{Plans.Backends.None}: {{ kind: external, polarity: bad, proof: true }}";

    public override string Sources => $$"""
          dnsdist: [ { server: {{Stage.Server}}, key-file: {{InFolder("api.key")}}, interval: 1s, rate-interval: 2s, backends: [ { condition: {{Plans.Backends.None}}, grace: 1s } ] } ]
          sd-notify: [ { server: {{Stage.Server}}, listen: {{NotifySocket}} } ]
          dnstap: [ { server: {{Stage.Server}}, listen: {{TapSocket}}, window: 2s, slope-window: 4s } ]
        """;

    protected override string[] Command => ["dnsdist", "--supervised", "--disable-syslog", "-C", InFolder("dnsdist.conf")];

    protected override IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["NOTIFY_SOCKET"] = NotifySocket };

    protected override Task WriteAsync()
    {
        ApiKey.File(Folder);
        return File.WriteAllTextAsync(InFolder("dnsdist.conf"), $$"""
            setLocal("{{Address}}")
            setACL({"127.0.0.0/8", "10.99.0.0/24"})
            setSecurityPollSuffix("")
            webserver("{{Api}}")
            setWebserverConfig({password="not-the-key", apiKey="{{ApiKey.Text}}", acl="127.0.0.0/8"})
            newServer({address="{{Harness.Lab.Upstream4}}:53", name="primary", checkName="{{Probed}}.", checkType="SOA", checkInterval=1, checkTimeout=500, maxCheckFailures=1})
            tap = newFrameStreamUnixLogger("{{TapSocket}}")
            addAction(AllRule(), DnstapLogAction("lab", tap))
            addResponseAction(AllRule(), DnstapLogResponseAction("lab", tap))

            """);
    }
}
