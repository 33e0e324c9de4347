using System.Text;
using Oops.Native;

namespace Oops.Config;

/// <summary>A config text and the name it is shown by.</summary>
internal sealed record ConfigText(string File, string Text);

/// <summary>Reads the main file and <c>conf.d/*.yaml</c> beside it, in name order, with bounds on size and number.</summary>
internal static class ConfigFiles
{
    /// <summary>The largest file that is read, in bytes.</summary>
    public const int MostBytes = 8 * 1024 * 1024;

    /// <summary>The most files that are read from conf.d.</summary>
    public const int MostFiles = 1000;

    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static List<ConfigText> Read(string path, ConfigErrors errors)
    {
        var texts = new List<ConfigText>();
        foreach (var file in Names(path, errors))
        {
            errors.Reading(file);
            if (ReadOne(file, errors, otherwise: file == path ? ", or name another with --config FILE" : "") is { } text)
                texts.Add(new ConfigText(file, text));
        }

        return texts;
    }

    static List<string> Names(string path, ConfigErrors errors)
    {
        var names = new List<string> { path };
        var folder = Path.Combine(Path.GetDirectoryName(path) ?? "", "conf.d");
        try
        {
            string[] found = Directory.Exists(folder) ? Directory.GetFiles(folder) : [];
            foreach (var file in found.Order(StringComparer.Ordinal))
            {
                if (Path.GetFileName(file).StartsWith('.'))
                    continue;
                if (file.EndsWith(".yaml", StringComparison.Ordinal))
                    names.Add(file);
                else if (file.EndsWith(".yml", StringComparison.Ordinal))
                    errors.Add(new ConfigError(Severity.Warning, new Position(file, 1, 1), "", "this file is not read; rename it to end in .yaml"));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add(new Position(folder, 1, 1), "", $"the folder cannot be read ({Reason.Of(e)}); oops needs read and search permission on it");
        }

        if (names.Count > MostFiles + 1)
        {
            errors.Add(new Position(folder, 1, 1), "", $"more than {MostFiles} files; join some");
            names.RemoveRange(MostFiles + 1, names.Count - MostFiles - 1);
        }

        return names;
    }

    /// <summary>One file as text; null, with its error added, if it cannot be read.</summary>
    public static string? ReadOne(string file, ConfigErrors errors, int most = MostBytes, string wantedBy = "", string otherwise = "")
    {
        var start = new Position(file, 1, 1);
        byte[] bytes;
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            // By what is read, not by the length: a pipe from the shell has none.
            using var buffer = new MemoryStream();
            var chunk = new byte[64 * 1024];
            for (int read; (read = stream.Read(chunk)) > 0;)
            {
                buffer.Write(chunk, 0, read);
                if (buffer.Length > most)
                {
                    errors.Add(start, "", $"the file has more than {most} bytes; put long zone lists in a file of their own (zones: {{file: PATH}})");
                    return null;
                }
            }

            bytes = buffer.ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            errors.Add(start, wantedBy, $"the file cannot be read ({(Directory.Exists(file) ? "it is a directory" : Reason.Of(e))}); check its path and permissions{otherwise}");
            return null;
        }

        return Decode(file, bytes, errors);
    }

    /// <summary>Text from bytes: UTF-8, with or without byte order mark, and nothing that an editor would not show.</summary>
    public static string? Decode(string file, ReadOnlySpan<byte> bytes, ConfigErrors errors)
    {
        if (bytes.StartsWith("\uFEFF"u8))
            bytes = bytes[3..];
        string text;
        try
        {
            text = Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            var before = bytes[..Math.Clamp(e.Index, 0, bytes.Length)];
            var at = new Position(file, before.Count((byte)'\n') + 1, before.Length - before.LastIndexOf((byte)'\n'));
            errors.Add(at, "", "the file is not UTF-8 text here; save it as UTF-8");
            return null;
        }

        var (line, column) = (1, 1);
        foreach (var c in text)
        {
            if ((c < ' ' && c is not ('\t' or '\n' or '\r')) || c == '\x7f')
            {
                errors.Add(new Position(file, line, column), "", $"a control character (U+{(int)c:X4}) stands here; remove it");
                return null;
            }

            (line, column) = c == '\n' ? (line + 1, 1) : (line, column + 1);
        }

        return text;
    }
}
