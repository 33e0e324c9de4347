using Oops.Doctor.Exams;

namespace Oops.Doctor;

/// <summary>Who examines what.</summary>
internal static class ExamTable
{
    public static Chart Examine(Found found, Surroundings around)
    {
        var chart = new Chart(found, around);
        if (!found.Software.IsRouter) HostExam.Before(chart);
        if (found.Root is not null)
        {
            switch (found.Software.Word)
            {
                case "knot": KnotExam.Examine(chart); break;
                case "nsd": NsdExam.Examine(chart); break;
                case "bind": BindExam.Examine(chart); break;
                case "unbound": UnboundExam.Examine(chart); break;
                case "powerdns": PowerDnsExam.Authoritative(chart); break;
                case "recursor": PowerDnsExam.Recursor(chart); break;
                case "dnsdist": DnsdistExam.Examine(chart); break;
                case "kresd": KresdExam.Examine(chart); break;
                case "bird": BirdExam.Examine(chart); break;
            }
        }

        if (found.Software.IsRouter) RouterExam.Examine(chart);
        else HostExam.After(chart);
        return chart;
    }
}
