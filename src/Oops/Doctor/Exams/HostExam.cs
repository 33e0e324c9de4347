namespace Oops.Doctor.Exams;

/// <summary>What every DNS server has.</summary>
internal static class HostExam
{
    public static void Before(Chart chart)
    {
        var found = chart.Found;
        if (found.Pid is null)
            chart.Say(Grade.Note, $"{found.Software.Word}-not-running", $"{found.Software.Title} is installed and does not run", Pages.Doctor);
        chart.Hear("process", found.Pid is null ? HearingState.Off : HearingState.On, "its life and death, from the kernel");
    }

    public static void After(Chart chart)
    {
        var (found, around) = (chart.Found, chart.Around);
        chart.Hear("probe", found.Pid is null ? HearingState.Off : chart.Listens.Count > 0 ? HearingState.On : found.Listens is null ? HearingState.Unseen : HearingState.Off, "whether it answers where its users ask it");
        if (around.HasSystemd)
        {
            chart.Hear("systemd", found.Unit is not null ? HearingState.On : HearingState.Off, "its unit: a stop that was asked for, before it is gone");
            if (found.Unit is { } unit && Chart.Knows("systemd"))
                chart.Say(Grade.Note, "systemd-unit", $"systemd tells of {unit}, also that a stop was asked for", Pages.Doctor, chart.InOops("systemd", $"server: {chart.Server}, unit: {unit}"));
        }

        if (found.Pid is not null)
            chart.Hear("sd-notify", found.Notifies switch { null => HearingState.Unseen, true => HearingState.On, _ => HearingState.Off }, "its READY, RELOADING and STOPPING");
        if (found.Pid is not null && chart.Pidfile is null && !found.Elsewhere && found.Config is not null)
            chart.Say(Grade.Note, "no-pidfile", $"{found.Software.Title} has no pidfile that can be seen: it is looked for by its executable, which cannot tell two of them apart", Pages.Process);
        Anycast(chart);
    }

    // Some of them: then the others look forgotten. None: it is a server for something else.
    static void Anycast(Chart chart)
    {
        var anycast = chart.Around.Anycast;
        if (chart.Found.Pid is null || chart.Listens.Count == 0) return;
        var missed = anycast.Where(a => !chart.ListensOn(a)).ToArray();
        if (missed.Length > 0 && missed.Length < anycast.Length)
            chart.Say(Grade.Note, "anycast-not-listening", $"{chart.Found.Software.Title} does not listen on {string.Join(", ", missed.Select(a => a.ToString()))}, which is on lo as an anycast address is", Pages.Doctor);
    }
}
