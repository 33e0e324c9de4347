using System.Globalization;
using Oops.Core;
using Oops.Engine;

namespace Oops.Sources.Systemd;

/// <summary>What a unit's state is worth as a claim. Holds the state of the channel; only the session speaks to it.</summary>
internal sealed class UnitWords(SystemdOptions options, IEngine engine)
{
    // CLD_EXITED, CLD_KILLED, CLD_DUMPED and SIGTERM.
    const int Exited = 1;
    const int Killed = 2;
    const int Dumped = 3;
    const int Term = 15;

    bool open;
    string? why;
    int mainPid;
    int? serverPid;
    long? said;
    string? saidDetail;

    /// <summary>The session is lost, or there is none.</summary>
    public void Lost(string reason)
    {
        mainPid = 0;
        Close(reason);
    }

    /// <summary>systemd has no such unit in its memory.</summary>
    /// <param name="complete">It was asked just now.</param>
    public void Absent(bool complete)
    {
        var pid = engine.Server(options.Server).Pid;
        // A unit that nothing refers to is let go as soon as it has stopped: what was said of the process that it had stands until there is another.
        if (said == 1 && (pid is null || pid == mainPid)) Say(1, saidDetail!, IsNews(pid) || complete);
        else Close($"systemd: it has no {options.Unit} loaded: stopped, or not installed");
    }

    /// <summary>The unit, as it is now.</summary>
    /// <param name="unit">Its properties.</param>
    /// <param name="job">The type of its job; empty: it has none.</param>
    /// <param name="complete">All was read just now.</param>
    public void Weigh(UnitState unit, string job, bool complete)
    {
        if (Wrong(unit) is { } wrong)
        {
            Close(wrong);
            return;
        }

        var pid = engine.Server(options.Server).Pid;
        // The other source may be a moment behind: it may not know yet that the last main process is gone, or who is the next one.
        if (pid is { } known && known != unit.MainPid && known != mainPid)
        {
            Close(unit.MainPid == 0
                ? string.Create(CultureInfo.InvariantCulture, $"systemd: {options.Unit} has no main process ({unit.ActiveState}), but the server is pid {known}")
                : string.Create(CultureInfo.InvariantCulture, $"systemd: the main process of {options.Unit} is pid {unit.MainPid}, but the server is pid {known}"));
            if (unit.MainPid != 0) mainPid = unit.MainPid;
            return;
        }

        var wasStopping = said == 1;
        if (unit.MainPid != 0 && unit.MainPid != mainPid) (mainPid, wasStopping) = (unit.MainPid, false);
        if (!open)
        {
            (open, why, said) = (true, null, null);
            engine.Send(new ChannelOpened(options.Channel));
        }

        var (value, detail) = Judge(unit, job, wasStopping);
        Say(value, detail, IsNews(pid) || complete);
    }

    (long Value, string Detail) Judge(UnitState unit, string job, bool wasStopping)
    {
        var name = options.Unit;
        if (unit.MainPid == 0)
        {
            if (wasStopping) return (1, saidDetail!);
            // The last main process has ended without having been stopped by systemd. What systemd calls a success, an exit status of 0, and SIGTERM, were orderly ends that somebody else asked for.
            if (mainPid != 0 && unit.Result == "success" && (unit.ExitCode == Exited || (unit.ExitCode == Killed && unit.ExitStatus == Term)))
                return (1, string.Create(CultureInfo.InvariantCulture, $"pid {mainPid} of {name} has ended orderly: {Ending(unit)}"));
            return (0, unit.Result == "success" || unit.ExitCode == 0 ? $"{name} is {unit.ActiveState}, without a main process" : $"{name} failed: {unit.Result}, {Ending(unit)}");
        }

        var hasJob = job is "stop" or "restart";
        var deactivates = unit.ActiveState == "deactivating";
        // It goes on stopping, whatever comes of it, and what was said first stands.
        if (wasStopping && (hasJob || deactivates)) return (1, saidDetail!);
        if (hasJob) return (1, $"systemd has a {job} job for {name}");
        if (!deactivates) return (0, string.Create(CultureInfo.InvariantCulture, $"{name} is {unit.ActiveState}, pid {unit.MainPid}"));
        // A unit that systemd ends because it failed (watchdog, timeout, oom-kill) was not asked to stop: its end is a crash.
        return unit.Result == "success" ? (1, $"{name} is deactivating ({unit.SubState})") : (0, $"systemd ends {name}: {unit.Result}");
    }

    string? Wrong(UnitState unit) => unit switch
    {
        _ when unit.Id != options.Unit => $"systemd: {options.Unit} is another name of {unit.Id}: write `unit: {unit.Id}`",
        { MainPid: 0, LoadState: not "loaded", ActiveState: "inactive" } => $"systemd: {options.Unit} is {unit.LoadState}",
        _ => null,
    };

    static string Ending(UnitState unit) => unit.ExitCode switch
    {
        Exited => string.Create(CultureInfo.InvariantCulture, $"exit {unit.ExitStatus}"),
        Killed or Dumped => string.Create(CultureInfo.InvariantCulture, $"signal {unit.ExitStatus}"),
        _ => "not started",
    };

    // The machine ends what was claimed when it learns of another process, or of the end of this one: then all has to be said again.
    bool IsNews(int? pid)
    {
        var isNews = pid != serverPid;
        serverPid = pid;
        return isNews;
    }

    void Say(long value, string detail, bool again)
    {
        var first = said is null;
        if (again || said != value || saidDetail != detail) engine.Send(new ServerSignal(options.Channel, Measure.Stopping, value, Evidence.Proof, detail));
        if (again || first) engine.Send(new ChannelRead(options.Channel));
        (said, saidDetail) = (value, detail);
    }

    void Close(string reason)
    {
        (said, saidDetail) = (null, null);
        if (!open && why == reason) return;
        (open, why) = (false, reason);
        engine.Send(new ChannelLost(options.Channel, reason));
    }
}
