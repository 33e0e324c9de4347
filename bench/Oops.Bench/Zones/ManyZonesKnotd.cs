using System.Text;
using Oops.Lab.Harness;

namespace Oops.Bench.Zones;

/// <summary>A real knotd with very many zones: one file for all of them, no journal, no signing.</summary>
internal sealed class ManyZonesKnotd(int count) : IAsyncDisposable
{
    readonly string directory = Oops.Lab.Harness.Lab.FreshDirectory("many");
    LabProcess? process;

    public string PidFile => Path.Combine(directory, "knot.pid");

    public string Control => Path.Combine(directory, "knot.sock");

    public int Pid => process!.Pid;

    public static string Zone(int number) => $"z{number:0000000}.test";

    /// <summary>Starts it and waits until its last zone is loaded.</summary>
    public async Task StartAsync()
    {
        Directory.CreateDirectory(Path.Combine(directory, "db"));
        var zone = Path.Combine(directory, "shared.zone");
        await File.WriteAllTextAsync(zone, "$TTL 5\n@ SOA ns hostmaster 100 3600 600 86400 5\n@ NS ns\nns A 192.0.2.1\n");
        var text = new StringBuilder($"""
            server:
                rundir: "{directory}"
                pidfile: "{PidFile}"
                listen: 127.0.0.1@53
                background-workers: 2
            log:
              - target: stderr
                any: warning
            database:
                storage: "{directory}/db"
            control:
                listen: "{Control}"
            acl:
              - id: transfer
                address: 127.0.0.1
                action: transfer
            template:
              - id: default
                acl: transfer
                file: "{zone}"
                zonefile-sync: -1
                zonefile-load: whole
                journal-content: none
            zone:

            """);
        for (var i = 0; i < count; i++) text.Append("  - domain: ").Append(Zone(i)).Append('\n');
        var config = Path.Combine(directory, "knot.conf");
        await File.WriteAllTextAsync(config, text.ToString());
        process = LabProcess.Start(Path.Combine(directory, "knot.log"), Side.Node, null, "knotd", "-c", config);
        await Wait.UntilAsync("knotd has loaded all its zones", async () => File.Exists(Control) && (await LastAsync()).Contains("serial: 100", StringComparison.Ordinal),
            TimeSpan.FromMinutes(3), TimeSpan.FromMilliseconds(500), () => process.Tail());
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null) await process.DisposeAsync();
    }

    async Task<string> LastAsync()
    {
        try
        {
            return await Knotd.KnotcAsync(Control, Side.Node, "zone-status", Zone(count - 1));
        }
        catch (InvalidOperationException)
        {
            return "";
        }
    }
}
