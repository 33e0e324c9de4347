using System.Globalization;
using System.Text;

namespace Oops.Lab.Harness;

/// <summary>The server under test: an NSD on the node, answering on the node's and the anycast addresses, with zones of its own (files) or as a secondary of <see cref="PrimaryKnotd"/>.</summary>
internal sealed class Nsd : IAsyncDisposable
{
    readonly string directory = Lab.FreshDirectory("nsd");
    LabProcess? process;

    /// <summary>Zones with a file of their own.</summary>
    public IReadOnlyList<string> Files { get; set; } = [];

    /// <summary>Zones fetched from <see cref="PrimaryKnotd"/>.</summary>
    public IReadOnlyList<string> Secondary { get; set; } = [];

    /// <summary>They are always fetched as a whole.</summary>
    public bool Axfr { get; set; }

    /// <summary>Its control is TLS at 127.0.0.1@8952, with certificates by nsd-control-setup; else a Unix socket.</summary>
    public bool Tls { get; set; }

    public string PidFile => Path.Combine(directory, "nsd.pid");

    public string Control => Path.Combine(directory, "nsd.ctl");

    public string Log => Path.Combine(directory, "nsd.log");

    public string ServerCert => Path.Combine(directory, "nsd_server.pem");

    public string Key => Path.Combine(directory, "nsd_control.key");

    public string Cert => Path.Combine(directory, "nsd_control.pem");

    string ConfigPath => Path.Combine(directory, "nsd.conf");

    public LabProcess Process => process ?? throw new InvalidOperationException("not started");

    /// <summary>The head of a configuration, by which a server writes into one folder alone; sections may follow, or more of `remote-control`.</summary>
    /// <param name="folder">Which.</param>
    /// <param name="control">The socket or address of its control; null: it has none.</param>
    /// <param name="server">Its own lines of the section `server`, the addresses first.</param>
    public static string Head(string folder, string? control, params IReadOnlyList<string> server)
    {
        string[] section =
        [
            .. server, "username: \"\"", "chroot: \"\"", $"zonesdir: \"{folder}\"", "database: \"\"", $"pidfile: \"{folder}/nsd.pid\"", $"xfrdfile: \"{folder}/xfrd.state\"", $"xfrdir: \"{folder}\"",
            $"zonelistfile: \"{folder}/zone.list\"", "server-count: 1",
        ];
        return $"server:\n  {string.Join("\n  ", section)}\nremote-control:\n  control-enable: {(control is null ? "no" : $"yes\n  control-interface: \"{control}\"")}";
    }

    /// <summary>Starts NSD; returns as soon as the process is there, not when it answers.</summary>
    public async Task LaunchAsync()
    {
        await WriteAsync();
        if (Tls && !File.Exists(Cert))
        {
            (int code, string text) = await OopsDaemon.RunProgramAsync(Lab.Find("nsd-control-setup")!, "-d", directory);
            if (code != 0)
                throw new InvalidOperationException(text);
        }

        process = LabProcess.Start(Log, "nsd", "-d", "-c", ConfigPath);
    }

    /// <summary>Starts NSD and waits for its control to answer.</summary>
    public async Task StartAsync()
    {
        File.Delete(Control);
        await LaunchAsync();
        await Wait.UntilAsync("NSD answers on its control socket", async () => (Tls || File.Exists(Control)) && (await RunControlAsync("status")).Code == 0,
            TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(50), () => Process.Tail());
    }

    /// <summary>nsd-control, for what only an operator does: "reload", "addzone" ...</summary>
    public async Task<string> ControlAsync(params string[] arguments)
    {
        (int code, string text) = await RunControlAsync(arguments);
        return code == 0 ? text : throw new InvalidOperationException($"nsd-control {string.Join(' ', arguments)}: {text}");
    }

    /// <summary>Writes a zone's file; NSD reads it at `reload`.</summary>
    public Task WriteZoneAsync(string zone, string text) => ZoneText.WriteAsync(Path.Combine(directory, zone + ".zone"), text);

    public Task EndAsync(int signal = LabProcess.Term) => Process.EndAsync(signal);

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await process.DisposeAsync();
    }

    Task<(int Code, string Text)> RunControlAsync(params string[] arguments) => OopsDaemon.RunProgramAsync([Lab.Find("nsd-control") ?? "nsd-control", "-c", ConfigPath, .. arguments]);

    async Task WriteAsync()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            {Head(directory, Tls ? "127.0.0.1" : Control, "ip-address: 127.0.0.1@53", $"ip-address: {Lab.Node4}@53", $"ip-address: {Lab.Anycast4}@53", "xfrd-reload-timeout: 0")}
                server-key-file: "{directory}/nsd_server.key"
                server-cert-file: "{ServerCert}"
                control-key-file: "{Key}"
                control-cert-file: "{Cert}"

            """);
        foreach (string zone in Secondary)
            text.Append(CultureInfo.InvariantCulture, $"key:\n  name: \"{PrimaryKnotd.KeyName(zone)}\"\n  algorithm: hmac-sha256\n  secret: \"{PrimaryKnotd.Secret}\"\n");
        foreach (string zone in Files)
        {
            if (!File.Exists(Path.Combine(directory, zone + ".zone")))
                await WriteZoneAsync(zone, ZoneText.Of(zone, 100, new ZoneTimers()));
            text.Append(CultureInfo.InvariantCulture, $"zone:\n  name: \"{zone}\"\n  zonefile: \"{zone}.zone\"\n");
        }

        foreach (string zone in Secondary)
            text.Append(CultureInfo.InvariantCulture, $"zone:\n  name: \"{zone}\"\n  zonefile: \"{zone}.zone\"\n  request-xfr: {(Axfr ? "AXFR " : "")}{Lab.Upstream4}@53 {PrimaryKnotd.KeyName(zone)}\n  allow-notify: {Lab.Upstream4} NOKEY\n");
        await File.WriteAllTextAsync(ConfigPath, text.ToString());
    }
}
