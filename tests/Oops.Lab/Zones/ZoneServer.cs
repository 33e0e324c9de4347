using Oops.Lab.Harness;

namespace Oops.Lab.Zones;

/// <summary>A real server on 127.0.0.1 that serves one zone from a file, and gives it to all.</summary>
internal sealed class ZoneServer(string server, string zone) : IAsyncDisposable
{
    public const int Port = 5302;

    LabProcess? process;

    /// <summary>Of knotd: more options of the zone, a line each, and sections before it.</summary>
    public string Knotd { get; init; } = "journal-content: none";

    public string Policies { get; init; } = "";

    public string Folder { get; } = Harness.Lab.FreshDirectory("zones-" + server);

    public LabProcess Process => process ?? throw new InvalidOperationException("not started");

    string Config => Path.Combine(Folder, "conf");

    string ZoneFile => Path.Combine(Folder, "zone");

    public static string[] Programs(string server) => [server switch { "knot" => "knotd", _ => server }];

    public async Task StartAsync(string text)
    {
        await ZoneText.WriteAsync(ZoneFile, text);
        await File.WriteAllTextAsync(Config, server switch { "nsd" => Nsd(), "knot" => Knot(), _ => Named() });
        Directory.CreateDirectory(Path.Combine(Folder, "db"));
        process = LabProcess.Start(Path.Combine(Folder, "log"), server switch
        {
            "nsd" => ["nsd", "-d", "-c", Config],
            "knot" => ["knotd", "-c", Config],
            _ => ["named", "-g", "-c", Config],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await process.DisposeAsync();
    }

    string Nsd() => $"""
        {Harness.Nsd.Head(Folder, null, $"ip-address: 127.0.0.1@{Port}")}
        zone:
          name: "{zone}"
          zonefile: "{ZoneFile}"
          provide-xfr: 127.0.0.1 NOKEY

        """;

    // What a zone's records mean together is not what is looked at here.
    string Knot() => $"""
        server:
            rundir: "{Folder}"
            listen: "127.0.0.1@{Port}"
            udp-workers: 1
            tcp-workers: 1
            background-workers: 1
        log:
          - target: stderr
            any: info
        database:
            storage: "{Folder}/db"
        control:
            listen: "{Folder}/knot.sock"
        {Policies}
        acl:
          - id: all
            address: 127.0.0.1
            action: transfer
        zone:
          - domain: {zone}
            file: "{ZoneFile}"
            zonefile-sync: -1
            semantic-checks: off
            {Knotd}
            acl: all

        """;

    string Named() => $$"""
        options {
            directory "{{Folder}}"; pid-file "{{Folder}}/named.pid"; session-keyfile "{{Folder}}/session.key";
            listen-on port {{Port}} { 127.0.0.1; }; listen-on-v6 { none; };
            recursion no; dnssec-validation no; notify no; check-names primary ignore; check-integrity no;
        };
        controls { };
        zone {{zone}} { type primary; file "{{ZoneFile}}"; allow-transfer { 127.0.0.1; }; };

        """;
}
