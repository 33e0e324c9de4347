namespace Oops.Journal;

/// <summary>Who writes: what was done before another boot is nobody's any more.</summary>
/// <param name="Boot">/proc/sys/kernel/random/boot_id.</param>
/// <param name="Version">Of the program.</param>
internal sealed record Origin(string Boot, string Version);
