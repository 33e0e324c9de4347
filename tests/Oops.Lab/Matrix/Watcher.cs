using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Oops.Lab.Harness;

namespace Oops.Lab.Matrix;

/// <summary>A change of a condition, as `oops watch` tells it.</summary>
internal sealed record Change(DateTimeOffset At, string Id, string To, string Text);

/// <summary>`oops watch --json`, and all that it has told.</summary>
internal sealed partial class Watcher : IAsyncDisposable
{
    readonly List<Change> changes = [];
    readonly IReadOnlyList<string> rules;
    readonly Process process;
    readonly Task reading;

    Watcher(Process process, IReadOnlyList<string> rules)
    {
        (this.process, this.rules) = (process, rules);
        reading = ReadAsync();
    }

    /// <param name="daemon">Whose.</param>
    /// <param name="rules">The condition of each rule: what is believed of zones is told by them alone.</param>
    public static Watcher Start(OopsDaemon daemon, IReadOnlyList<string> rules)
    {
        var start = new ProcessStartInfo(OopsDaemon.Binary!) { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (string argument in (string[])["watch", "--json", "--socket", daemon.ControlSocket])
            start.ArgumentList.Add(argument);
        return new(Process.Start(start)!, rules);
    }

    /// <summary>The first change of this condition to that state, at or after that moment.</summary>
    public async Task<Change> HearAsync(string id, string to, DateTimeOffset from, TimeSpan patience)
    {
        Change? found = null;
        // It tells whole milliseconds.
        DateTimeOffset floor = from - TimeSpan.FromMilliseconds(1);
        await Wait.UntilAsync($"{id} is {to} after {from:HH:mm:ss.fff}", () => (found = Find(c => c.Id == id && c.At >= floor && (to == "*" || c.To == to))) is not null, patience, TimeSpan.FromMilliseconds(20), () => Words(id));
        return found!;
    }

    /// <summary>The channel that a change names as its last word; null: it names none.</summary>
    public static string? By(Change change) => Channel().Match(change.Text) is { Success: true } match ? match.Groups[1].Value : null;

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        await reading;
        process.Dispose();
    }

    Change? Find(Predicate<Change> wanted)
    {
        lock (changes)
            return changes.Find(wanted);
    }

    string Words(string id)
    {
        lock (changes)
            return string.Join('\n', changes.Where(c => c.Id == id).TakeLast(30).Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.At:HH:mm:ss.fff} {c.Id} {c.To}: {c.Text}")));
    }

    async Task ReadAsync()
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.TryGetProperty("decision", out var decision) && ChangeOf(decision) is { } change)
            {
                lock (changes)
                    changes.Add(change);
            }
        }
    }

    Change? ChangeOf(JsonElement decision)
    {
        var at = decision.GetProperty("wall").GetDateTimeOffset();
        string id = decision.GetProperty("id").GetString()!, to = decision.GetProperty("to").GetString()!, text = decision.GetProperty("text").GetString() ?? "";
        return decision.GetProperty("kind").GetString() switch
        {
            "condition" => new(at, id, to, text),
            // "rule/3", "told ns1/one.test met"
            "reaction" when to.Split(' ') is [_, var subject, var state] => new(at, $"condition/{rules[int.Parse(id.Split('/')[1], CultureInfo.InvariantCulture)]}/{subject}", state, text),
            _ => null,
        };
    }

    [GeneratedRegex(@"\(([a-z0-9-]+/[^()]*)\)[^()]*$")]
    private static partial Regex Channel();
}
