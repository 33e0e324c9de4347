using Oops.Doctor;
using Oops.Doctor.Reading;

namespace Oops.Tests.Doctor;

/// <summary>Files that are only texts.</summary>
internal sealed class MemoryFiles : Dictionary<string, string>, ITextFiles
{
    public MemoryFiles() : base(StringComparer.Ordinal)
    {
    }

    /// <summary>Those that are there and may not be read.</summary>
    public HashSet<string> Closed { get; } = [];

    public TextFile Read(string path, int most)
    {
        if (Closed.Contains(path)) return new(null, false, "permission denied");
        if (!TryGetValue(path, out var text)) return new(null, true, "no such file");
        return text.Length > most ? new(null, false, "it is too large") : new(text, false, "");
    }

    public IReadOnlyList<string> Expand(string pattern) => [.. Keys.Where(k => Globs.Matches(pattern, k)).Order(StringComparer.Ordinal)];

    /// <summary>Debian's own, as the package brings it.</summary>
    public static string Debian(string name) => Repository.Text("tests/vectors/doctor/" + name);
}
