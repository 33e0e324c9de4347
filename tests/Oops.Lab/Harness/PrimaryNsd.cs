using System.Globalization;
using System.Text;

namespace Oops.Lab.Harness;

/// <summary>A primary that gives its zones to anybody: an NSD on the upstream's side, 10.99.0.2 port 53. Ended, its secondaries cannot refresh; started again, they can.</summary>
internal sealed class PrimaryNsd(params string[] zones) : IAsyncDisposable
{
    readonly string directory = Lab.FreshDirectory("primary-nsd");
    LabProcess? process;

    public LabProcess Process => process ?? throw new InvalidOperationException("not started");

    /// <summary>Of all its zones, from the next start on.</summary>
    public uint Serial { get; set; } = 100;

    public async Task StartAsync()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            {Nsd.Head(directory, directory + "/nsd.ctl", $"ip-address: {Lab.Upstream4}@53")}

            """);
        foreach (string zone in zones)
        {
            await File.WriteAllTextAsync(Path.Combine(directory, zone + ".zone"), ZoneText.Of(zone, Serial, new ZoneTimers()));
            text.Append(CultureInfo.InvariantCulture, $"zone:\n  name: \"{zone}\"\n  zonefile: \"{zone}.zone\"\n  provide-xfr: 0.0.0.0/0 NOKEY\n");
        }

        string config = Path.Combine(directory, "nsd.conf");
        await File.WriteAllTextAsync(config, text.ToString());
        process = LabProcess.Start(Path.Combine(directory, "nsd.log"), Side.Upstream, null, "nsd", "-d", "-c", config);
        await Wait.UntilAsync("the primary's NSD runs", async () => (await OopsDaemon.RunProgramAsync("nsenter", "--net=" + Lab.UpstreamNamespace, "--", Lab.Find("nsd-control")!, "-c", config, "status")).Code == 0,
            TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(50), () => Process.Tail());
    }

    public Task EndAsync() => Process.EndAsync();

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await process.DisposeAsync();
    }
}
