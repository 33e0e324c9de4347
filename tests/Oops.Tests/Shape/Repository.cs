namespace Oops.Tests.Shape;

/// <summary>The repository as files, for the tests that look at its shape.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static IEnumerable<string> Code(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories).Where(f => !IsBuilt(f));

    public static string Name(string path) => Path.GetRelativePath(Root, path);

    /// <summary>The folders of all adapters: one per word in the config.</summary>
    public static IEnumerable<string> Adapters() =>
        new[] { "src/Oops/Sources", "src/Oops/Actions" }.SelectMany(f => Directory.EnumerateDirectories(Path.Combine(Root, f)));

    static bool IsBuilt(string path) => path.Contains("/obj/", StringComparison.Ordinal) || path.Contains("/bin/", StringComparison.Ordinal);

    static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "oops.slnx"))) return folder.FullName;
        throw new InvalidOperationException("the tests run outside of the repository");
    }
}
