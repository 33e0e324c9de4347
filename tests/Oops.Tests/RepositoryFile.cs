using System.Text.RegularExpressions;

namespace Oops.Tests;

/// <summary>Files of the repository that tests read.</summary>
internal static partial class RepositoryFile
{
    public static string Root { get; } = FindRoot();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>A sample with each option that is commented out written in.</summary>
    public static string WithAllOptions(string sample) => OptionComment().Replace(sample, "$1");

    static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "oops.slnx"))) folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("not within the repository");
        return folder;
    }

    [GeneratedRegex("^( +)# (?=[a-z-]+: )", RegexOptions.Multiline)]
    private static partial Regex OptionComment();
}
