namespace Oops.Lab.Harness;

/// <summary>GoBGP next to the DNS server: AS 64501, its API on a Unix socket, and one session over IPv4 with the upstream, for both families.</summary>
internal sealed class Gobgpd : IAsyncDisposable
{
    readonly string directory = Lab.FreshDirectory("gobgp");
    LabProcess? process;
    int launches;

    public string Socket => Path.Combine(directory, "api.sock");

    /// <summary>Where the API listens, as `--api-hosts` takes it.</summary>
    public string Hosts { get; set; } = "";

    /// <summary>More arguments of gobgpd.</summary>
    public string[] More { get; set; } = [];

    public LabProcess Process => process ?? throw new InvalidOperationException("not started");

    /// <summary>Starts it and waits for the session with the upstream, which must run.</summary>
    public async Task StartAsync()
    {
        await LaunchAsync();
        await EstablishedAsync();
    }

    /// <summary>Starts it and waits for its API only.</summary>
    public async Task LaunchAsync()
    {
        var config = Path.Combine(directory, "gobgpd.toml");
        await File.WriteAllTextAsync(config, $"""
            [global.config]
              as = {Lab.NodeAs}
              router-id = "{Lab.Node4}"
            [[neighbors]]
              [neighbors.config]
                neighbor-address = "{Lab.Upstream4}"
                peer-as = {Lab.UpstreamAs}
              [neighbors.timers.config]
                connect-retry = 2
                idle-hold-time-after-reset = 1
                hold-time = 9
                keepalive-interval = 3
              [[neighbors.afi-safis]]
                [neighbors.afi-safis.config]
                  afi-safi-name = "ipv4-unicast"
              [[neighbors.afi-safis]]
                [neighbors.afi-safis.config]
                  afi-safi-name = "ipv6-unicast"

            """);
        File.Delete(Socket);
        var log = Path.Combine(directory, $"gobgpd-{++launches}.log");
        await File.WriteAllTextAsync(log, "");
        process = LabProcess.Start(log, ["gobgpd", "-f", config, "--pprof-disable", "--api-hosts", Hosts.Length > 0 ? Hosts : "unix://" + Socket, .. More]);
        await Wait.UntilAsync("gobgpd has read its configuration", () => !process.Running || File.ReadAllText(process.Output).Contains("Add a peer configuration", StringComparison.Ordinal), state: () => process.Tail());
    }

    public Task EstablishedAsync() => Wait.UntilAsync("the BGP session is established", async () => (await TryAsync("neighbor")).Text.Contains("Establ", StringComparison.Ordinal),
        TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(100), () => Process.Tail());

    /// <summary>One command of somebody else, which must succeed.</summary>
    public async Task<string> RunAsync(params string[] command)
    {
        var (code, text) = await TryAsync(command);
        return code == 0 ? text : throw new InvalidOperationException($"gobgp {string.Join(' ', command)}: {text}");
    }

    Task<(int Code, string Text)> TryAsync(params string[] command) => OopsDaemon.RunProgramAsync([Lab.Find("gobgp")!, "--target", "unix://" + Socket, .. command]);

    public async ValueTask DisposeAsync()
    {
        if (process is not null) await process.DisposeAsync();
    }
}
