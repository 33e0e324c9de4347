namespace Oops.Config;

/// <summary>Whether a finding stops the config from being used.</summary>
internal enum Severity
{
    Error,
    Warning,
}

/// <summary>One finding: where, which key, what is wrong and what to do.</summary>
internal sealed record ConfigError(Severity Severity, Position At, string Path, string Text)
{
    public override string ToString() =>
        $"{At}: {(Severity == Severity.Warning ? "warning: " : "")}{(Path.Length == 0 ? "" : Path + ": ")}{Text}";
}
