namespace Oops.Commands;

/// <summary>Names that a verb takes on its line, in a file, or on standard input: between blanks or line ends; `#` begins a comment.</summary>
internal static class NamesFrom
{
    /// <summary>Octets of a file of names.</summary>
    const long LargestFile = 1L << 30;

    /// <summary>The words of the line and of the file; null, and said why: it cannot be read.</summary>
    public static List<string>? Read(string option, IReadOnlyList<string> words, string? file)
    {
        List<string> names = [.. words];
        if (file is null)
            return names;
        try
        {
            using var reader = file == "-" ? Console.In : new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            for (var read = 0L; reader.ReadLine() is { } line; read += line.Length)
            {
                if (read > LargestFile)
                    throw new IOException("larger than a file of names can be");
                names.AddRange(line.Split('#')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            }

            return names;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Terminal.Error($"{option} {file}: cannot be read ({Native.Reason.Of(e)})");
            return null;
        }
    }
}
