using Oops.Config;
using Oops.Native;

namespace Oops.Engine;

/// <summary>
/// What makes us the only one: locks on the runtime directory's <see cref="FileName"/> and on the state directory, taken before anything is read or written there. Two of us that start at the same
/// instant would each find a dead control socket, and each other's snapshot.
/// </summary>
internal sealed class Alone : IDisposable
{
    public const string FileName = "oops.pid";

    /// <summary>How soon whoever has locked the file has written its pid into it.</summary>
    static readonly TimeSpan PidWritten = TimeSpan.FromMilliseconds(200);

    readonly List<ProcessLock> locks = [];

    /// <summary>Takes both. Null with the reason: another oops has one of them.</summary>
    public static async Task<(Alone? Alone, string Why)> TakeAsync(OopsConfig config, TimeProvider time)
    {
        var alone = new Alone();
        var pidfile = Path.Combine(config.RuntimeDirectory, FileName);
        var why = Make(config.RuntimeDirectory) ? await alone.AddAsync(pidfile, time).ConfigureAwait(false) : null;
        if (why is null && Make(config.StateDirectory) && !alone.Add(ProcessLock.TryTakeFolder(config.StateDirectory, out var errno), errno))
            why = $"{config.StateDirectory}: another oops is running, with another runtime-directory, and has its journal here; give this one a state-directory of its own";
        if (why is null) return (alone, "");
        alone.Dispose();
        return (null, why);
    }

    public void Dispose()
    {
        foreach (var one in locks) one.Dispose();
    }

    async Task<string?> AddAsync(string pidfile, TimeProvider time)
    {
        var taken = ProcessLock.TryTakeFile(pidfile, out var errno);
        if (errno == Errno.AccessDenied && File.Exists(pidfile)) return $"{Errno.Say($"cannot lock {pidfile}", errno)}; another user's oops may run";
        if (Add(taken, errno)) return null;
        await Task.Delay(PidWritten, time).ConfigureAwait(false);
        return $"{pidfile}: another oops is running{(PidOf(pidfile) is { } pid ? $", pid {pid}" : "")}";
    }

    /// <summary>False: another has it. Where nothing can be locked (a file system without locks, no rights, no space) we run without: what else is wrong there says so itself.</summary>
    bool Add(ProcessLock? taken, int errno)
    {
        if (taken is not null) locks.Add(taken);
        return taken is not null || errno != Errno.Again;
    }

    static string? PidOf(string path)
    {
        using var file = Descriptor.TryOpenToRead(path, out _);
        Span<byte> text = stackalloc byte[16];
        return file?.Read(text, out _) is > 0 and var n && int.TryParse(text[..n].TrimEnd("\n"u8), out var pid) ? pid.ToString(System.Globalization.CultureInfo.InvariantCulture) : null;
    }

    static bool Make(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
