using System.Text.RegularExpressions;

namespace Oops.Tests;

/// <summary>The adapters' sample files as tests use them.</summary>
internal static partial class SampleText
{
    /// <summary>A sample with each option that is commented out written in.</summary>
    public static string WithAllOptions(string sample) => OptionComment().Replace(sample, "$1");

    [GeneratedRegex("^( +)# (?=[a-z-]+: )", RegexOptions.Multiline)]
    private static partial Regex OptionComment();
}
