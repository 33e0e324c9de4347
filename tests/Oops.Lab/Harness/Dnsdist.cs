using System.Net;

namespace Oops.Lab.Harness;

/// <summary>A dnsdist on the node, before backends of its own choice.</summary>
internal sealed class Dnsdist : IAsyncDisposable
{
    public static readonly IPEndPoint Api = new(IPAddress.Loopback, 8083);
    public const int Port = 5316;

    readonly string directory = Lab.FreshDirectory("dnsdist");
    LabProcess? process;

    /// <summary>Lines of dnsdist.conf: newServer(...).</summary>
    public string Backends { get; set; } = "";

    public LabProcess Process => process ?? throw new InvalidOperationException("not started");

    public string KeyFile => Path.Combine(directory, "api.key");

    public async Task StartAsync()
    {
        ApiKey.File(directory);
        string config = Path.Combine(directory, "dnsdist.conf");
        await File.WriteAllTextAsync(config, $$"""
            setLocal("127.0.0.1:{{Port}}")
            setSecurityPollSuffix("")
            webserver("{{Api}}")
            setWebserverConfig({password="not-the-key", apiKey="{{ApiKey.Text}}", acl="127.0.0.0/8"})
            {{Backends}}

            """);
        process = LabProcess.Start(Path.Combine(directory, "dnsdist.log"), Side.Node, null, "dnsdist", "--supervised", "--disable-syslog", "-C", config);
        await Wait.UntilAsync("dnsdist listens", () => Listens.At(Api), state: () => Process.Tail());
    }

    public Task EndAsync(int signal = LabProcess.Term) => Process.EndAsync(signal);

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await process.DisposeAsync();
    }
}
