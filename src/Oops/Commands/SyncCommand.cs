using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Oops.Config;
using Oops.Engine;
using Oops.Sync;
using Oops.Wire.Dns;
using Oops.Zones;

namespace Oops.Commands;

/// <summary>`oops sync plan|apply ACTION ZONE...`: what an action that carries zones on would change, and doing it now.</summary>
internal static class SyncCommand
{
    public static Command New() => new("sync", "Makes a target equal to a zone, by an action of the config that does it (update, powerdns, route53); the daemon need not run.")
    {
        One("plan", "What would change at the target. Exit 0: nothing; 1: something; 2: it is not known.", writes: false),
        One("apply", "Changes it, and reads it again. Exit 0: the target has the zone; 1: it has not; 2: wrong config or words; 4: more would change than the brake lets pass.", writes: true),
    };

    static Command One(string name, string description, bool writes)
    {
        var action = new Argument<string>("action") { Description = "The action's name in the config." };
        var zones = new Argument<string[]>("zone") { Description = "The zones.", Arity = ArgumentArity.ZeroOrMore };
        var zoneFile = new Option<string?>("--zones", "-F") { Description = "A file of zones, or - for standard input: names between blanks or line ends; # begins a comment." };
        var config = Options.Config();
        var server = new Option<string?>("--server") { Description = "Where the action has no from: the server whose address zones are transferred from. Default: the one that there is." };
        var force = new Option<bool>("--force") { Description = "The brake does not count: all of it is meant." };
        var summary = new Option<bool>("--summary") { Description = "A table with a line for each zone, in place of the changes." };
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        var command = new Command(name, description) { action, zones, zoneFile, config, server, summary, json };
        if (writes)
            command.Add(force);
        return command.Does((parsed, stop) =>
        {
            if (Plan.Load(parsed.GetValue(config)!, out var errors) is not { } plan)
            {
                foreach (var line in errors.Lines)
                    Console.Error.WriteLine(Terminal.Safe(line));
                return Task.FromResult(Verb.Usage);
            }

            if (NamesFrom.Read("--zones", parsed.GetValue(zones)!, parsed.GetValue(zoneFile)) is not { } words)
                return Task.FromResult(Verb.Usage);
            if (words.Count == 0)
                return Refuse("which zones? Write them, or --zones FILE");
            var names = new List<DnsName>();
            foreach (var word in words)
            {
                if (!DnsName.TryParse(word, out var zone))
                    return Refuse($"'{word}': no domain name");
                names.Add(zone);
            }

            var all = plan.Actions.Select(static a => a.Config).OfType<SyncConfig>().ToList();
            if (all.Find(a => a.Name == parsed.GetValue(action)) is not { } found)
                return Refuse($"no action of the config that carries zones on is called '{parsed.GetValue(action)}'{(all.Count > 0 ? $"; there is {string.Join(", ", all.Select(static a => a.Name))}" : "")}");
            var shape = parsed.GetValue(json) ? Shape.Json : parsed.GetValue(summary) ? Shape.Summary : Shape.Changes;
            return From(found, plan.Config, parsed.GetValue(server)) switch
            {
                ({ } from, _) => RunAsync(found, from, names.ConvertAll(n => new SyncWish(n, null, writes, writes && parsed.GetValue(force))), shape, stop),
                var (_, why) => Refuse(why),
            };
        });
    }

    static Task<int> Refuse(string why)
    {
        Terminal.Error(why);
        return Task.FromResult(Verb.Usage);
    }

    static (IReadOnlyList<Primary>? From, string Why) From(SyncConfig action, OopsConfig config, string? server)
    {
        if (action.From is not null)
            return (action.Primaries(null), "");
        var name = server ?? (config.Servers.Count == 1 ? config.Servers.Keys.First() : null);
        if (name is null)
            return (null, $"{action.Name} has no from, and there are several servers; write --server {string.Join(" or --server ", config.Servers.Keys)}");
        return config.Servers.GetValueOrDefault(name)?.Address is { } address ? (action.Primaries(address), "") : (null, $"there is no server '{name}' with an address");
    }

