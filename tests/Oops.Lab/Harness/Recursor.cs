using System.Net;

namespace Oops.Lab.Harness;

/// <summary>A PowerDNS Recursor on the node, which forwards `forwarded.test` to nobody.</summary>
internal sealed class Recursor : IAsyncDisposable
{
    public static readonly IPEndPoint Api = new(IPAddress.Loopback, 8082);
    public const int Port = 5315;

    readonly string directory = Lab.FreshDirectory("recursor");
    LabProcess? process;

    public LabProcess Process => process ?? throw new InvalidOperationException("not started");

    public string KeyFile => Path.Combine(directory, "api.key");

    public async Task StartAsync()
    {
        ApiKey.File(directory);
        await File.WriteAllTextAsync(Path.Combine(directory, "recursor.conf"), $"""
            local-address=127.0.0.1
            local-port={Port}
            config-dir={directory}
            socket-dir={directory}
            setuid=
            setgid=
            daemon=no
            disable-syslog=yes
            threads=1
            hint-file=no
            forward-zones=forwarded.test=127.0.0.1:5
            webserver=yes
            webserver-address=127.0.0.1
            webserver-port={Api.Port}
            webserver-allow-from=127.0.0.1
            webserver-password=not-the-key
            api-key={ApiKey.Text}
            security-poll-suffix=

            """);
        process = LabProcess.Start(Path.Combine(directory, "recursor.log"), Side.Node, null, "pdns_recursor", $"--config-dir={directory}");
        await Wait.UntilAsync("pdns_recursor listens", () => Listens.At(Api), state: () => Process.Tail());
    }

    public Task EndAsync(int signal = LabProcess.Term) => Process.EndAsync(signal);

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await process.DisposeAsync();
    }
}
