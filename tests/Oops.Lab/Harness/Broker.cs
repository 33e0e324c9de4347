using System.Net;

namespace Oops.Lab.Harness;

/// <summary>A real MQTT broker on 127.0.0.1, and those who listen to it: by Mosquitto's own client.</summary>
internal sealed class Broker : IAsyncDisposable
{
    public const int Port = 1884;

    LabProcess? process;

    public string Folder { get; } = Lab.FreshDirectory("broker");

    /// <summary>Lines of mosquitto.conf; what listens is among them.</summary>
    public string Config { get; set; } = $"listener {Port} 127.0.0.1\nallow_anonymous true";

    /// <summary>What is retained outlives it, as it does in operation.</summary>
    public bool Persists { get; set; }

    public LabProcess Process => process ?? throw new InvalidOperationException("not started");

    public async Task StartAsync()
    {
        string config = Path.Combine(Folder, "mosquitto.conf");
        // It would leave root for a user who may not enter the lab's folders.
        await File.WriteAllTextAsync(config, $"user root\npersistence {(Persists ? $"true\npersistence_location {Folder}/" : "false")}\nlog_type all\n{Config}\n");
        await RunAsync("mosquitto", "-c", config);
    }

    /// <summary>Another broker, which knows MQTT 3.1.1 alone.</summary>
    public async Task StartNatsAsync()
    {
        string config = Path.Combine(Folder, "nats.conf");
        await File.WriteAllTextAsync(config, $"server_name: lab\nlisten: 127.0.0.1:4222\njetstream {{ store_dir: \"{Folder}/js\" }}\nmqtt {{ listen: \"127.0.0.1:{Port}\" }}\n");
        await RunAsync("nats-server", "-c", config);
    }

    public async Task StopAsync() => await Process.EndAsync();

    /// <summary>What is retained, as who comes late gets it: topic, blank, payload. Nothing else within a second.</summary>
    public static async Task<IReadOnlyList<string>> RetainedAsync(string filter = "dns-oops/v1/#", params string[] more)
    {
        (_, string text) = await OopsDaemon.RunProgramAsync([Lab.Find("mosquitto_sub")!, "-h", "127.0.0.1", "-p", $"{Port}", "-t", filter, "--retained-only", "-W", "1", "-v", .. more]);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l.StartsWith("dns-oops/", StringComparison.Ordinal))];
    }

    /// <summary>Somebody who listens from now on; what he hears is in his output, as `retained topic payload`.</summary>
    public LabProcess Listen(string name, params string[] more) =>
        LabProcess.Start(Path.Combine(Folder, name), [Lab.Find("mosquitto_sub")!, "-h", "127.0.0.1", "-p", $"{Port}", "-t", "dns-oops/v1/#", "-F", "%r %t %p", .. more]);

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await process.DisposeAsync();
    }

    async Task RunAsync(params string[] argv)
    {
        process = LabProcess.Start(Path.Combine(Folder, "log"), argv);
        await Wait.UntilAsync("the broker listens", () => Listens.At(new IPEndPoint(IPAddress.Loopback, Port)), state: () => process.Tail());
    }
}
