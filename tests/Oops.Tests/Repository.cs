namespace Oops.Tests;

/// <summary>Files of this repository, found upwards from the test's own folder.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Name(string path) => Path.GetRelativePath(Root, path);

    public static IEnumerable<string> Code(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories).Where(f => !IsBuilt(f));

    /// <summary>The folders of all adapters: one per word in the config.</summary>
    public static IEnumerable<string> Adapters() =>
        new[] { "src/Oops/Sources", "src/Oops/Actions" }.SelectMany(f => Directory.EnumerateDirectories(Path.Combine(Root, f)));

    public static string Text(string path) => File.ReadAllText(Path.Combine(Root, path));

    static bool IsBuilt(string path) => path.Contains("/obj/", StringComparison.Ordinal) || path.Contains("/bin/", StringComparison.Ordinal);

    static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "oops.slnx")))
                return folder.FullName;
        throw new InvalidOperationException("the tests run outside the repository");
    }
}
