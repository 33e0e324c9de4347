using Oops.Actions.Bird;

namespace Oops.Lab.Harness;

/// <summary>The upstream router: AS 64500 on the other end of the veth. What is in its table is what the world sees.</summary>
internal sealed class UpstreamBird : IAsyncDisposable
{
    readonly string directory = Lab.FreshDirectory("upstream");
    LabProcess? process;

    public UpstreamBird() => Client = new BirdClient(Path.Combine(directory, "bird.ctl"), TimeSpan.FromSeconds(2), TimeProvider.System);

    public BirdClient Client { get; }

    /// <summary>More of its session with the node: a password, TTL security.</summary>
    public string Session { get; set; } = "";

    /// <summary>More protocols.</summary>
    public string Extra { get; set; } = "";

    /// <summary>The AS that it takes the node for.</summary>
    public int NodeAs { get; set; } = Lab.NodeAs;

    /// <summary>What it takes from the node: `all`, `none`, or another filter.</summary>
    public string Import { get; set; } = "all";

    public LabProcess Process => process ?? throw new InvalidOperationException("not started");

    public async Task StartAsync()
    {
        await WriteAsync();
        process = LabProcess.Start(Path.Combine(directory, "bird.log"), Side.Upstream, null, "bird", "-f", "-c", ConfigPath, "-s", Client.Path, "-P", Path.Combine(directory, "bird.pid"));
        await Wait.UntilAsync("the upstream's bird answers", async () => (await Client.AskAsync("show status", default)).Reply is not null, state: () => process.Tail());
    }

    /// <summary>Another filter from now on; the session stays.</summary>
    public async Task FilterAsync(string import)
    {
        Import = import;
        await WriteAsync();
        _ = await Client.AskAsync("configure", default);
    }

    string ConfigPath => Path.Combine(directory, "bird.conf");

    // "debug all" on the session: the log has every UPDATE, which is how the tests count withdraws.
    Task WriteAsync() => File.WriteAllTextAsync(ConfigPath, $$"""
            router id {{Lab.Upstream4}};
            log stderr all;
            protocol device {}
            protocol bgp node {
                local {{Lab.Upstream4}} as {{Lab.UpstreamAs}};
                neighbor {{Lab.Node4}} as {{NodeAs}};
                connect retry time 2; connect delay time 1; error wait time 1,2;
                debug { routes };
                {{Session}}
                ipv4 { import {{Import}}; export none; };
                ipv6 { import {{Import}}; export none; };
            }
            {{Extra}}

            """);

    public Task<IReadOnlyList<UpstreamRoute>> TableAsync() => BirdTable.ReadAsync(Client);

    public async Task<UpstreamRoute?> RouteAsync(string prefix) => (await TableAsync()).FirstOrDefault(r => r.Prefix == prefix);

    /// <summary>Waits until the prefix is in the table, and as wanted.</summary>
    public Task<TimeSpan> HasAsync(string prefix, Func<UpstreamRoute, bool>? like = null, TimeSpan? deadline = null) =>
        Wait.UntilAsync($"{prefix} is in the upstream's table", async () => await RouteAsync(prefix) is { } route && (like is null || like(route)), deadline, state: () => Process.Tail(5));

    public Task<TimeSpan> LacksAsync(string prefix, TimeSpan? deadline = null) =>
        Wait.UntilAsync($"{prefix} is gone from the upstream's table", async () => await RouteAsync(prefix) is null, deadline, state: () => Process.Tail(5));

    /// <summary>How often a prefix was withdrawn since the start; BIRD logs "node.ipv4 &gt; removed [sole] PREFIX".</summary>
    public int Withdraws(string prefix) => File.ReadLines(Process.Output).Count(l => l.Contains("> removed", StringComparison.Ordinal) && l.Contains(" " + prefix + " ", StringComparison.Ordinal));

    /// <summary>How often a prefix was added or replaced since the start.</summary>
    public int Updates(string prefix) => File.ReadLines(Process.Output).Count(l => (l.Contains("> added", StringComparison.Ordinal) || l.Contains("> updated", StringComparison.Ordinal)) && l.Contains(" " + prefix + " ", StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (process is not null)
            await process.DisposeAsync();
    }
}
