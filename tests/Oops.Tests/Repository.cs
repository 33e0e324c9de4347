namespace Oops.Tests;

/// <summary>Files of this repository, found upwards from the test's own folder.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Text(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "oops.slnx")))
                return folder.FullName;
        throw new InvalidOperationException("the tests run outside the repository");
    }
}
