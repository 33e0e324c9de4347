using System.Globalization;
using Oops.Core;
using Oops.Engine;
using Oops.Wire.Dnsdist;

namespace Oops.Sources.Dnsdist;

/// <summary>What the state of the backends means for one condition.</summary>
internal sealed class BackendClaims(DnsdistOptions options, BackendsRule rule, IEngine engine)
{
    const int MostNamed = 3;

    At? since;
    State said = State.Unknown;

    string By => $"dnsdist/{options.Server}/{rule.Condition}";

    /// <summary>Takes a complete read.</summary>
    public void Take(IReadOnlyList<DnsdistBackend> backends)
    {
        var counted = rule.Pool is { } pool ? backends.Where(b => b.IsIn(pool)).ToArray() : [.. backends];
        var where = rule.Pool is { } name ? name.Length == 0 ? " of the default pool" : $" of pool '{name}'" : "";
        if (counted.Length == 0)
        {
            // A pool whose name was mistyped has no backends either.
            since = null;
            Say(State.Unknown, $"dnsdist has no backends{where}");
            return;
        }

        var up = counted.Count(b => b.IsUp);
        var well = rule.Polarity == Polarity.Good ? State.Met : State.NotMet;
        var words = string.Create(CultureInfo.InvariantCulture, $"{up} of {counted.Length} backends{where} up, at least {rule.AtLeast} wanted{Down(counted)}");
        if (up >= rule.AtLeast)
        {
            since = null;
            Say(well, words);
            return;
        }

        since ??= engine.Now;
        if (engine.Now - since.Value >= rule.Grace) Say(well == State.Met ? State.NotMet : State.Met, words);
        // What was said before stands for the time of grace, and is renewed; where nothing was said, nothing is.
        else Say(said, $"{words}; not for {rule.Grace.TotalSeconds:0.#} s yet");
    }

    /// <summary>dnsdist does not tell any more.</summary>
    public void Lost(string why)
    {
        since = null;
        if (said != State.Unknown) Say(State.Unknown, why);
    }

    void Say(State state, string detail)
    {
        said = state;
        engine.Send(new ExternalClaim(By, rule.Condition, options.Server, state, state == State.Unknown ? Evidence.Suspicion : rule.Evidence, Validity.Of(options.Interval) + options.Api.Timeout, detail));
    }

    static string Down(IEnumerable<DnsdistBackend> backends)
    {
        var down = backends.Where(b => !b.IsUp).ToArray();
        return down.Length == 0 ? "" : $"; down: {string.Join(", ", down.Take(MostNamed).Select(b => b.Name.Length > 0 ? b.Name : b.Address))}{(down.Length > MostNamed ? ", ..." : "")}";
    }
}
