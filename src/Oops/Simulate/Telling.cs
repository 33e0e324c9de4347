using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;
using Oops.Journal;

namespace Oops.Simulate;

/// <summary>How a scenario went: what was decided, and what does not hold.</summary>
internal sealed record Telling(string File, bool Held, ImmutableArray<ToldDecision> Decisions, ImmutableArray<ToldFailure> Failed)
{
    public int V { get; } = 1;

    public static Telling Of(string file, string text)
    {
        var scenario = Scenario.Read(file, text);
        List<ToldDecision> decisions = [];
        ScenarioRun run = null!;
        run = new(scenario.Policy)
        {
            Tap = (moment, input, effects) =>
            {
                // That a simulated router has done what it was told is nothing that was decided.
                foreach (var d in Journal.Decisions.Of(moment, input, effects))
                    if (d is not { Kind: "outcome", To: "done" }) decisions.Add(new(run.Passed.TotalSeconds, d.Kind, d.Id, d.From, d.To, d.Text));
            },
        };
        run.Run(scenario.Steps);
        return new(file, run.Failures.Count == 0, [.. decisions], [.. run.Failures.Select(f => new ToldFailure(f.Line.Number, f.What))]);
    }

    /// <summary>As a scenario writes it: `61.5s`.</summary>
    public static string Time(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.###}s");
}

/// <summary>A line of the history that would be written.</summary>
/// <param name="At">Seconds since the scenario began.</param>
/// <param name="Kind">`route`, `shadow`, `condition`, `alarm`, `intent` ...</param>
/// <param name="Id">Of what.</param>
/// <param name="From">What it was; null: it was nothing before.</param>
/// <param name="To">What it is.</param>
/// <param name="Because">Why.</param>
internal sealed record ToldDecision(double At, string Kind, string Id, string? From, string To, string Because);

/// <summary>What is expected and does not hold.</summary>
internal sealed record ToldFailure(int Line, string Text);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Telling))]
[JsonSerializable(typeof(TellingOfMany))]
internal sealed partial class SimulateJson : JsonSerializerContext;
