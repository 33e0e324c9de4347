using System.Text.Json;
using Oops.Lab.Harness;

namespace Oops.Lab.Doctor;

/// <summary>Real servers and a real router, set up as little as they can be, and what `oops doctor` says of them.</summary>
internal sealed class Ward : IAsyncDisposable
{
    readonly Dictionary<string, (string Config, string[] Line, LabProcess? Process)> patients = new(StringComparer.Ordinal);

    public string Folder { get; } = Harness.Lab.FreshDirectory("doctor");

    public string OwnConfig => Path.Combine(Folder, "oops.yaml");

    public string ConfigOf(string word) => patients[word].Config;

    public LabProcess Process(string word) => patients[word].Process!;

    /// <summary>Writes a configuration (HERE stands for a folder of its own) and starts the server with it.</summary>
    public async Task AdmitAsync(string word, string file, string config, params string[] line)
    {
        var folder = Path.Combine(Folder, word);
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, file);
        await File.WriteAllTextAsync(path, config.Replace("HERE", folder, StringComparison.Ordinal));
        patients[word] = (path, [.. line.Select(w => w.Replace("HERE", folder, StringComparison.Ordinal))], null);
        await StartAsync(word);
    }

    /// <summary>Ends it, if it runs, and starts it with the configuration as it is now.</summary>
    public async Task StartAsync(string word)
    {
        var (config, line, process) = patients[word];
        if (process is not null)
        {
            await process.EndAsync();
            await process.DisposeAsync();
        }

        patients[word] = (config, line, LabProcess.Start(Path.Combine(Folder, word + ".log"), line));
    }

    /// <summary>What it prints with these arguments, and its exit code.</summary>
    public Task<(int Code, string Text)> AskAsync(params string[] arguments) => OopsDaemon.RunProgramAsync([OopsDaemon.Binary!, "doctor", .. arguments]);

    /// <summary>The report, as the servers are now.</summary>
    public async Task<JsonElement> ReportAsync()
    {
        string[] own = File.Exists(OwnConfig) ? ["--config", OwnConfig] : [];
        var (_, text) = await AskAsync(["--json", .. own]);
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>The findings about one server, by their ids, with the lines to add to its configuration.</summary>
    public async Task<Dictionary<string, string[]>> FindingsAsync(string word)
    {
        var report = await ReportAsync();
        return report.GetProperty("findings").EnumerateArray().Where(f => f.GetProperty("subject").GetString()!.EndsWith("/" + word, StringComparison.Ordinal))
            .ToDictionary(f => f.GetProperty("id").GetString()!, f => f.GetProperty("add").EnumerateArray().Where(a => a.GetProperty("to").GetString() == ConfigOf(word)).SelectMany(a => a.GetProperty("lines").EnumerateArray().Select(l => l.GetString()!)).ToArray());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, _, process) in patients.Values)
            if (process is not null) await process.DisposeAsync();
    }
}
