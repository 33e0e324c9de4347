using Oops.Lab.Harness;

namespace Oops.Lab.Catalog;

/// <summary>The server under watch: a knotd that takes the catalog itself (catalog-role: interpret) and serves the members as a secondary of the same primary.</summary>
internal sealed class CatalogConsumer : IAsyncDisposable
{
    public const int Port = 5302;

    /// <summary>Zones that the primary has: members m00.test to m11.test, and spare.test.</summary>
    public static IReadOnlyList<string> Zones { get; } = [.. Enumerable.Range(0, 12).Select(i => $"m{i:00}.test"), "spare.test"];

    readonly string folder = Harness.Lab.FreshDirectory("catalog-consumer");
    LabProcess? process;

    public string Control => Path.Combine(folder, "knot.sock");

    public string PidFile => Path.Combine(folder, "knot.pid");

    public LabProcess Process => process ?? throw new InvalidOperationException("not started");

    /// <summary>The lines of the members' zones for the primary's config; writes their files.</summary>
    public static string MemberZones(string folder) => string.Concat(Zones.Select(zone =>
    {
        string file = Path.Combine(folder, zone + ".zone");
        File.WriteAllText(file, ZoneText.Of(zone, 100, new ZoneTimers(Expire: 86400)));
        return $"  - domain: {zone}\n    file: \"{file}\"\n    zonefile-sync: -1\n    acl: [ plain ]\n    notify: consumer\n";
    }));

    public async Task StartAsync()
    {
        Directory.CreateDirectory(Path.Combine(folder, "db"));
        await File.WriteAllTextAsync(Path.Combine(folder, "knot.conf"), $"""
            server:
                rundir: "{folder}"
                pidfile: "{PidFile}"
                listen: "127.0.0.1@{Port}"
                udp-workers: 1
                tcp-workers: 1
                background-workers: 1
            log:
              - target: stderr
                any: info
            database:
                storage: "{folder}/db"
            control:
                listen: "{Control}"
            remote:
              - id: primary
                address: 127.0.0.1@{CatalogPrimary.Port}
            acl:
              - id: notify
                address: 127.0.0.1
                action: notify
            template:
              - id: default
                storage: "{folder}"
              - id: member
                storage: "{folder}"
                master: primary
                acl: notify
                refresh-min-interval: 2
                retry-min-interval: 1
                retry-max-interval: 2
            zone:
              - domain: cat.test
                master: primary
                acl: notify
                catalog-role: interpret
                catalog-template: member

            """);
        process = LabProcess.Start(Path.Combine(folder, "log"), "knotd", "-c", Path.Combine(folder, "knot.conf"));
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await process.DisposeAsync();
    }
}
