using System.Diagnostics;

namespace Oops.Lab.Harness;

/// <summary>The daemon as an operator runs it: the built program, a config file, a control socket. Nothing of it is called in-process.</summary>
internal sealed class OopsDaemon : IAsyncDisposable
{
    readonly string directory = Lab.FreshDirectory("oops");
    LabProcess? process;
    string? state;

    public LabProcess Process => process ?? throw new InvalidOperationException("not started");

    public string RuntimeDirectory => Path.Combine(directory, "run");

    public string ControlSocket => Path.Combine(RuntimeDirectory, "control.sock");

    /// <summary>Where the journal is; on a disk of its own if a test sets it.</summary>
    public string StateDirectory { get => state ?? Path.Combine(directory, "state"); set => state = value; }

    /// <summary>More environment, as systemd would give it.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; set; }

    /// <summary>A program and its arguments that start it.</summary>
    public string[] Before { get; set; } = [];

    public string ConfigPath => Path.Combine(directory, "oops.yaml");

    /// <summary>OOPS_BIN, or the newest build: published, `make build`'s, or that of the solution. Null: none was built.</summary>
    public static string? Binary { get; } = FindBinary();

    /// <summary>Writes the config (the folders and the socket are added to it) and starts the daemon; returns when its control socket answers.</summary>
    public async Task StartAsync(string yaml)
    {
        Directory.CreateDirectory(RuntimeDirectory);
        await WriteAsync(yaml);
        await LaunchAsync();
    }

    public async Task LaunchAsync()
    {
        string binary = Binary ?? throw new InvalidOperationException("oops is not built: make build");
        File.Delete(ControlSocket);
        process = LabProcess.Start(Path.Combine(directory, "oops.log"), Side.Node, Environment, [.. Before, binary, "run", "--config", ConfigPath]);
        await Wait.UntilAsync("oops answers on its control socket", async () => !process.Running || (File.Exists(ControlSocket) && (await RunAsync("status")).Code == 0),
            TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(100), () => process.Tail(30));
        if (!process.Running)
            throw new InvalidOperationException("oops ended at once\n" + process.Tail(30));
    }

    public Task WriteAsync(string yaml) => File.WriteAllTextAsync(ConfigPath, $"{yaml}\nstate-directory: {StateDirectory}\nruntime-directory: {RuntimeDirectory}\n");

    /// <summary>`oops VERB ...` against this daemon: exit code and what it printed.</summary>
    public Task<(int Code, string Text)> RunAsync(params string[] arguments) => RunProgramAsync([Binary!, .. arguments, "--socket", ControlSocket]);

    /// <summary>A program to its end: exit code and what it printed.</summary>
    public static async Task<(int Code, string Text)> RunProgramAsync(params string[] argv)
    {
        var start = new ProcessStartInfo(argv[0]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (string argument in argv[1..])
            start.ArgumentList.Add(argument);
        using var process = System.Diagnostics.Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string text = await process.StandardOutput.ReadToEndAsync();
        text += await error;
        await process.WaitForExitAsync();
        return (process.ExitCode, text.TrimEnd());
    }

    /// <summary>The same, which must succeed.</summary>
    public static async Task DoProgramAsync(params string[] argv)
    {
        (int code, string text) = await RunProgramAsync(argv);
        if (code != 0)
            throw new InvalidOperationException($"{string.Join(' ', argv)}: exit {code}: {text}");
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await process.DisposeAsync();
    }

    static string? FindBinary()
    {
        if (System.Environment.GetEnvironmentVariable("OOPS_BIN") is { Length: > 0 } named)
            return named;
        if (Lab.Repository is not { } repository)
            return null;
        string[] places = ["artifacts/publish/oops", "artifacts/bin/oops", "src/Oops/bin/Release/net10.0/oops", "src/Oops/bin/Debug/net10.0/oops"];
        return places.Select(p => Path.Combine(repository, p)).Where(File.Exists).OrderByDescending(File.GetLastWriteTimeUtc).FirstOrDefault();
    }
}
