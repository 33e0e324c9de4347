using Oops.Config;

namespace Oops.Routers;

/// <summary>
/// Where ledgers of ours may be: the globs of this config and of those before it, in the state directory. An action that has left the config may have left its ledger in a folder that no config names any more.
/// </summary>
internal static class Places
{
    const string Header = "# Written by oops: where files of its actions may be, one a line.\n";

    /// <summary>More than any host has: a file that grew by mistake is not followed to each of its ends.</summary>
    const int Most = 1000;

    public static IReadOnlyList<string> Read(string stateDirectory) =>
        [.. (new LedgerFile(FileOf(stateDirectory)).Read() ?? "").Split('\n').Where(l => l.StartsWith('/')).Take(Most)];

    /// <summary>Adds those of a config, and forgets those where nothing is any more. Null when they are in place; else why not.</summary>
    /// <param name="stateDirectory">Of the start.</param>
    /// <param name="config">The one in charge.</param>
    public static string? Remember(string stateDirectory, OopsConfig config)
    {
        var file = new LedgerFile(FileOf(stateDirectory));
        var own = Strays.Globs(config).Where(g => !g.AsSpan().ContainsAny('\n', '\r')).ToList();
        var text = Header + string.Concat(own.Concat(Read(stateDirectory).Except(own, StringComparer.Ordinal).Where(g => !IsEmpty(g))).Select(g => g + "\n"));
        return file.Read() == text ? null : file.Write(text);
    }

    /// <summary>Seen to be so: a folder that is not there now, or cannot be read, may be again.</summary>
    static bool IsEmpty(string glob)
    {
        try
        {
            return Directory.Exists(Path.GetDirectoryName(glob)) && !Directory.EnumerateFiles(Path.GetDirectoryName(glob)!, Path.GetFileName(glob)).Any();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    static string FileOf(string stateDirectory) => Path.Combine(stateDirectory, "ledgers");
}
