using System.Text;
using Oops.Config;
using Oops.Native;
using Oops.Servers;

namespace Oops.Aws;

/// <summary>Where credentials may be: what AWS's own tools look at.</summary>
/// <param name="Variable">A variable of the environment; null: it is not set.</param>
internal sealed record AwsSurroundings(Func<string, string?> Variable)
{
    const int MostOctets = 1 << 20;

    /// <summary>Editors of other systems write it before a text.</summary>
    const char ByteOrderMark = '\uFEFF';

    public static AwsSurroundings Process { get; } = new(Environment.GetEnvironmentVariable);

    /// <summary>Null: it is not set, or empty.</summary>
    public string? Get(string name) => Variable(name) is { Length: > 0 } value ? value : null;

    /// <summary>A file below ~/.aws; null: there is no home.</summary>
    public string? Below(string name) => Get("HOME") is { } home ? Path.Combine(home, ".aws", name) : null;

    /// <summary>The text of a file. Empty where it cannot be read, which is said.</summary>
    /// <param name="path">Of the file.</param>
    /// <param name="errors">Terminal-safe.</param>
    /// <param name="isSecret">Others may neither read nor change it.</param>
    public static string Read(string path, List<string> errors, bool isSecret = false)
    {
        var (octets, problem) = SecretFile.ReadOctets(path, "a file of AWS's tools", MostOctets, othersMay: !isSecret);
        if (octets is null)
            errors.Add(OutputTail.Printable(problem));
        return octets is null ? "" : Encoding.UTF8.GetString(octets).TrimStart(ByteOrderMark);
    }

    /// <summary>Sections and their keys. Empty where there is no such file, and where it cannot be read, which is said.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Sections(string? path, List<string> errors, bool isSecret = false)
    {
        var sections = new Dictionary<string, IReadOnlyDictionary<string, string>>(StringComparer.Ordinal);
        if (path is null || !IsThere(path))
            return sections;
        // A line that is none may have a secret in it.
        List<string> wrong = [];
        var text = Read(path, errors, isSecret);
        foreach (var section in IniFile.Read(path, text, wrong))
            sections[section.Name.StartsWith("profile ", StringComparison.Ordinal) ? section.Name["profile ".Length..].Trim() : section.Name] = section.Entries.ToDictionary(static e => e.Key, static e => e.Value.Value, StringComparer.OrdinalIgnoreCase);
        return sections;
    }

    /// <summary>Also where that may not be looked at: what then is said of it is for who reads it.</summary>
    static bool IsThere(string path)
    {
        try
        {
            return !File.GetAttributes(path).HasFlag(FileAttributes.Directory);
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
