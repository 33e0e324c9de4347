using System.Diagnostics;
using System.Text;

namespace Oops.Lab.Harness;

/// <summary>The server under test: a knotd on the node, answering on the node's and the anycast addresses, with zones of its own (files) or as a secondary of <see cref="PrimaryKnotd"/>.</summary>
internal sealed class Knotd : IAsyncDisposable
{
    readonly string directory = Lab.FreshDirectory("knot");
    LabProcess? process;

    /// <summary>The bus it reports to; null: none.</summary>
    public string? BusAddress { get; set; }

    /// <summary>Zones with a file of their own, served as a primary.</summary>
    public IReadOnlyList<string> Files { get; set; } = [];

    /// <summary>Zones fetched from <see cref="PrimaryKnotd"/>.</summary>
    public IReadOnlyList<string> Secondary { get; set; } = [];

    /// <summary>Seconds that knotd sleeps after it took its name on the bus (`dbus-init-delay`, 1 by default).</summary>
    public int BusDelay { get; set; } = 1;

    public string PidFile => Path.Combine(directory, "knot.pid");

    public string Control => Path.Combine(directory, "knot.sock");

    public string Log => Path.Combine(directory, "knot.log");

    string ConfigPath => Path.Combine(directory, "knot.conf");

    /// <summary>What a person types in the lab to start it again.</summary>
    public string StartLine => $"{(BusAddress is null ? "" : $"DBUS_SYSTEM_BUS_ADDRESS={BusAddress} ")}{Lab.Find("knotd") ?? "knotd"} -c {ConfigPath} -d";

    public LabProcess Process => process ?? throw new InvalidOperationException("not started");

    /// <summary>Starts knotd; returns as soon as the process is there, not when it answers.</summary>
    public async Task LaunchAsync()
    {
        await WriteAsync();
        Dictionary<string, string>? environment = BusAddress is null ? null : new() { ["DBUS_SYSTEM_BUS_ADDRESS"] = BusAddress };
        process = LabProcess.Start(Log, Side.Node, environment, "knotd", "-c", ConfigPath);
    }

    /// <summary>Starts knotd and waits for its control socket to answer.</summary>
    public async Task StartAsync()
    {
        File.Delete(Control);
        await LaunchAsync();
        await Wait.UntilAsync("knotd answers on its control socket", async () => File.Exists(Control) && (await RunKnotcAsync(Control, Side.Node, "status")).Code == 0,
            step: TimeSpan.FromMilliseconds(50), state: () => Process.Tail());
    }

    /// <summary>knotc, for what only an operator does: "zone-notify", "zone-purge" ...</summary>
    public Task<string> KnotcAsync(params string[] arguments) => KnotcAsync(Control, Side.Node, arguments);

    public static async Task<string> KnotcAsync(string socket, Side side, params string[] arguments)
    {
        (int code, string text) = await RunKnotcAsync(socket, side, arguments);
        return code == 0 ? text : throw new InvalidOperationException($"knotc {string.Join(' ', arguments)}: {text}");
    }

    /// <summary>Ends it (TERM: politely; <see cref="LabProcess.KillNow"/>: a crash) and waits until it is gone.</summary>
    public Task EndAsync(int signal = LabProcess.Term) => Process.EndAsync(signal);

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await process.DisposeAsync();
    }

    static async Task<(int Code, string Text)> RunKnotcAsync(string socket, Side side, params string[] arguments)
    {
        string[] enter = side == Side.Upstream ? ["nsenter", "--net=" + Lab.UpstreamNamespace, "--"] : [];
        string[] line = [.. enter, Lab.Find("knotc") ?? "knotc", "-s", socket, .. arguments];
        var start = new ProcessStartInfo(line[0]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (string argument in line[1..])
            start.ArgumentList.Add(argument);
        using var process = System.Diagnostics.Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string text = await process.StandardOutput.ReadToEndAsync();
        text += await error;
        await process.WaitForExitAsync();
        return (process.ExitCode, text.Trim());
    }

    async Task WriteAsync()
    {
        Directory.CreateDirectory(Path.Combine(directory, "db"));
        var text = new StringBuilder();
        text.Append($"""
            server:
                rundir: "{directory}"
                pidfile: "{PidFile}"
                listen: [ "127.0.0.1@53", "{Lab.Node4}@53", "{Lab.Anycast4}@53", "{Lab.Anycast6}@53" ]
                udp-workers: 1
                tcp-workers: 1
                background-workers: 1

            """);
        if (BusAddress is not null)
            text.Append($"    dbus-event: [ running, zone-updated, ksk-submission, dnssec-invalid ]\n    dbus-init-delay: {BusDelay}\n");
        text.Append($"""
            log:
              - target: stderr
                any: info
            database:
                storage: "{directory}/db"
            control:
                listen: "{Control}"

            """);
        if (Secondary.Count > 0)
        {
            text.Append("key:\n");
            foreach (string zone in Secondary)
                text.Append($"  - id: {PrimaryKnotd.KeyName(zone)}\n    algorithm: hmac-sha256\n    secret: {PrimaryKnotd.Secret}\n");
            text.Append("remote:\n");
            foreach (string zone in Secondary)
                text.Append($"  - id: primary-{zone}\n    address: {Lab.Upstream4}@53\n    key: {PrimaryKnotd.KeyName(zone)}\n");
            text.Append($"acl:\n  - id: notify\n    address: {Lab.Upstream4}\n    action: notify\n");
        }
        text.Append("zone:\n");
        foreach (string zone in Files)
        {
            await File.WriteAllTextAsync(Path.Combine(directory, zone + ".zone"), ZoneText.Of(zone, 100, new ZoneTimers()));
            text.Append($"  - domain: {zone}\n    file: \"{directory}/{zone}.zone\"\n    zonefile-sync: -1\n");
        }
        foreach (string zone in Secondary)
            text.Append($"  - domain: {zone}\n    file: \"{directory}/{zone}.zone\"\n    master: primary-{zone}\n    acl: notify\n    refresh-min-interval: 2\n    retry-min-interval: 1\n    expire-min-interval: 3\n");
        await File.WriteAllTextAsync(ConfigPath, text.ToString());
    }
}
