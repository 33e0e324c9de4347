using System.Text;

namespace Oops.Actions.Bird;

/// <summary>
/// The include file on disk. It is replaced as a whole: written under a name that the router's glob does not match, made durable, renamed. A failure is a
/// sentence, not an exception.
/// </summary>
internal sealed class BirdFile(string path)
{
    private const int Limit = 4 * 1024 * 1024;

    /// <summary>The glob with the action's name for its star: `/run/oops/bird-*.conf` and `edge` give `/run/oops/bird-edge.conf`.</summary>
    public static string PathFor(string glob, string action) => glob.Replace("*", action, StringComparison.Ordinal);

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
    public string? Write(string text)
    {
        string directory = System.IO.Path.GetDirectoryName(path)!;
        string temporary = System.IO.Path.Combine(directory, "." + System.IO.Path.GetFileName(path) + ".new");
        try
        {
            Directory.CreateDirectory(directory);
            File.Delete(temporary);
            var options = new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                // BIRD runs as another user.
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
            };
            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(Encoding.ASCII.GetBytes(text));
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"cannot write {path}: {e.Message}";
        }
    }
}
