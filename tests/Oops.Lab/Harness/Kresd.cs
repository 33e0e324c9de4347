using System.Net;

namespace Oops.Lab.Harness;

/// <summary>A Knot Resolver on the node; several share its port, as kresd@1 and kresd@2 do.</summary>
internal sealed class Kresd : IAsyncDisposable
{
    public const int Port = 5317;

    readonly string directory = Lab.FreshDirectory("kresd");
    LabProcess? process;

    /// <summary>Its module stats is loaded.</summary>
    public bool Stats { get; set; } = true;

    /// <summary>Where its module http listens; null: it is not loaded.</summary>
    public IPEndPoint? Web { get; set; }

    public LabProcess Process => process ?? throw new InvalidOperationException("not started");

    public string Control => Path.Combine(directory, "control", "1");

    public async Task StartAsync()
    {
        Directory.CreateDirectory(Path.Combine(directory, "cache"));
        Directory.CreateDirectory(Path.Combine(directory, "control"));
        File.Delete(Control);
        string config = Path.Combine(directory, "kresd.conf");
        string web = Web is null ? "" : $$"""modules.load('http') net.listen('{{Web.Address}}', {{Web.Port}}, { kind = 'webmgmt', freebind = false })""";
        await File.WriteAllTextAsync(config, $$"""
            net.listen('127.0.0.1', {{Port}}, { kind = 'dns' })
            net.listen('{{Control}}', nil, { kind = 'control' })
            cache.storage = 'lmdb://{{directory}}/cache'
            cache.size = 10 * MB
            {{(Stats ? "modules.load('stats')" : "")}}
            {{web}}
            modules.unload('ta_update') modules.unload('ta_signal_query') modules.unload('priming') modules.unload('detect_time_skew')
            trust_anchors.remove('.')

            """);
        process = LabProcess.Start(Path.Combine(directory, "kresd.log"), Side.Node, null, "kresd", "-n", "-c", config, directory);
        await Wait.UntilAsync("kresd listens", () => File.Exists(Control) && Listens.At(new(IPAddress.Loopback, Port)) && (Web is null || Listens.At(Web)), state: () => Process.Tail());
    }

    public Task EndAsync(int signal = LabProcess.Term) => Process.EndAsync(signal);

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await process.DisposeAsync();
    }
}
