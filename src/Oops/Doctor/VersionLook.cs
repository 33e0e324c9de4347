using Oops.Native;

namespace Oops.Doctor;

/// <summary>Asks a program for its version: the program alone, no shell, only if nobody but root can have put it there, and not for long.</summary>
internal static class VersionLook
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(200);

    public static async Task<Looked<string>> LookAsync(Software software, string? executable, CancellationToken stop)
    {
        if (executable is null) return new(null, "its version: its program is not known");
        if (software.VersionArgument is not { } argument) return new(null, $"its version: {executable} is not run to ask for it");
        var trusted = await Bounded.LookAsync(executable, _ => Trusted(executable), Patience, stop).ConfigureAwait(false);
        if (trusted.Value is not { } path) return new(null, trusted.Why.Length > 0 ? trusted.Why : $"its version: {executable} is not run, since others than root can have written it");
        var options = new SpawnOptions { Argv = [path, argument], Environment = CommandEnvironment.With([]), Folder = "/" };
        var result = await Children.Instance.RunAsync(options, Patience, Grace, stop).ConfigureAwait(false);
        return software.VersionIn([.. result.Output, .. result.Errors]) is { } version ? new(version, "") : new(null, $"its version: `{path} {argument}` printed none ({result.Why})");
    }

    static string? Trusted(string executable)
    {
        var path = File.ResolveLinkTarget(executable, returnFinalTarget: true)?.FullName ?? executable;
        return Permissions.IsRootsProgram(path) ? path : null;
    }
}
