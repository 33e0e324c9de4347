namespace Oops.Doctor.Exams;

/// <summary>NOTIFY to us: what a server pushes that else is polled.</summary>
internal static class Notify
{
    /// <summary>A port that needs no capability.</summary>
    public const int Port = 5399;

    /// <param name="lines">Of the server; they name 127.0.0.1 and <see cref="Port"/>.</param>
    public static void Examine(Chart chart, bool on, string tells, params ReadOnlySpan<string> lines)
    {
        chart.Hear("notify", chart.State(on), tells);
        if (!on)
            chart.SayOff(Grade.Note, $"{chart.Found.Software.Word}-notify-off", "it sends no NOTIFY to this machine: that a zone changed is seen when it is asked, and not when it happens", Pages.Notify,
                chart.InConfig(lines), chart.InOops("notify", $"server: {chart.Server}, listen: [127.0.0.1@{Port}], zones: [\"*\"]"));
    }
}
