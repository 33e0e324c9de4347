using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Daemon;

/// <summary>The built oops as another user than the laboratory's root: the daemon's own (`Daemon`), one who has no part in it (`Stranger`), and one of the daemon's group.</summary>
internal sealed class OtherUser : IAsyncDisposable
{
    readonly string programs = Harness.Lab.FreshDirectory("programs");

    public const int Daemon = 65531;
    public const int Stranger = 65532;

    /// <summary>Skips where the namespace has root only (an unprivileged laboratory), or where others may not run what was built.</summary>
    public static async Task<OtherUser> PrepareAsync()
    {
        LabRequires.Programs("setpriv", "mount");
        Assert.SkipUnless(File.ReadLines("/proc/self/uid_map").Any(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var first, _, var count] && long.Parse(first) + long.Parse(count) > Stranger),
            "this laboratory has one user only: run it as root");
        var users = new OtherUser();
        // By a mount, so that folders above the build which others may not enter are not in the way.
        (int code, string text) = await OopsDaemon.RunProgramAsync("mount", "--bind", Path.GetDirectoryName(OopsDaemon.Binary ?? throw new InvalidOperationException("oops is not built: make build"))!, users.programs);
        Assert.True(code == 0, text);
        (code, text) = await OopsDaemon.RunProgramAsync(users.Line(Stranger, Stranger, "version"));
        Assert.SkipUnless(code == 0, "other users cannot run what was built here: " + text);
        return users;
    }

    /// <summary>The command line of a verb as that user and group, with no others.</summary>
    public string[] Line(int user, int group, params string[] arguments) =>
        ["setpriv", $"--reuid={user}", $"--regid={group}", "--clear-groups", Path.Combine(programs, Path.GetFileName(OopsDaemon.Binary!)), .. arguments];

    public async ValueTask DisposeAsync() => await OopsDaemon.RunProgramAsync("umount", "-l", programs);
}
