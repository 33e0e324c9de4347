using Oops.Actions.Exabgp;

namespace Oops.Lab.Harness;

/// <summary>The router next to the DNS server: an ExaBGP of AS 64501 with its named pipes, and one session over IPv4 to the upstream.</summary>
internal sealed class Exabgp : IAsyncDisposable
{
    readonly string directory = Lab.FreshDirectory("exabgp");
    LabProcess? process;

    /// <summary>The folder is one of those that ExaBGP looks in; the name is this one's own.</summary>
    public string Pipes => "/run/exabgp/" + Path.GetFileName(directory);

    public string ConfigPath => Path.Combine(directory, "exabgp.conf");

    public LabProcess Process => process ?? throw new InvalidOperationException("not started");

    /// <summary>It runs `oops exabgp-relay`, by which the action speaks to it.</summary>
    public bool HasRelay { get; set; }

    /// <summary>And its neighbor has that under `api`.</summary>
    public bool HasApi { get; set; } = true;

    public string RelaySocket => Path.Combine(directory, "oops.sock");

    /// <summary>More blocks, before that of the neighbor.</summary>
    public string Before { get; set; } = "";

    /// <summary>More of the neighbor's block.</summary>
    public string Extra { get; set; } = "";

    /// <summary>What the action's config says of this one.</summary>
    public ExabgpConfig Config(TimeSpan? timeout = null) => new() { Name = "edge", Pipes = Pipes, Socket = HasRelay ? RelaySocket : null, NextHop6 = Lab.Node6, Timeout = timeout ?? TimeSpan.FromSeconds(5) };

    public async Task WriteConfigAsync() => await File.WriteAllTextAsync(ConfigPath, $$"""
        {{(HasRelay ? $"process oops {{ run {OopsDaemon.Binary} exabgp-relay --socket {RelaySocket}; encoder text; }}" : "")}}
        {{Before}}
        neighbor {{Lab.Upstream4}} {
            router-id {{Lab.Node4}};
            local-address {{Lab.Node4}};
            local-as {{Lab.NodeAs}};
            peer-as {{Lab.UpstreamAs}};
            {{Extra}}
            {{(HasRelay && HasApi ? "api { processes [ oops ]; }" : "")}}
            family { ipv4 unicast; ipv6 unicast; }
        }

        """);

    /// <summary>Starts it and waits for the session with the upstream, which must run.</summary>
    public async Task StartAsync()
    {
        await WriteConfigAsync();
        await MakePipesAsync();
        await LaunchAsync();
        await EstablishedAsync();
    }

    /// <summary>As Debian's unit does before each start, but for the mode.</summary>
    public async Task MakePipesAsync()
    {
        Directory.CreateDirectory("/run/exabgp");
        foreach (string pipe in (string[])[Pipes + ".in", Pipes + ".out"])
        {
            File.Delete(pipe);
            await OopsDaemon.DoProgramAsync("mkfifo", "-m", "600", pipe);
        }
    }

    public async Task LaunchAsync()
    {
        process = LabProcess.Start(Path.Combine(directory, "exabgp.log"), Side.Node, Environment, "exabgp", ConfigPath);
        await Wait.UntilAsync("exabgp reads its pipe", async () => !process.Running || (await CliAsync("version")).Contains("exabgp 4", StringComparison.Ordinal), step: TimeSpan.FromMilliseconds(50), state: () => process.Tail());
    }

    public Task EstablishedAsync() => Wait.UntilAsync("the BGP session is established", async () => (await CliAsync("show neighbor summary")).Contains(" established ", StringComparison.Ordinal),
        TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(100), () => Process.Tail());

    /// <summary>Debian's client, which is any other user of the pipes: what it printed.</summary>
    public async Task<string> CliAsync(string command) => (await OopsDaemon.RunProgramAsync(["env", .. Environment.Select(e => $"{e.Key}={e.Value}"), "exabgpcli", .. command.Split(' ')])).Text;

    /// <summary>How often its log has this.</summary>
    public int Logged(string text) => File.ReadLines(Process.Output).Count(l => l.Contains(text, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await process.DisposeAsync();
    }

    Dictionary<string, string> Environment => new()
    {
        ["exabgp_api_pipename"] = Path.GetFileName(Pipes),
        ["exabgp_daemon_daemonize"] = "false",
        ["exabgp_daemon_drop"] = "false",
        ["exabgp_daemon_user"] = "root",
    };
}
