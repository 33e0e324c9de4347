namespace Oops.Sources.Systemd;

/// <summary>One server's unit, with all that is needed to hear of it.</summary>
/// <param name="Server">The server's name in the config.</param>
/// <param name="Unit">The unit's own name, no alias.</param>
/// <param name="Bus">D-Bus address of the bus that its systemd is on.</param>
/// <param name="Interval">Between two complete reads.</param>
/// <param name="Timeout">For each wait on the bus or on systemd.</param>
internal sealed record SystemdOptions(string Server, string Unit, string Bus, TimeSpan Interval, TimeSpan Timeout)
{
    public string Channel => $"systemd/{Server}";
}
