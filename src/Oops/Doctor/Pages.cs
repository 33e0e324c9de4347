namespace Oops.Doctor;

/// <summary>Pages that findings point to; a test sees that they are there.</summary>
internal static class Pages
{
    public const string Doctor = "docs/operation.md";
    public const string Safety = "docs/safety.md";
    public const string Knot = "src/Oops/Sources/Knot/README.md";
    public const string Notify = "src/Oops/Sources/Notify/README.md";
    public const string Probe = "src/Oops/Sources/Probe/README.md";
    public const string Process = "src/Oops/Sources/Process/README.md";
    public const string Bird = "src/Oops/Actions/Bird/README.md";
    public const string Exec = "src/Oops/Actions/Exec/README.md";
    public const string Config = "docs/config.md";
}
