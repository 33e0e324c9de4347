using System.Text;
using Oops.Native;

namespace Oops.Routers;

/// <summary>A ledger on disk. It is replaced as a whole, under a temporary name that no router's glob matches. A failure is a sentence, not an exception.</summary>
internal sealed class LedgerFile(string path)
{
    const int Limit = 4 * 1024 * 1024;

    /// <summary>0644 whatever our umask: a router that includes it runs as another user, and one that cannot read the file does not take the configuration.</summary>
    const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    const UnixFileMode FolderMode = Mode | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public string Path => path;

    /// <summary>The file's text; null when it is absent, or not a file of ours to read.</summary>
    public string? Read()
    {
        try
        {
            var info = new FileInfo(path);
            return info.Exists && info.Length <= Limit ? File.ReadAllText(path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Null when the text is in place; else why not.</summary>
    public string? Write(string text) => Prepare(text) ?? Put();

    /// <summary>Null when the text is on the disk, so that <see cref="Put"/> needs no room there; else why not. What was in the file stays.</summary>
    public string? Prepare(string text)
    {
        try
        {
            string directory = System.IO.Path.GetDirectoryName(path)!;
            if (!Directory.Exists(directory))
            {
                Directory.CreateDirectory(directory);
                File.SetUnixFileMode(directory, FolderMode);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"cannot write {path}: {Reason.Of(e)}";
        }
        return Durable.TryPrepare(path, Encoding.UTF8.GetBytes(text), Mode, out string why) ? null : why;
    }

    /// <summary>Null when what was prepared is in place; else why not.</summary>
    public string? Put() => Durable.TryPut(path, out string why) ? null : why;
}
