using Oops.Core;

namespace Oops.Simulate;

/// <summary>The options of a route, as the header has them and a reload changes them.</summary>
internal static class RouteOptions
{
    static readonly string[] All = ["need", "rise", "fall", "budget", "last-resort", "mode", "graceful", "linger", "upstream", "via", "servers"];

    public static RouteSpec Read(Line line, RouteSpec spec, IReadOnlyList<ServerSpec> servers) => Changes(line, spec, servers)(spec);

    /// <summary>What the rest of the line changes.</summary>
    public static Func<RouteSpec, RouteSpec> Changes(Line line, RouteSpec spec, IReadOnlyList<ServerSpec> servers)
    {
        List<Func<RouteSpec, RouteSpec>> changes = [];
        while (line.More) changes.Add(Change(line, servers));
        var changed = changes.Aggregate(spec, (s, change) => change(s));
        if (changed.Need < 1 || changed.Need > changed.Servers.Length) throw line.Wrong($"need {changed.Need} of {Core.Words.Count(changed.Servers.Length, "server")}");
        return s => changes.Aggregate(s, (was, change) => change(was));
    }

    static Func<RouteSpec, RouteSpec> Change(Line line, IReadOnlyList<ServerSpec> servers)
    {
        var option = line.Word("an option");
        switch (option)
        {
            case "via":
                var via = line.Word(option);
                return r => r with { Via = via };
            case "servers":
                var names = line.Words(All);
                if (names.Find(n => servers.All(s => s.Name != n)) is { } stranger) throw line.Wrong(NoSuch.Of("server", stranger, servers.Select(s => s.Name)));
                return r => r with { Servers = [.. names] };
            case "need":
                var need = (int)Math.Clamp(line.Number64(option), 0, 1000);
                return r => r with { Need = need };
            case "rise":
                var rise = line.Span(option);
                return r => r with { Rise = rise };
            case "fall":
                var fall = line.Span(option);
                return r => r with { Fall = fall };
            case "graceful":
                var graceful = line.Span(option);
                return r => r with { Graceful = graceful };
            case "linger":
                var linger = line.Span(option);
                return r => r with { Linger = linger };
            case "upstream":
                var within = line.Span(option);
                return r => r with { Upstream = within };
            case "last-resort":
                return r => r with { LastResort = true };
            case "mode":
                var mode = line.One<Mode>(option);
                return r => r with { Mode = mode };
            case "budget":
                var budget = line.Try("off") ? null : new BudgetSpec((int)Math.Clamp(line.Number64(option), 1, 1000), line.Try("per") ? line.Span("per") : BudgetSpec.Default.Per, BudgetSpec.Default.Retries);
                return r => r with { Budget = budget };
            default:
                throw line.Wrong($"`{option}` is no option of a route; there are {string.Join(", ", All)}");
        }
    }
}
