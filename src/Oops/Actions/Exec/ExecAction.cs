using System.Globalization;
using System.Text;
using Oops.Core;
using Oops.Engine;
using Oops.Native;
using Oops.Wire.Dns;

namespace Oops.Actions.Exec;

/// <summary>Runs a command for a condition that changed, with nsnotifyd's arguments. It runs once per call: order, limits and retries are its runner's.</summary>
internal sealed class ExecAction(ExecConfig config, string site, Children children) : IAction
{
    const int LinesInReason = 3;

    // The runner's own bound comes after everything that we do ourselves.
    static readonly TimeSpan Slack = TimeSpan.FromSeconds(10);

    /// <summary>The keys that it reads; null: it reads nothing.</summary>
    public Oops.Keys.KeyReads? Keys { get; init; }

    public string Name => config.Name;

    public int Parallel => config.Concurrency;

    public TimeSpan ApplyTimeout => config.Timeout + config.KillAfter + Slack;

    public Task RunAsync(IEngine engine, CancellationToken stop) => Task.CompletedTask;

    /// <summary>What a command did cannot be read back.</summary>
    public ValueTask<Input?> ReadAsync(Intent? intent, CancellationToken stop) => ValueTask.FromResult<Input?>(null);

    public async ValueTask<Outcome> ApplyAsync(Intent intent, CancellationToken stop)
    {
        if (intent is not ReactionIntent reaction) return new Failed($"{Name} runs commands; it carries no routes");
        var zone = reaction.Zone is null ? null : ZoneArgument.From(reaction.Zone);
        if (reaction.Zone is not null && zone is null) return new Failed($"not a zone name: {OutputTail.Printable(reaction.Zone)}");

        var options = new SpawnOptions { Argv = Argv(reaction, zone), Environment = Environment(reaction, zone), Folder = config.Folder };
        if (Keys is not null)
        {
            var (input, otherwise) = await KeysAsync(reaction, stop).ConfigureAwait(false);
            if (otherwise is not null) return otherwise;
            options.Input = input;
        }

        var result = await children.RunAsync(options, config.Timeout, config.KillAfter, stop);
        if (result.Ok) return result.Output.Length == 0 ? Outcome.Done : new Done(Lines(result.Output, result.Output.Length));

        var lines = result.Errors.Length > 0 ? result.Errors : result.Output;
        return new Retry(lines.Length == 0 ? result.Why : $"{result.Why}: {Lines(lines, LinesInReason)}");
    }

    /// <summary>The keys as they were when the condition was told, or newer: a change is told when it is on the disk. Null with what becomes of the intent.</summary>
    async Task<(byte[]? Input, Outcome? Otherwise)> KeysAsync(ReactionIntent reaction, CancellationToken stop)
    {
        if (reaction.Zone is null || !DnsName.TryParse(reaction.Zone, out var zone)) return ([], null);
        try
        {
            var found = (await Keys!.AskAsync(new() { Server = reaction.Server, Zone = reaction.Zone }, stop).ConfigureAwait(false)).Zones;
            if (found.Count == 0) return (null, new Retry($"no keys are known of {zone} at {reaction.Server}: does a source keys watch it?"));
            if (Oops.Keys.KeyLine.Submission(zone, found[0].Keys, out var why) is not { } lines) return (null, new Retry($"{zone} at {reaction.Server}: {why}"));
            // A script that replaces what the registrar has would take "nothing" for "remove all".
            return lines.Count == 0 ? (null, new Failed($"{zone} at {reaction.Server} has no KSK of which a DS is made, so there is nothing to submit")) : (Encoding.ASCII.GetBytes(string.Concat(lines.Select(l => l + "\n"))), null);
        }
        catch (Exception e) when (e is SqliteException or IOException or TimeoutException)
        {
            return (null, new Retry($"the keys cannot be read: {e.Message}"));
        }
    }

    /// <summary>`zone serial source`, without the last where nobody with an address told of it, as nsnotifyd at its timer; `- - server` where the condition is a server's.</summary>
    List<string> Argv(ReactionIntent reaction, string? zone)
    {
        List<string> argv = [.. config.Command];
        if (zone is null) return [.. argv, "-", "-", reaction.Server];
        argv.Add(zone);
        argv.Add(Number(reaction.Serial) ?? "-");
        if (reaction.Source is { } source) argv.Add(source.ToString());
        return argv;
    }

    Dictionary<string, string> Environment(ReactionIntent reaction, string? zone) => CommandEnvironment.With(
        config.Environment,
        ("OOPS_ACTION", Name),
        ("OOPS_RULE", Number((uint)reaction.Rule)),
        ("OOPS_CONDITION", reaction.Condition),
        ("OOPS_STATE", reaction.State switch { State.Met => "met", State.NotMet => "not-met", _ => "unknown" }),
        ("OOPS_SERVER", reaction.Server),
        ("OOPS_ZONE", zone),
        ("OOPS_SERIAL", Number(reaction.Serial)),
        ("OOPS_PREVIOUS_SERIAL", Number(reaction.PreviousSerial)),
        ("OOPS_SOURCE", reaction.Source?.ToString()),
        ("OOPS_CHANNEL", reaction.Channel),
        ("OOPS_BECAUSE", OutputTail.Printable(reaction.Because)),
        ("OOPS_SEQUENCE", reaction.Sequence.ToString(CultureInfo.InvariantCulture)),
        ("OOPS_SITE", site));

    static string? Number(uint? number) => number?.ToString(CultureInfo.InvariantCulture);

    static string Lines(string[] lines, int most) => string.Join('\n', lines.TakeLast(most));
}
