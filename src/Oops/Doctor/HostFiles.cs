using System.Text;
using Oops.Doctor.Reading;
using Oops.Native;

namespace Oops.Doctor;

/// <summary>The machine's own files: regular ones only, opened without waiting, whole or not at all.</summary>
internal sealed class HostFiles : ITextFiles
{
    const int MostBytes = 32 * 1024 * 1024;
    const int MostMatches = 1000;

    public static HostFiles Instance { get; } = new();

    public TextFile Read(string path, int most)
    {
        if (!FileFacts.TryRead(path, out var facts, out var errno)) return new(null, errno is Errno.NoEntry or Errno.NotFolder, Reason.Of(errno));
        if (facts.Sort != FileSort.Regular) return new(null, false, "it is no regular file");
        using var file = Descriptor.TryOpenToRead(path, out errno);
        if (file is null) return new(null, errno is Errno.NoEntry or Errno.NotFolder, Reason.Of(errno));
        using var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var n = file.Read(buffer, out errno);
            if (n < 0) return new(null, false, Reason.Of(errno));
            if (n == 0) break;
            all.Write(buffer, 0, n);
            if (all.Length > Math.Min(most, MostBytes)) return new(null, false, "it is too large");
        }

        return new(Encoding.UTF8.GetString(all.GetBuffer(), 0, (int)all.Length), false, "");
    }

    public IReadOnlyList<string> Expand(string pattern)
    {
        var folder = Path.GetDirectoryName(pattern);
        if (folder is null || folder.AsSpan().IndexOfAny('*', '?', '[') >= 0) return [];
        try
        {
            return [.. Directory.EnumerateFiles(folder).Where(f => Path.GetFileName(f) is [not '.', ..] && Globs.Matches(pattern, f)).Take(MostMatches).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
