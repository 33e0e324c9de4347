namespace Oops.Sources.Process;

/// <summary>Which process is the server's main process.</summary>
internal sealed record ProcessTarget
{
    /// <summary>The server's name in the config.</summary>
    public required string Server { get; set; }

    /// <summary>Absolute path; null: found by executable and arguments.</summary>
    public string? Pidfile { get; set; }

    /// <summary>Absolute path of a Unix socket that the server listens on; asked (SO_PEERCRED) where pidfile and executable leave a doubt.</summary>
    public string? Control { get; set; }

    /// <summary>Names (`knotd`) or absolute paths, one of which is its executable. Empty: not known, so that nothing can be told.</summary>
    public required IReadOnlyList<string> Executables { get; set; }

    /// <summary>Texts that must all be among its arguments.</summary>
    public IReadOnlyList<string> Arguments { get; set; } = [];

    /// <summary>How often it is looked for, and the pidfile read, when nothing happens.</summary>
    public TimeSpan Recheck { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Over how long CPU time is measured.</summary>
    public TimeSpan CpuWindow { get; set; } = TimeSpan.FromSeconds(5);
}
