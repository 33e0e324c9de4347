using Microsoft.Extensions.Logging;
using Oops.Config;
using Oops.Native;

namespace Oops.Engine;

/// <summary>
/// What makes us the only one: locks on a file of the runtime directory and on one of the state directory, taken before anything is read or written there. Two of us that start at the same
/// instant would each find a dead control socket, and each other's snapshot. That is all they are for, so where one cannot be had we run without: a second one that comes later finds our control
/// socket alive.
/// </summary>
internal sealed partial class Alone : IDisposable
{
    public const string FileName = "oops.pid";

    /// <summary>Another name, since both directories may be the same.</summary>
    public const string StateFileName = "oops.lock";

    /// <summary>How soon whoever has locked the files has written its pid into them.</summary>
    static readonly TimeSpan PidWritten = TimeSpan.FromMilliseconds(200);

    readonly TimeProvider time;
    readonly ILogger log;
    readonly List<ProcessLock> locks = [];

    Alone(TimeProvider time, ILogger log) => (this.time, this.log) = (time, log);

    /// <summary>Takes both, and makes the directories. Null with the reason: another oops has one of them.</summary>
    public static async Task<(Alone? Alone, string Why)> TakeAsync(OopsConfig config, TimeProvider time, ILogger log)
    {
        var alone = new Alone(time, log);
        var why = await alone.OtherAsync(config.RuntimeDirectory, FileName).ConfigureAwait(false);
        if (why is null && await alone.OtherAsync(config.StateDirectory, StateFileName).ConfigureAwait(false) is { } other)
            why = $"{other}, and has its journal here; one with a runtime-directory of its own needs a state-directory of its own";
        if (why is null)
        {
            // Not before: whoever has but one of them may be about to end.
            foreach (var one in alone.locks) one.Sign();
            return (alone, "");
        }

        alone.Dispose();
        return (null, why);
    }

    public void Dispose()
    {
        foreach (var one in locks) one.Dispose();
    }

    /// <summary>Null: no other has it.</summary>
    async Task<string?> OtherAsync(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        if (CannotMake(folder) is { } unmade)
        {
            NotLocked(path, unmade, "make that folder for the user that runs oops");
            return null;
        }

        if (ProcessLock.TryTake(path, out var errno) is { } taken)
        {
            locks.Add(taken);
            return null;
        }

        if (errno == Errno.AccessDenied && ProcessLock.HolderOf(path) is { } holder) return $"{path}: another oops is running, pid {holder}, as another user";
        if (errno != Errno.Again)
        {
            NotLocked(path, Reason.Of(errno), Remedy(path, errno));
            return null;
        }

        await Task.Delay(PidWritten, time).ConfigureAwait(false);
        return $"{path}: another oops is running{(Pidfile.Read(path) is { Pid: > 0 and var pid } ? $", pid {pid}" : "")}";
    }

    static string Remedy(string path, int errno) => errno switch
    {
        Errno.Loop or Errno.IsFolder or Errno.NoDevice => $"it is no regular file: remove {path} before the next start",
        // root's, where somebody once ran oops by hand; or another user's oops runs, and that cannot be seen. A lock outlives chown, and not that its file is removed.
        Errno.AccessDenied when File.Exists(path) => $"it is another user's: chown {path} to the user that runs oops before the next start, or, where an oops of that user is to run, name other directories here",
        Errno.AccessDenied => "run oops as the user of that folder, or name another folder",
        _ => "mend that before the next start",
    };

    static string? CannotMake(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Reason.Of(e);
        }
    }

    [LoggerMessage(140, LogLevel.Warning, "{Path} cannot be locked: {Why}; oops runs, but another that starts at the same instant would too; {Remedy}")]
    partial void NotLocked(string path, string why, string remedy);
}
