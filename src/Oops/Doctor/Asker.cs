using System.Globalization;
using Oops.Control;
using Oops.Native;

namespace Oops.Doctor;

/// <summary>A user with the groups that count for it.</summary>
internal sealed record Asker(uint User, IReadOnlySet<uint> Groups)
{
    const int Write = 2;
    const int Enter = 1;

    /// <summary>Who runs this.</summary>
    public static Asker Own()
    {
        var groups = new HashSet<uint> { Accounts.OwnGroup };
        foreach (var line in File.ReadLines("/proc/self/status"))
            if (line.StartsWith("Groups:", StringComparison.Ordinal))
                foreach (var word in line[7..].Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
                    if (uint.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var group)) groups.Add(group);
        return new Asker(Accounts.OwnUser, groups);
    }

    /// <summary>Whether it may write to a socket, by the permissions of it and of the folders above (not by access lists or security modules).</summary>
    public Access To(string path)
    {
        for (var slash = path.IndexOf('/', 1); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            if (!FileFacts.TryRead(path[..slash], out var folder, out var why)) return why is Errno.NoEntry or Errno.NotFolder ? Access.Missing : Access.Unseen;
            if (!May(folder, Enter)) return Access.Denied;
        }

        if (!FileFacts.TryRead(path, out var file, out var errno)) return errno is Errno.NoEntry or Errno.NotFolder ? Access.Missing : Access.Unseen;
        return May(file, Write) ? Access.Allowed : Access.Denied;
    }

    bool May(in FileFacts file, int what)
    {
        if (User == 0) return true;
        var shift = file.User == User ? 6 : Groups.Contains(file.Group) ? 3 : 0;
        return ((file.Mode >> shift) & what) != 0;
    }
}
