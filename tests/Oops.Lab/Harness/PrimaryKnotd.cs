using System.Text;

namespace Oops.Lab.Harness;

/// <summary>
/// The primary: a knotd on the upstream's side, 10.99.0.2 port 53, one TSIG key per zone. Dropping a zone's key makes it unknown to our signed SOA queries
/// and transfers while anyone's unsigned SOA query is still answered: a zone then expires at the secondary and not here.
/// </summary>
internal sealed class PrimaryKnotd : IAsyncDisposable
{
    public const string Secret = "0jnu3SdsMvzzlmTDPYRceA==";

    private readonly string _directory = Lab.FreshDirectory("primary");
    private readonly Dictionary<string, uint> _serials = [];
    private readonly HashSet<string> _dropped = [];
    private readonly ZoneTimers _timers;
    private LabProcess? _process;

    public PrimaryKnotd(IEnumerable<string> zones, ZoneTimers? timers = null)
    {
        _timers = timers ?? new ZoneTimers();
        foreach (string zone in zones)
            _serials[zone] = 100;
    }

    public IReadOnlyCollection<string> Zones => _serials.Keys;

    public LabProcess Process => _process ?? throw new InvalidOperationException("not started");

    public uint SerialOf(string zone) => _serials[zone];

    public static string KeyName(string zone) => "xfr-" + zone.TrimEnd('.') + ".";

    public async Task StartAsync()
    {
        await WriteAsync();
        _process = LabProcess.Start(Path.Combine(_directory, "knot.log"), Side.Upstream, null, "knotd", "-c", ConfigPath);
        await Wait.UntilAsync("the primary's knotd runs", () => File.Exists(Path.Combine(_directory, "knot.sock")), state: () => _process.Tail());
    }

    /// <summary>A new serial; the secondary hears of it by NOTIFY at once.</summary>
    public async Task UpdateAsync(string zone)
    {
        _serials[zone]++;
        await WriteAsync();
        await ReloadAsync();
    }

    public async Task DropKeyAsync(string zone)
    {
        _dropped.Add(zone);
        await WriteAsync();
        await ReloadAsync();
    }

    public async Task RestoreKeyAsync(string zone)
    {
        _dropped.Remove(zone);
        await WriteAsync();
        await ReloadAsync();
    }

    /// <summary>`zone-notify`: tells the secondary that there may be news, though the serial is the same.</summary>
    public Task NotifyAsync(string zone) => Knotd.KnotcAsync(Path.Combine(_directory, "knot.sock"), Side.Upstream, "zone-notify", zone);

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
    }

    private string ConfigPath => Path.Combine(_directory, "knot.conf");

    private async Task ReloadAsync()
    {
        int before = Reloads();
        Process.Signal(LabProcess.Hup);
        await Wait.UntilAsync("the primary has reloaded", () => Reloads() > before, state: () => Process.Tail());
    }

    private int Reloads() => File.ReadLines(Process.Output).Count(l => l.Contains("configuration reloaded", StringComparison.Ordinal));

    private async Task WriteAsync()
    {
        var text = new StringBuilder();
        text.Append($"""
            server:
                rundir: "{_directory}"
                pidfile: "{_directory}/knot.pid"
                listen: [ "{Lab.Upstream4}@53", "{Lab.Upstream6}@53" ]
                tcp-reuseport: off
                udp-workers: 1
                tcp-workers: 1
                background-workers: 1
            log:
              - target: stderr
                any: info
            database:
                storage: "{_directory}/db"
            control:
                listen: "{_directory}/knot.sock"
            key:

            """);
        foreach (string zone in _serials.Keys.Where(z => !_dropped.Contains(z)))
            text.Append($"  - id: {KeyName(zone)}\n    algorithm: hmac-sha256\n    secret: {Secret}\n");
        text.Append("remote:\n");
        text.Append($"  - id: node\n    address: {Lab.Node4}@53\n");
        text.Append("acl:\n");
        foreach (string zone in _serials.Keys.Where(z => !_dropped.Contains(z)))
            text.Append($"  - id: acl-{zone}\n    key: {KeyName(zone)}\n    action: transfer\n");
        text.Append("zone:\n");
        foreach ((string zone, uint serial) in _serials)
        {
            text.Append($"  - domain: {zone}\n    file: \"{_directory}/{zone}.zone\"\n    notify: node\n    zonefile-sync: -1\n");
            if (!_dropped.Contains(zone))
                text.Append($"    acl: acl-{zone}\n");
            await File.WriteAllTextAsync(Path.Combine(_directory, zone + ".zone"), ZoneText.Of(zone, serial, _timers));
        }
        Directory.CreateDirectory(Path.Combine(_directory, "db"));
        await File.WriteAllTextAsync(ConfigPath, text.ToString());
    }
}
