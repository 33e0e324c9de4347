using System.Globalization;
using System.Text;

namespace Oops.Lab.Harness;

/// <summary>The server under test: an Unbound on the node with auth zones, from files or from <see cref="PrimaryKnotd"/>, or none.</summary>
internal sealed class UnboundServer : IAsyncDisposable
{
    readonly string directory = Lab.FreshDirectory("unbound");
    LabProcess? process;

    /// <summary>Auth zones with a file.</summary>
    public IReadOnlyList<string> Files { get; set; } = [];

    /// <summary>Auth zones fetched from an NSD or knotd at <see cref="Lab.Upstream4"/>, without a key.</summary>
    public IReadOnlyList<string> Secondary { get; set; } = [];

    /// <summary>Its control is TLS at 127.0.0.1@8953, with certificates by unbound-control-setup; else a Unix socket.</summary>
    public bool Tls { get; set; }

    public string PidFile => Path.Combine(directory, "unbound.pid");

    public string Control => Path.Combine(directory, "unbound.ctl");

    public string ServerCert => Path.Combine(directory, "unbound_server.pem");

    public string Key => Path.Combine(directory, "unbound_control.key");

    public string Cert => Path.Combine(directory, "unbound_control.pem");

    string ConfigPath => Path.Combine(directory, "unbound.conf");

    public LabProcess Process => process ?? throw new InvalidOperationException("not started");

    /// <summary>Starts Unbound and waits for its control to answer.</summary>
    public async Task StartAsync()
    {
        await WriteAsync();
        if (Tls && !File.Exists(Cert))
        {
            (int failed, string why) = await OopsDaemon.RunProgramAsync(Lab.Find("unbound-control-setup")!, "-d", directory);
            if (failed != 0)
                throw new InvalidOperationException(why);
        }

        File.Delete(Control);
        process = LabProcess.Start(Path.Combine(directory, "unbound.log"), "unbound", "-d", "-c", ConfigPath);
        await Wait.UntilAsync("Unbound answers on its control socket", async () => (await RunControlAsync("status")).Code == 0, TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(50), () => Process.Tail());
    }

    /// <summary>unbound-control, for what only an operator does.</summary>
    public async Task<string> ControlAsync(params string[] arguments)
    {
        (int code, string text) = await RunControlAsync(arguments);
        return code == 0 ? text : throw new InvalidOperationException($"unbound-control {string.Join(' ', arguments)}: {text}");
    }

    public Task EndAsync(int signal = LabProcess.Term) => Process.EndAsync(signal);

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await process.DisposeAsync();
    }

    Task<(int Code, string Text)> RunControlAsync(params string[] arguments) => OopsDaemon.RunProgramAsync([Lab.Find("unbound-control") ?? "unbound-control", "-c", ConfigPath, .. arguments]);

    async Task WriteAsync()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            server:
                directory: "{directory}"
                chroot: ""
                username: ""
                pidfile: "{PidFile}"
                use-syslog: no
                do-daemonize: no
                interface: 127.0.0.1@53
                num-threads: 1
                module-config: "iterator"
                local-zone: "test." nodefault
            remote-control:
                control-enable: yes
                control-interface: {(Tls ? "127.0.0.1" : Control)}
                server-key-file: "{directory}/unbound_server.key"
                server-cert-file: "{ServerCert}"
                control-key-file: "{Key}"
                control-cert-file: "{Cert}"

            """);
        foreach (string zone in Files)
        {
            await File.WriteAllTextAsync(Path.Combine(directory, zone + ".zone"), ZoneText.Of(zone, 100, new ZoneTimers()));
            text.Append(CultureInfo.InvariantCulture, $"auth-zone:\n  name: \"{zone}\"\n  zonefile: \"{zone}.zone\"\n  for-downstream: yes\n");
        }

        foreach (string zone in Secondary)
            text.Append(CultureInfo.InvariantCulture, $"auth-zone:\n  name: \"{zone}\"\n  zonefile: \"{zone}.zone\"\n  primary: {Lab.Upstream4}\n  fallback-enabled: no\n  for-downstream: yes\n");
        await File.WriteAllTextAsync(ConfigPath, text.ToString());
    }
}
