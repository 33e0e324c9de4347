using Oops.Native;

namespace Oops.Import;

/// <summary>Reads a config file of another tool, of at most 1 MiB.</summary>
internal static class TextFile
{
    const int Most = 1024 * 1024;

    /// <summary>Its text; empty, and said why, where it cannot be read.</summary>
    public static string Read(string file, List<string> errors)
    {
        try
        {
            if (new FileInfo(file) is not { Exists: true, Length: > Most }) return File.ReadAllText(file);
            errors.Add($"{file}: is larger than 1 MiB, which no config of health checks is");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add($"{file}: cannot be read ({Reason.Of(e)})");
        }

        return "";
    }
}
