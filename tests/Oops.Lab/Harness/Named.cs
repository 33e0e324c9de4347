using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Oops.Lab.Harness;

/// <summary>The server under test: a named on the node, answering on the node's and the anycast addresses, with zones of its own (files) or as a secondary of <see cref="PrimaryKnotd"/>.</summary>
internal sealed class Named : IAsyncDisposable
{
    public const string StatisticsLine = "statistics-channels { inet 127.0.0.1 port 8053 allow { 127.0.0.1; }; };";

    readonly string directory = Lab.FreshDirectory("named");
    LabProcess? process;

    /// <summary>Zones with a file of their own, served as a primary.</summary>
    public IReadOnlyList<string> Files { get; set; } = [];

    /// <summary>Zones fetched from <see cref="PrimaryKnotd"/>.</summary>
    public IReadOnlyList<string> Secondary { get; set; } = [];

    /// <summary>More of named.conf, at its end.</summary>
    public string More { get; set; } = "";

    /// <summary>More options.</summary>
    public string Options { get; set; } = "";

    /// <summary>The line of the statistics channel; empty: none.</summary>
    public string Statistics { get; set; } = StatisticsLine;

    public string PidFile => Path.Combine(directory, "named.pid");

    public string Log => Path.Combine(directory, "named.log");

    public LabProcess Process => process ?? throw new InvalidOperationException("not started");

    string ConfigPath => Path.Combine(directory, "named.conf");

    public string PathOf(string file) => Path.Combine(directory, file);

    /// <summary>Starts named and waits for it to answer rndc.</summary>
    public async Task StartAsync()
    {
        await WriteAsync();
        process = LabProcess.Start(Log, Side.Node, null, "named", "-f", "-c", ConfigPath);
        await Wait.UntilAsync("named answers rndc", async () => (await RunRndcAsync("status")).Code == 0, TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(50), () => Process.Tail());
    }

    /// <summary>rndc, for what only an operator does.</summary>
    public async Task<string> RndcAsync(params string[] arguments)
    {
        (int code, string text) = await RunRndcAsync(arguments);
        return code == 0 ? text : throw new InvalidOperationException($"rndc {string.Join(' ', arguments)}: {text}");
    }

    /// <summary>Takes what the properties say now.</summary>
    public async Task ReconfigureAsync()
    {
        await WriteAsync();
        await RndcAsync("reconfig");
    }

    public Task EndAsync(int signal = LabProcess.Term) => Process.EndAsync(signal);

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await process.DisposeAsync();
    }

    async Task<(int Code, string Text)> RunRndcAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Lab.Find("rndc") ?? "rndc") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (string argument in (string[])["-c", PathOf("rndc.conf"), .. arguments])
            start.ArgumentList.Add(argument);
        using var rndc = System.Diagnostics.Process.Start(start)!;
        Task<string> error = rndc.StandardError.ReadToEndAsync();
        string text = await rndc.StandardOutput.ReadToEndAsync();
        text += await error;
        await rndc.WaitForExitAsync();
        return (rndc.ExitCode, text.Trim());
    }

    async Task WriteAsync()
    {
        string key = $"key \"rndc\" {{ algorithm hmac-sha256; secret \"{PrimaryKnotd.Secret}\"; }};\n";
        await File.WriteAllTextAsync(PathOf("rndc.conf"), key + "options { default-key \"rndc\"; default-server 127.0.0.1; default-port 953; };\n");
        var text = new StringBuilder(key);
        text.Append(CultureInfo.InvariantCulture, $$"""
            controls { inet 127.0.0.1 port 953 allow { 127.0.0.1; } keys { "rndc"; }; };
            {{Statistics}}
            options {
                directory "{{directory}}";
                pid-file "{{PidFile}}";
                lock-file none;
                session-keyfile "{{directory}}/session.key";
                managed-keys-directory "{{directory}}";
                listen-on port 53 { 127.0.0.1; {{Lab.Node4}}; {{Lab.Anycast4}}; };
                listen-on-v6 { none; };
                recursion no;
                dnssec-validation no;
                notify no;
                min-refresh-time 1; max-refresh-time 4; min-retry-time 1; max-retry-time 2;
                serial-query-rate 1000;
                masterfile-format text;
                {{Options}}
            };
            logging { category default { default_stderr; }; };

            """);
        foreach (string zone in Secondary)
            text.Append(CultureInfo.InvariantCulture, $$"""
                key "{{PrimaryKnotd.KeyName(zone)}}" { algorithm hmac-sha256; secret "{{PrimaryKnotd.Secret}}"; };
                zone "{{zone}}" { type secondary; primaries { {{Lab.Upstream4}} key "{{PrimaryKnotd.KeyName(zone)}}"; }; file "{{zone}}.zone"; };

                """);
        foreach (string zone in Files)
        {
            if (!File.Exists(PathOf(zone + ".zone")))
                await File.WriteAllTextAsync(PathOf(zone + ".zone"), ZoneText.Of(zone, 100, new ZoneTimers()));
            text.Append(CultureInfo.InvariantCulture, $"zone \"{zone}\" {{ type primary; file \"{zone}.zone\"; }};\n");
        }

        text.Append(More);
        await File.WriteAllTextAsync(ConfigPath, text.ToString());
    }
}
