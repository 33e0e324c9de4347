namespace Oops.Doctor.Exams;

/// <summary>dnstap is the same for all: the server dials out, and oops listens.</summary>
internal static class Dnstap
{
    /// <summary>Where oops would listen.</summary>
    public const string Path = "/run/oops/dnstap.sock";

    public static void Examine(Chart chart, bool on, Remedy lines)
    {
        chart.Hear("dnstap", chart.State(on), "query rates and Extended DNS Errors, from its answers");
        if (!on)
            chart.SayOff(Grade.Note, $"{chart.Found.Software.Word}-dnstap-off", "dnstap is off: it gives query rates and Extended DNS Errors", Pages.Doctor, lines, chart.InOops("dnstap", $"server: {chart.Server}, listen: {Path}"));
    }
}
