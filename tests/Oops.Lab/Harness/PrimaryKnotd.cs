using System.Text;

namespace Oops.Lab.Harness;

/// <summary>
/// The primary: a knotd on the upstream's side, 10.99.0.2 port 53, one TSIG key per zone. Dropping a zone's key makes it unknown to our signed SOA queries
/// and transfers while anyone's unsigned SOA query is still answered: a zone then expires at the secondary and not here.
/// </summary>
internal sealed class PrimaryKnotd : IAsyncDisposable
{
    public const string Secret = "0jnu3SdsMvzzlmTDPYRceA==";

    readonly string directory = Lab.FreshDirectory("primary");
    readonly Dictionary<string, uint> serials = [];
    readonly HashSet<string> dropped = [];
    readonly ZoneTimers timers;
    LabProcess? process;

    public PrimaryKnotd(IEnumerable<string> zones, ZoneTimers? timers = null)
    {
        this.timers = timers ?? new ZoneTimers();
        foreach (string zone in zones)
            serials[zone] = 100;
    }

    public IReadOnlyCollection<string> Zones => serials.Keys;

    public LabProcess Process => process ?? throw new InvalidOperationException("not started");

    public uint SerialOf(string zone) => serials[zone];

    public static string KeyName(string zone) => "xfr-" + zone.TrimEnd('.') + ".";

    public async Task StartAsync()
    {
        await WriteAsync();
        process = LabProcess.Start(Path.Combine(directory, "knot.log"), Side.Upstream, null, "knotd", "-c", ConfigPath);
        await Wait.UntilAsync("the primary's knotd runs", () => File.Exists(Path.Combine(directory, "knot.sock")), state: () => process.Tail());
    }

    /// <summary>A new serial; the secondary hears of it by NOTIFY at once.</summary>
    public async Task UpdateAsync(string zone)
    {
        serials[zone]++;
        await WriteAsync();
        await ReloadAsync();
    }

    public async Task DropKeyAsync(string zone)
    {
        dropped.Add(zone);
        await WriteAsync();
        await ReloadAsync();
    }

    public async Task RestoreKeyAsync(string zone)
    {
        dropped.Remove(zone);
        await WriteAsync();
        await ReloadAsync();
    }

    /// <summary>`zone-notify`: tells the secondary that there may be news, though the serial is the same.</summary>
    public Task NotifyAsync(string zone) => Knotd.KnotcAsync(Path.Combine(directory, "knot.sock"), Side.Upstream, "zone-notify", zone);

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await process.DisposeAsync();
    }

    string ConfigPath => Path.Combine(directory, "knot.conf");

    async Task ReloadAsync()
    {
        int before = Reloads();
        Process.Signal(LabProcess.Hup);
        await Wait.UntilAsync("the primary has reloaded", () => Reloads() > before, state: () => Process.Tail());
    }

    int Reloads() => File.ReadLines(Process.Output).Count(l => l.Contains("configuration reloaded", StringComparison.Ordinal));

    async Task WriteAsync()
    {
        var text = new StringBuilder();
        text.Append($"""
            server:
                rundir: "{directory}"
                pidfile: "{directory}/knot.pid"
                listen: [ "{Lab.Upstream4}@53", "{Lab.Upstream6}@53" ]
                tcp-reuseport: off
                udp-workers: 1
                tcp-workers: 1
                background-workers: 1
            log:
              - target: stderr
                any: info
            database:
                storage: "{directory}/db"
            control:
                listen: "{directory}/knot.sock"
            key:

            """);
        foreach (string zone in serials.Keys.Where(z => !dropped.Contains(z)))
            text.Append($"  - id: {KeyName(zone)}\n    algorithm: hmac-sha256\n    secret: {Secret}\n");
        text.Append("remote:\n");
        text.Append($"  - id: node\n    address: {Lab.Node4}@53\n");
        text.Append("acl:\n");
        foreach (string zone in serials.Keys.Where(z => !dropped.Contains(z)))
            text.Append($"  - id: acl-{zone}\n    key: {KeyName(zone)}\n    action: transfer\n");
        text.Append("zone:\n");
        foreach ((string zone, uint serial) in serials)
        {
            text.Append($"  - domain: {zone}\n    file: \"{directory}/{zone}.zone\"\n    notify: node\n    zonefile-sync: -1\n");
            if (!dropped.Contains(zone))
                text.Append($"    acl: acl-{zone}\n");
            await ZoneText.WriteAsync(Path.Combine(directory, zone + ".zone"), ZoneText.Of(zone, serial, timers));
        }
        Directory.CreateDirectory(Path.Combine(directory, "db"));
        await File.WriteAllTextAsync(ConfigPath, text.ToString());
    }
}
