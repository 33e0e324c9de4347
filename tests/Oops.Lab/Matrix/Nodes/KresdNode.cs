namespace Oops.Lab.Matrix.Nodes;

/// <summary>kresd, without anybody to ask: its control socket, dnstap, sd_notify (READY alone). What it is asked it answers by its own rules.</summary>
internal sealed class KresdNode(SiteOptions options) : MatrixNode(options)
{
    public override string Kind => "kresd";

    public override bool HasZones => false;

    public override IReadOnlyList<string> ZoneConditions => [];

    public override string Probe => "zones: []";

    public override string Keys => $", control: {Control}";

    // Blocked, as the policy below has it.
    public override IReadOnlyList<int> ErrorCodes => [15];

    public override string Sources => $$"""
          kresd: [ { server: {{Stage.Server}}, interval: 2s } ]
          sd-notify: [ { server: {{Stage.Server}}, listen: {{NotifySocket}} } ]
          dnstap: [ { server: {{Stage.Server}}, listen: {{TapSocket}}, window: 2s, slope-window: 4s } ]
        """;

    protected override string[] Command => ["kresd", "-n", "-c", InFolder("kresd.conf"), Folder];

    protected override IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["NOTIFY_SOCKET"] = NotifySocket };

    string Control => InFolder("control");

    public override Task LaunchAsync()
    {
        // It does not replace the socket of one that was killed.
        File.Delete(Control);
        return base.LaunchAsync();
    }

    protected override Task WriteAsync() => File.WriteAllTextAsync(InFolder("kresd.conf"), $$"""
        net.listen('{{Address.Address}}', {{Address.Port}}, { kind = 'dns' })
        net.listen('{{Control}}', nil, { kind = 'control' })
        cache.storage = 'lmdb://{{InFolder("cache")}}'
        cache.size = 10 * MB
        modules.load('stats')
        modules.load('dnstap')
        dnstap.config({ socket_path = '{{TapSocket}}', client = { log_queries = true, log_responses = true } })
        policy.add(policy.suffix(policy.DENY_MSG('blocked'), { todname('elsewhere.test') }))
        modules.unload('ta_update') modules.unload('ta_signal_query') modules.unload('priming') modules.unload('detect_time_skew')
        trust_anchors.remove('.')

        """);
}