    static async Task<int> RunAsync(SyncConfig action, IReadOnlyList<Primary> from, List<SyncWish> wishes, Shape shape, CancellationToken stop)
    {
        if (SyncAction.Open(action, action.Targets(TimeProvider.System), from, TimeProvider.System, out var why) is not var (run, target))
            return await Refuse(why).ConfigureAwait(false);
        using var session = target as IDisposable;
        var (reports, worst) = (new List<SyncReport>(), Verb.Done);
        foreach (var wish in wishes)
        {
            var result = await run.RunAsync(wish, stop).ConfigureAwait(false);
            var report = SyncReport.Of(action.Name, wish.Zone, target, result);
            if (shape == Shape.Changes)
                Print(report);
            else
                reports.Add(shape == Shape.Json ? report : report with { Changes = [], Left = [] });
            worst = Math.Max(worst, Exit(result.End, wish.Writes));
        }

        if (shape == Shape.Summary)
            Terminal.Columns(["ZONE", "SERIAL", "CREATE", "CHANGE", "DELETE", "OF", "LEFT", "RESULT"], reports.Select(Row));
        if (shape == Shape.Json)
            Console.Out.WriteLine(JsonSerializer.Serialize(new SyncReports { Zones = reports }, SyncJson.Default.SyncReports));
        return worst;
    }

    enum Shape : byte { Changes, Summary, Json }

    /// <summary>OF: RRsets at the target; LEFT: those that are left as they are.</summary>
    static IReadOnlyList<string> Row(SyncReport report)
    {
        // There is no later here.
        var end = report.End == SyncEnd.Later ? "not done" : JsonNamingPolicy.KebabCaseLower.ConvertName(report.End.ToString());
        string Number(int count) => report.Serial is null ? "-" : count.ToString(CultureInfo.InvariantCulture);
        return
        [
            report.Zone, report.Serial?.ToString(CultureInfo.InvariantCulture) ?? "-", Number(report.Creates), Number(report.Updates), Number(report.Deletes), Number(report.Existing), Number(report.LeftOut),
            report.Why is { } why ? $"{end}: {why}" : end,
        ];
    }

    /// <summary>As diff(1) has it for a plan: 2 is trouble.</summary>
    static int Exit(SyncEnd end, bool writes) => end switch
    {
        SyncEnd.Same or SyncEnd.Written => Verb.Done,
        SyncEnd.Differs => Verb.Failed,
        SyncEnd.Braked => Verb.Refused,
        _ => writes ? Verb.Failed : Verb.Usage,
    };

    static void Print(SyncReport report)
    {
        foreach (var change in report.Changes)
        {
            foreach (var data in change.Delete)
                Terminal.Line(string.Create(CultureInfo.InvariantCulture, $"- {Dotted(change.Owner)} {change.TtlBefore} IN {change.Type} {data}"));
            foreach (var data in change.Add)
                Terminal.Line(string.Create(CultureInfo.InvariantCulture, $"+ {Dotted(change.Owner)} {change.Ttl} IN {change.Type} {data}"));
        }

        foreach (var left in report.Left)
            Terminal.Line($"; {Dotted(left.Owner)} {left.Type} is left as it is: {left.Why}");
        if (report.LeftOut > report.Left.Count)
            Terminal.Line($"; and {report.LeftOut - report.Left.Count} more");
        var words = SyncPlan.WordsOf(report.Creates, report.Updates, report.Deletes, report.Existing) + (report.LeftOut switch { 0 => "", 1 => "; 1 RRset is left as it is", var many => string.Create(CultureInfo.InvariantCulture, $"; {many} RRsets are left as they are") });
        if (report.Serial is { } serial)
            Terminal.Line(string.Create(CultureInfo.InvariantCulture, $"{report.Zone} serial {serial} to {report.Target}: {words}{(report.End == SyncEnd.Written ? "; done" : "")}"));
        if (report.Why is { } why)
            Terminal.Error(report.End == SyncEnd.Braked ? $"{report.Zone}: {why}; if it is meant, write --force" : $"{report.Zone}: {why}");
    }

    static string Dotted(string name) => name == "." ? name : name + ".";
}
