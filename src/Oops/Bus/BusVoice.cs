using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Oops.Core;
using Oops.Native;
using Oops.Wire.Bus;

namespace Oops.Bus;

/// <summary>Makes signals (docs/spec/signal.md) of what is believed: one life of a publisher, on one channel. Thread-safe.</summary>
/// <param name="site">The site.</param>
/// <param name="node">The publisher.</param>
/// <param name="parameterOf">What the name of a condition stands for; null: nothing.</param>
/// <param name="kindOf">The kind of a condition.</param>
/// <param name="validity">How long a state counts without being said again.</param>
/// <param name="time">The clock.</param>
internal sealed class BusVoice(string site, string node, Func<string, string?> parameterOf, Func<string, string> kindOf, TimeSpan validity, TimeProvider time)
{
    readonly string mark = Mark(site, node);
    readonly string life = RandomNumberGenerator.GetHexString(16, lowercase: true);
    long sequence;

    /// <summary>The publisher of itself.</summary>
    public BusSignal Publisher(BusState state, string because)
    {
        var signal = New(BusSignal.PublisherRunning, BusSignal.PublisherRunning, state, because);
        // That it does not run is true until it says otherwise; that it does has to be said again.
        return state == BusState.Met ? signal with { ValidUntil = Whole(time.GetUtcNow() + validity) } : signal;
    }

    /// <summary>Eight characters that differ where one of these does.</summary>
    public static string Mark(params ReadOnlySpan<string> names) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', names))))[..8];

    public BusSignal Of(ConditionReport report)
    {
        var (name, server, zone) = Split(report.Id);
        return New(name, report.Kind, Of(report.State), report.Because) with
        {
            Since = report.Since is { } since ? Whole(since) : null,
            ValidUntil = Whole(time.GetUtcNow() + validity),
            Server = server,
            Zone = zone,
            Parameter = ParameterOf(name),
            Value = report.Value,
            Arguments = Arguments(report.Counts),
        };
    }

    /// <summary>What a rule fired for.</summary>
    public BusSignal Of(ReactionIntent reaction)
    {
        var signal = New(reaction.Condition, kindOf(reaction.Condition), Of(reaction.State), reaction.Because);
        return signal with
        {
            // A try after a restart says the same of the same.
            Id = $"{mark}-{BusWords.IdOf(reaction.Action, reaction)}",
            Since = reaction.When is { } when ? Whole(when) : null,
            ValidUntil = Whole(time.GetUtcNow() + validity),
            Server = reaction.Server,
            Zone = reaction.Zone,
            Parameter = ParameterOf(reaction.Condition),
            // Of other levels, such as changes of keys, the serial is none of what was measured.
            Value = signal.Kind == Kinds.Of(Kind.ZoneUpdated).Name ? reaction.Serial : null,
            Arguments = reaction.PreviousSerial is { } previous ? [new("previous_serial", null, previous)] : [],
        };
    }

    /// <summary>What was said of it and is not any more: nobody tells of it.</summary>
    public BusSignal Over(string id, string kind, string because = "it is not watched any more") => Of(new ConditionReport(id, kind, State.Unknown, false, null, because));

    /// <summary>`condition/NAME/SERVER[/ZONE]`.</summary>
    public static (string Name, string Server, string? Zone) Split(string id)
    {
        var parts = id.Split('/', 4);
        return (parts[1], parts[2], parts.Length > 3 ? parts[3] : null);
    }

    // A set of codes may be longer than a field.
    string? ParameterOf(string condition) => parameterOf(condition) is { Length: <= BusRules.LongestArgument } parameter ? parameter : null;

    BusSignal New(string condition, string kind, BusState state, string because)
    {
        var number = Interlocked.Increment(ref sequence);
        return new()
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"{life}-{number}"),
            Life = life,
            Sequence = number,
            Time = Whole(time.GetUtcNow()),
            Site = site,
            Node = node,
            Condition = condition,
            Kind = kind,
            State = state,
            Because = Clean(because),
        };
    }

    static BusArgument[] Arguments(ZoneCounts? counts)
    {
        if (counts is null) return [];
        BusArgument[] numbers = [new("met", null, counts.Met), new("not_met", null, counts.NotMet), new("unknown", null, counts.Unknown), new("zones", null, counts.Met + counts.NotMet + counts.Unknown)];
        return counts.FirstNotMet is { } first ? [new("first", first), .. numbers] : numbers;
    }

    static BusState Of(State state) => state switch { State.Met => BusState.Met, State.NotMet => BusState.NotMet, _ => BusState.Unknown };

    static DateTimeOffset Whole(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(Math.Max(0, time.ToUnixTimeMilliseconds()));

    /// <summary>As the reason of a signal.</summary>
    public static string Clean(string because)
    {
        var text = OutputTail.Printable(because);
        if (text.Length > BusRules.LongestBecause) text = text[..(BusRules.LongestBecause - 3)] + "...";
        // Half a pair, where it was cut or came so.
        return BusRules.IsClean(text) ? text : string.Concat(text.Select(static c => char.IsSurrogate(c) || char.IsControl(c) ? '?' : c));
    }
}
