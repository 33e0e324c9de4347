namespace Oops.Lab.Harness;

/// <summary>What the laboratory needs from the machine; where a test skips or fails, a bench says what is missing.</summary>
internal static class LabRequires
{
    public static void Programs(params ReadOnlySpan<string> programs) => Nothing(Lab.Missing(programs));

    /// <summary>Null: it may go on. Else why this machine cannot run it.</summary>
    public static void Nothing(string? missing)
    {
        if (missing is not null) throw new InvalidOperationException(missing);
    }
}
