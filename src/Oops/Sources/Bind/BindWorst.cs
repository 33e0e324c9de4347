using Oops.Servers;

namespace Oops.Sources.Bind;

/// <summary>A zone that several views hold: the copy that is worst counts. One that is not loaded before one that is, then the one that expires first, then the older serial.</summary>
internal sealed class BindWorst
{
    readonly Dictionary<string, ZoneFacts> worst = new(StringComparer.Ordinal);

    public void Take(in ZoneFacts facts)
    {
        // A view may write the same name in other letters.
        if (ZoneBook.Canonical(facts.Zone) is not { } name) return;
        if (!worst.TryGetValue(name, out var other) || IsWorse(facts, other)) worst[name] = facts;
    }

    public IEnumerable<ZoneFacts> All => worst.Values;

    static bool IsWorse(in ZoneFacts a, in ZoneFacts b)
    {
        if (a.Loaded != b.Loaded) return !a.Loaded;
        if (a.Expired != b.Expired) return a.Expired;
        var (left, other) = (Left(a), Left(b));
        if (left != other) return left < other;
        return a.Serial is { } mine && b.Serial is { } its && unchecked((int)(mine - its)) < 0;
    }

    static TimeSpan Left(in ZoneFacts facts) => facts.Expiry.Kind == PlanKind.In ? facts.Expiry.Span : TimeSpan.MaxValue;
}
