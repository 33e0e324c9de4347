using Xunit;

namespace Oops.Lab.Harness;

/// <summary>What a lab test needs from the machine: missing is a skip on a laptop, and a failure where CI=true.</summary>
internal static class LabRequires
{
    public static void Programs(params ReadOnlySpan<string> programs) => Nothing(Lab.Missing(programs));

    /// <summary>Null: the test may go on. Else why this machine cannot run it.</summary>
    public static void Nothing(string? missing)
    {
        if (missing is null)
            return;
        if (string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase))
            Assert.Fail(missing);
        Assert.Skip(missing);
    }
}
