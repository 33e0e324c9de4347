using Oops.Control;
using Oops.Native;

namespace Oops.Doctor;

/// <summary>Who may do what on this machine.</summary>
internal sealed class Permissions(Asker own, Asker? oops)
{
    /// <summary>Nobody in particular.</summary>
    static readonly Asker Anybody = new(uint.MaxValue - 1, new HashSet<uint>());

    public SocketLook Socket(string path)
    {
        var group = FileFacts.TryRead(path, out var facts, out _) && (facts.Mode & 0b010_000) != 0 ? GroupName(facts.Group) : null;
        return new SocketLook(path, own.To(path), oops?.To(path) ?? Access.Unseen, group, facts.Sort == FileSort.Socket && Anybody.To(path) == Access.Allowed);
    }

    public static bool? Exists(string path) => FileFacts.TryRead(path, out _, out var errno) ? true : errno is Errno.NoEntry or Errno.NotFolder ? false : null;

    /// <summary>By the file's own permissions, and those of its folder.</summary>
    public static bool? ReadableByAll(string path) =>
        FileFacts.TryRead(path, out var file, out _) && FileFacts.TryRead(Path.GetDirectoryName(path) ?? "/", out var folder, out _) ? (file.Mode & 4) != 0 && (folder.Mode & 1) != 0 : null;

    /// <summary>
    /// Whether only root can have made the program what it is: it and each folder above it are root's, and nobody else may write to them. Else running it, as root perhaps, would run whatever
    /// somebody put there.
    /// </summary>
    public static bool IsRootsProgram(string path)
    {
        if (!Path.IsPathFullyQualified(path)) return false;
        if (!FileFacts.TryRead(path, out var file, out _) || file.Sort != FileSort.Regular || !file.IsRootsAlone) return false;
        for (var folder = Path.GetDirectoryName(path); folder is not null; folder = Path.GetDirectoryName(folder))
            if (!FileFacts.TryRead(folder, out var facts, out _) || !facts.IsRootsAlone) return false;
        return true;
    }

    /// <summary>The daemon's user, with the groups that its unit gives it; null: there is none.</summary>
    public static Asker? Oops()
    {
        if (Accounts.UserOf("oops") is not { } user) return null;
        var groups = new HashSet<uint>(Accounts.GroupsOf("oops"));
        foreach (var name in SupplementaryGroups())
            if (Accounts.GroupOf(name) is { } group) groups.Add(group);
        return new Asker(user, groups);
    }

    static IEnumerable<string> SupplementaryGroups()
    {
        string[] files = ["/usr/lib/systemd/system/oops.service", "/etc/systemd/system/oops.service", .. HostFiles.Instance.Expand("/etc/systemd/system/oops.service.d/*.conf")];
        const string Key = "SupplementaryGroups=";
        return files.SelectMany(f => (HostFiles.Instance.Read(f, 1024 * 1024).Text ?? "").Split('\n')).Where(l => l.StartsWith(Key, StringComparison.Ordinal))
            .SelectMany(l => l[Key.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    static string? GroupName(uint group) => Accounts.NameOfGroup(group);
}
