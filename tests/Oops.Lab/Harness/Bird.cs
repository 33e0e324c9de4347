using Oops.Actions.Bird;

namespace Oops.Lab.Harness;

/// <summary>The router next to the DNS server: AS 64501, with the include glob that `oops sample bird` shows and one session to the upstream.</summary>
internal sealed class Bird : IAsyncDisposable
{
    readonly string directory = Lab.FreshDirectory("bird");
    LabProcess? process;

    public Bird()
    {
        IncludeDirectory = Path.Combine(directory, "oops");
        Directory.CreateDirectory(IncludeDirectory);
        Client = new BirdClient(Socket, TimeSpan.FromSeconds(2), TimeProvider.System);
    }

    public string Socket => Path.Combine(directory, "bird.ctl");

    public string ConfigPath => Path.Combine(directory, "bird.conf");

    /// <summary>Where the files live that the glob takes in.</summary>
    public string IncludeDirectory { get; }

    /// <summary>The glob, as in the config of the `bird` action.</summary>
    public string Include => Path.Combine(IncludeDirectory, "bird-*.conf");

    /// <summary>More of bird.conf, for a second writer's protocols.</summary>
    public string Extra { get; set; } = "";

    /// <summary>What its session exports: `filter oops_out`, as `oops sample bird` shows it, `all`, or another.</summary>
    public string Export { get; set; } = "filter oops_out";

    /// <summary>A client of the tests' own.</summary>
    public BirdClient Client { get; }

    public LabProcess Process => process ?? throw new InvalidOperationException("not started");

    public async Task WriteConfigAsync() => await File.WriteAllTextAsync(ConfigPath, $$"""
        router id {{Lab.Node4}};
        log stderr all;
        protocol device {}
        include "{{Include}}";
        {{Extra}}
        filter oops_out {
            if proto ~ "oops_*" && defined(bgp_med) then bgp_med = bgp_med;
            if proto ~ "oops_*" then accept;
            if proto ~ "other_*" then accept;
            reject;
        }
        protocol bgp up {
            local {{Lab.Node4}} as {{Lab.NodeAs}};
            neighbor {{Lab.Upstream4}} as {{Lab.UpstreamAs}};
            connect retry time 2; connect delay time 1; error wait time 1,2;
            ipv4 { import none; export {{Export}}; next hop self; };
            ipv6 { import none; export {{Export}}; next hop address {{Lab.Node6}}; };
        }

        """);

    /// <summary>Starts it and waits for the session with the upstream, which must run.</summary>
    public async Task StartAsync()
    {
        await WriteConfigAsync();
        await LaunchAsync();
        await EstablishedAsync();
    }

    /// <summary>Starts it with the configuration that is there, and waits for its control socket only.</summary>
    public async Task LaunchAsync()
    {
        process = LabProcess.Start(Path.Combine(directory, "bird.log"), "bird", "-f", "-c", ConfigPath, "-s", Socket, "-P", Path.Combine(directory, "bird.pid"));
        await Wait.UntilAsync("bird answers", async () => (await Client.AskAsync("show status", default)).Reply is not null || !process.Running, state: () => process.Tail());
    }

    public Task EstablishedAsync() => Wait.UntilAsync("the BGP session is established",
        async () => (await Client.AskAsync("show protocols up", default)).Reply is { Ok: true } r && r.Lines.Any(l => l.Text.Contains("Established", StringComparison.Ordinal)),
        TimeSpan.FromSeconds(15), state: () => Process.Tail());

    /// <summary>One command, which must succeed.</summary>
    public async Task<BirdReply> AskAsync(string command)
    {
        BirdAnswer answer = await Client.AskAsync(command, default);
        return answer.Refusal is { } why ? throw new InvalidOperationException($"{command}: {why}") : answer.Reply!;
    }

    /// <summary>The state column of `show protocols`, once it is not on its way down ("flush", "stop"): "up", "down", "start"; null: there is no such protocol.</summary>
    public async Task<string?> StateOfAsync(string protocol)
    {
        string? state = null;
        await Wait.UntilAsync(protocol + " is not on its way down", async () => (state = await LookAsync(protocol)) is not ("flush" or "stop"));
        return state;
    }

    async Task<string?> LookAsync(string protocol)
    {
        BirdReply reply = await AskAsync("show protocols");
        string[]? row = reply.With(1002).Select(t => t.Split(' ', StringSplitOptions.RemoveEmptyEntries)).FirstOrDefault(r => r[0] == protocol);
        return row?[3];
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (process is not null)
            await process.DisposeAsync();
    }
}
