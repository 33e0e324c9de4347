using System.CommandLine;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Oops.Control;
using Oops.Core;
using Oops.Engine;
using Oops.Journal;
using Oops.Native;

namespace Oops.Commands;

/// <summary>`oops run`: the daemon.</summary>
internal static class RunCommand
{
    public static Command New()
    {
        var config = Options.Config();
        var file = Options.ConfigFile();
        var verbose = new Option<bool>("--verbose", "-v") { Description = "Also log traffic." };
        return new Command("run", "Runs the daemon in the foreground. SIGHUP reads the config again, SIGTERM ends it.") { config, file, verbose }.Does(async (parsed, stop) =>
        {
            if (!Options.TryConfig(parsed, config, file, out var named)) return Verb.Usage;
            try
            {
                // Before anything else is open, which would stay open in its table.
                var tcp = TcpThread.Instance;
                return await BeginAsync(named, parsed.GetValue(verbose) ? LogLevel.Debug : LogLevel.Information, tcp).ConfigureAwait(false);
            }
            catch (OutOfMemoryException)
            {
                // What the runtime throws where pthread_create(3) fails; later all threads are there.
                Terminal.Error("cannot start: no thread or memory to be had; see the limits (TasksMax= and MemoryMax= of the unit, ulimit -u)");
                return Verb.Failed;
            }
        });
    }

    static async Task<int> BeginAsync(string named, LogLevel least, TcpThread tcp)
    {
        // A reload reads it again, from wherever this was started.
        var path = Path.GetFullPath(named);
        var plan = Plan.Load(path, out var errors);
        var journald = StderrLog.ReadByJournald();
        foreach (var line in errors.Lines) Console.Error.WriteLine((journald ? plan is null ? "<3>" : "<4>" : "") + Terminal.Safe(line));
        if (plan is null) return Verb.Usage;
        await using var log = new StderrLog(Console.Error, BootTime.Instance, least, journald);
        if (tcp.Shares is { } why) log.Line(LogLevel.Information, $"were oops killed, the connections of a speaker would end some tens of milliseconds later than they could: unshare(2): {why}");
        return await RunAsync(plan, path, log).ConfigureAwait(false);
    }

    static async Task<int> RunAsync(Plan plan, string path, StderrLog log)
    {
        var time = BootTime.Instance;
        var (alone, other) = await Alone.TakeAsync(plan.Config, time, log).ConfigureAwait(false);
        if (alone is null)
        {
            Terminal.Error($"cannot start: {other}");
            return Verb.Failed;
        }

        using var _ = alone;
        using var systemd = SdNotify.FromEnvironment();
        using var signals = new DaemonSignals();
        await Threads.FillPoolAsync().ConfigureAwait(false);
        await Warm.RunAsync(time).ConfigureAwait(false);
        await using var daemon = new Daemon(plan, path, new(BootId(), VersionCommand.Version), time, log);
        daemon.Engine.Add(new DecisionLog(log).Record);
        var config = plan.Config;
        ControlServer control;
        try
        {
            var socket = config.Control.Socket ?? Path.Combine(config.RuntimeDirectory, "control.sock");
            control = await ControlServer.StartAsync(daemon, socket, config.Control.Group, config.Metrics?.Listen.ToIPEndPoint(MetricsPort), log, signals.Stopping).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Net.Sockets.SocketException)
        {
            Terminal.Error($"cannot start: {StartFailure(e, config)}");
            return Verb.Failed;
        }

        await using (control)
        {
            await using var hold = new HoldFile(daemon.Engine, Path.Combine(config.RuntimeDirectory, HoldFile.FileName), HoldFile.Beside(ReplayCommand.ControlSocket(config)), HoldFile.DefaultPath);
            await using var care = new ServiceCare(daemon, systemd, time);
            await daemon.StartAsync().ConfigureAwait(false);
            systemd?.Ready(Status(plan));
            log.Line(LogLevel.Information, $"oops {VersionCommand.Version} runs: {Status(plan)}, config {plan.Policy.Hash}");
            await ServeAsync(daemon, systemd, signals, log).ConfigureAwait(false);
            systemd?.Stopping("stopping");
            log.Line(LogLevel.Information, "stopping");
        }

        await daemon.StopAsync().ConfigureAwait(false);
        return Verb.Done;
    }

    const int MetricsPort = 9153;

    // Ours say what and where; the kernel's do not.
    static string StartFailure(Exception e, Config.OopsConfig config) => e is IOException { HResult: < 0 } and not DirectoryNotFoundException and not PathTooLongException
        ? e.Message
        : $"no control socket in {(config.Control.Socket is { } socket ? Path.GetDirectoryName(Path.GetFullPath(socket)) : config.RuntimeDirectory)}{(config.Metrics is { } m ? $", or no metrics at {m.Listen}" : "")}: {Reason.Of(e)}; see `oops check --live`";

    static async Task ServeAsync(Daemon daemon, SdNotify? systemd, DaemonSignals signals, StderrLog log)
    {
        while (await signals.NextAsync().ConfigureAwait(false))
        {
            systemd?.Reloading("reading the config");
            var result = await daemon.ReloadAsync(confirm: false).ConfigureAwait(false);
            log.Line(result.Taken ? LogLevel.Information : LogLevel.Warning, result.Text);
            foreach (var line in result.Lines) log.Line(LogLevel.Warning, line);
            systemd?.Ready(result.Taken ? Status(daemon.Plan) : result.Text);
        }
    }

    static string Status(Plan plan) =>
        $"mode {(plan.Policy.Mode == Mode.Act ? "act" : "observe")}, {Words.Count(plan.Policy.Servers.Length, "server")}, {Words.Count(plan.Policy.Routes.Length, "route")}, {Words.Count(plan.Policy.Rules.Length, "rule")}";

    static string BootId()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        }
        catch (IOException)
        {
            // Without it every start counts as one after a reboot: announcements are then adopted, not ours.
            return Guid.NewGuid().ToString();
        }
    }
}
