using System.Net;

namespace Oops.Servers;

/// <summary>What a witness asks, and how often.</summary>
/// <param name="Server">The server's name in the config.</param>
/// <param name="Channel">The channel that its claims are made on.</param>
/// <param name="Interval">Between two complete reads.</param>
internal sealed record WitnessOptions(string Server, string Channel, TimeSpan Interval)
{
    /// <summary>The config word of the source: what its messages begin with.</summary>
    public string Word => Channel[..Channel.IndexOf('/', StringComparison.Ordinal)];

    /// <summary>Its own list is the expected zone set.</summary>
    public bool ListsZones { get; init; }

    /// <summary>It has zones. If not, a look only shows that it answers, and whatever else its session does with the answer.</summary>
    public bool ReadsZones { get; init; } = true;

    /// <summary>A session can read some zones by name; else each look is a complete read.</summary>
    public bool ByName { get; init; }

    /// <summary>The server plans the next refresh of a zone when one begins: how long one may take before it counts as failed, if the plan does not move again before. Zero: when one is over.</summary>
    public TimeSpan Attempt { get; init; }

    /// <summary>Its list has no mark of its end, so that one that was cut looks whole: zones that are missing in it are asked for by name. Only with <see cref="ByName"/>.</summary>
    public bool Unended { get; init; }

    /// <summary>Where the server answers: it is asked there, over DNS, for the serials that its control does not tell, and for what is to be confirmed. Null: those are not known.</summary>
    public IPEndPoint? Address { get; init; }

    /// <summary>What it counts.</summary>
    public ServerCounts Counts { get; init; } = new();

    /// <summary>The witness has an answer from this pid (null: it cannot be seen), or has lost the server.</summary>
    public Action<bool, int?> Answered { get; init; } = (_, _) => { };

    /// <summary>A refresh of the zone was seen to succeed.</summary>
    public Action<string> Refreshed { get; init; } = _ => { };
}
