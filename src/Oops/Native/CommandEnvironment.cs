namespace Oops.Native;

/// <summary>
/// The environment that commands get: what a command needs of ours, and what we tell it. Not handed on: NOTIFY_SOCKET and WATCHDOG_*, by which a command could speak for
/// us to systemd, credentials, and whatever else our own unit sets.
/// </summary>
internal static class CommandEnvironment
{
    const string UsualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    static readonly string[] HandedOn = ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "TZ", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR"];

    /// <summary>A new environment.</summary>
    /// <param name="configured">Each `NAME=value`.</param>
    /// <param name="told">Those with a null value are left out.</param>
    public static Dictionary<string, string> With(IReadOnlyList<string> configured, params ReadOnlySpan<(string Name, string? Value)> told)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = UsualPath };
        foreach (var name in HandedOn)
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
                environment[name] = value;
        foreach (var variable in configured)
            if (variable.IndexOf('=', StringComparison.Ordinal) is > 0 and var end)
                environment[variable[..end]] = variable[(end + 1)..];
        foreach (var (name, value) in told)
            if (value is not null)
                environment[name] = value.Replace('\0', ' ');
        return environment;
    }
}
