using System.Globalization;

namespace Oops.Control;

/// <summary>Users and groups as /etc/passwd and /etc/group list them. Small files, read when they are asked for: no account is cached beyond a question.</summary>
internal static class Accounts
{
    public static uint OwnUser { get; } = Own("Uid:");

    public static uint OwnGroup { get; } = Own("Gid:");

    public static string? NameOf(uint uid) => Lines("/etc/passwd").FirstOrDefault(f => f.Length > 2 && Number(f[2]) == uid)?[0];

    public static uint? GroupOf(string name) => Lines("/etc/group").FirstOrDefault(f => f.Length > 2 && f[0] == name) is { } found ? Number(found[2]) : null;

    public static uint? UserOf(string name) => Lines("/etc/passwd").FirstOrDefault(f => f.Length > 3 && f[0] == name) is { } found ? Number(found[2]) : null;

    public static string? NameOfGroup(uint gid) => Lines("/etc/group").FirstOrDefault(f => f.Length > 2 && Number(f[2]) == gid)?[0];

    /// <summary>The groups that a user is listed in, the primary one among them.</summary>
    public static IEnumerable<uint> GroupsOf(string user) =>
        Lines("/etc/group").Where(f => f.Length > 3 && f[3].Split(',').Contains(user)).Select(f => Number(f[2]))
            .Concat(Lines("/etc/passwd").Where(f => f.Length > 3 && f[0] == user).Select(f => Number(f[3]))).OfType<uint>();

    /// <summary>Whether a user is listed in a group, or has it as the primary one.</summary>
    public static bool IsMember(string user, uint group) =>
        Lines("/etc/group").Any(f => f.Length > 3 && Number(f[2]) == group && f[3].Split(',').Contains(user))
        || Lines("/etc/passwd").Any(f => f.Length > 3 && f[0] == user && Number(f[3]) == group);

    static IEnumerable<string[]> Lines(string path)
    {
        try
        {
            return File.ReadLines(path).Select(l => l.Split(':')).ToList();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    static uint? Number(string text) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : null;

    // Real, effective, saved and file-system id, separated by tabs; the effective one counts.
    static uint Own(string key)
    {
        foreach (var line in File.ReadLines("/proc/self/status"))
            if (line.StartsWith(key, StringComparison.Ordinal)) return Number(line.Split('\t', ' ').Where(w => w.Length > 0).ElementAt(2)) ?? uint.MaxValue;
        return uint.MaxValue;
    }
}
