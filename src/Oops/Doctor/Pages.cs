namespace Oops.Doctor;

/// <summary>Pages that findings point to, by their place in the source; a test sees that they are there.</summary>
internal static class Pages
{
    /// <summary>Where docs/operation.md has them installed, with the same folders below.</summary>
    public const string Installed = "/usr/share/doc/oops";

    public const string Doctor = "docs/operation.md";
    public const string Safety = "docs/safety.md";
    public const string Knot = "src/Oops/Sources/Knot/README.md";
    public const string Notify = "src/Oops/Sources/Notify/README.md";
    public const string Probe = "src/Oops/Sources/Probe/README.md";
    public const string Process = "src/Oops/Sources/Process/README.md";
    public const string Bird = "src/Oops/Actions/Bird/README.md";
    public const string Exec = "src/Oops/Actions/Exec/README.md";
    public const string Config = "docs/config.md";

    /// <summary>The file that is on this machine, or, where the pages were not installed, where the page is to be had.</summary>
    public static string Place(string page, string installed = Installed) => Path.Combine(installed, page) is var file && File.Exists(file) ? file : $"{page}, in the source of oops";
}
