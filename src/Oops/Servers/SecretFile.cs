using Oops.Native;

namespace Oops.Servers;

/// <summary>A file that holds one secret, such as an API key. Messages name the file, never what is in it.</summary>
internal static class SecretFile
{
    /// <summary>Octets; more is not a key.</summary>
    public const int MaxSize = 4096;

    const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite;

    /// <summary>The secret, without the end of its line; or null and the problem. Read anew each time, so that a changed file counts at once.</summary>
    public static (string? Secret, string Problem) Read(string path)
    {
        var (text, problem) = ReadOctets(path, "a key");
        if (text is null) return (null, problem);
        var secret = text.AsSpan().TrimEnd("\r\n"u8);
        if (secret.IsEmpty) return (null, $"{path}: is empty");
        // What an HTTP header can carry.
        return secret.ContainsAnyExceptInRange((byte)'!', (byte)'~') ? (null, $"{path}: holds a blank, a control character or a second line; it must be the key alone")
            : (System.Text.Encoding.ASCII.GetString(secret), "");
    }

    /// <summary>All of a file that nobody else may read; or null and the problem.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What it ought to be, for the message of one that is too large: `a key`.</param>
    /// <param name="tooMany">Octets; as many are too many.</param>
    /// <param name="othersMay">They may read and change it all the same.</param>
    public static (byte[]? Octets, string Problem) ReadOctets(string path, string what, int tooMany = MaxSize, bool othersMay = false)
    {
        try
        {
            // A FIFO would be waited for, and a device may have no end.
            if (FileFacts.TryRead(path, out var facts, out _) && facts.Sort is not (FileSort.Regular or FileSort.Folder)) return (null, $"{path}: is no regular file");
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (!othersMay && (File.GetUnixFileMode(file.SafeFileHandle) & Others) != 0) return (null, $"{path}: others may read or change it; chmod 0640, with the group of oops");
            var text = new byte[tooMany];
            var length = file.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
            return length == tooMany ? (null, $"{path}: larger than {tooMany - 1} octets; this is not {what}") : (text[..length], "");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, $"{path}: {Reason.Unreadable(path, e)}");
        }
    }
}
