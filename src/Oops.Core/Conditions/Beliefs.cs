using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Oops.Core;

/// <summary>An override by a person, with its end.</summary>
internal sealed record StandingOverride(Override Word, At Ends)
{
    public string Subject { get; } = $"{Word.Condition} {Word.Server}{(Word.Zone is null ? "" : "/" + Word.Zone)}";

    public string AlarmId => "override-ends/" + Subject;
}

/// <summary>The named conditions: measured, derived from zones, or composed of other names; with a person's overrides on top.</summary>
internal sealed class Beliefs
{
    readonly FrozenDictionary<string, ConditionSpec> specs;
    readonly Dictionary<(string Condition, string Server, string? Zone), StandingOverride> overrides = [];

    public Beliefs(Policy policy)
    {
        var named = Kinds.All.Where(k => k.Parameter is null).Select(k => (ConditionSpec)new KindSpec(k.Name, k.Kind));
        specs = named.Where(n => policy.Conditions.All(c => c.Name != n.Name)).Concat(policy.Conditions).ToFrozenDictionary(c => c.Name, StringComparer.Ordinal);
    }

    public IEnumerable<ConditionSpec> All => specs.Values;

    public IReadOnlyDictionary<(string Condition, string Server, string? Zone), StandingOverride> Overrides => overrides;

    public ConditionSpec? Find(string name) => specs.GetValueOrDefault(name);

    public static bool IsOfZone(ConditionSpec spec) => spec is KindSpec { Kind: var kind } && Kinds.Of(kind).Subject == SubjectKind.Zone;

    public void Set(Override word, At ends) => overrides[(word.Condition, word.Server, word.Zone)] = new(word, ends);

    public bool Unset(string condition, string server, string? zone) => overrides.Remove((condition, server, zone));

    /// <summary>What is believed of a condition of a server. <paramref name="excluded"/>: a bit per channel that does not count for the asker.</summary>
    public Verdict Judge(string name, Server server, uint excluded, Comparison comparison, At now) => Find(name) is { } spec ? Judge(spec, server, excluded, comparison, now) : Verdict.Unknown;

    public Verdict Judge(ConditionSpec spec, Server server, uint excluded, Comparison comparison, At now)
    {
        // A person's word is proof: that is what it is for.
        if (overrides.Count > 0 && overrides.TryGetValue((spec.Name, server.Name, null), out var forced) && now < forced.Ends) return new(forced.Word.State, true);
        return spec switch
        {
            KindSpec { Kind: Kind.AllZonesReady } all => AllZonesReady(all, server, excluded, comparison),
            // Of a kind of zones nobody claims anything of the server.
            KindSpec kind => ServerJudge.Judge(server, kind, excluded, now),
            ComposedSpec composed => Compose(composed, server, excluded, comparison, now),
            _ => Verdict.Unknown,
        };
    }

    public Polarity PolarityOf(string name) => Find(name) switch
    {
        KindSpec kind => kind.Polarity,
        ComposedSpec composed when composed.Members.Length > 0 => PolarityOf(composed.Members[0]),
        _ => Polarity.Bad,
    };

    public ConditionClass ClassOf(string name) => Find(name) switch
    {
        KindSpec kind => kind.Class,
        ComposedSpec composed when composed.Members.Length > 0 => composed.Members.Max(ClassOf),
        _ => ConditionClass.Local,
    };

    /// <summary>How the expected zones stand by `zone-ready`, for the derived condition and for its arguments.</summary>
    public static Tally Ready(Server server, uint excluded, Comparison comparison)
    {
        var condition = server.Zones.Ready;
        return condition is null ? default : server.Zones.Tally(condition, ZoneTable.ExpectedSelector, Lens(condition, excluded), not: false, comparison);
    }

    /// <summary>From a mask of channels to a lens of a condition's slots.</summary>
    public static uint Lens(ZoneCondition condition, uint excluded)
    {
        if (excluded == 0) return ~0u;
        var lens = 0u;
        for (var slot = 0; slot < condition.Slots.Length; slot++)
            if ((excluded >> condition.Slots[slot].Channel & 1) == 0) lens |= 1u << slot;
        return lens;
    }

    /// <summary>How many zones must satisfy an entry.</summary>
    public static int Needed(double share, int count) => Math.Max(1, (int)Math.Ceiling(share * count - 1e-9));

    static Verdict AllZonesReady(KindSpec spec, Server server, uint excluded, Comparison comparison)
    {
        if (!server.Zones.Complete) return Verdict.Unknown;
        var tally = Ready(server, excluded, comparison);
        // An empty expected set proves nothing, nor does one of which every member was excused.
        if (tally.Count == 0) return Verdict.Unknown;
        return new(Kleene.AtLeast(Needed(spec.Share, tally.Count), tally.Met, tally.Unknown), true);
    }

    Verdict Compose(ComposedSpec spec, Server server, uint excluded, Comparison comparison, At now)
    {
        int met = 0, unknown = 0, proven = 0, suspected = 0;
        foreach (var member in spec.Members)
        {
            var verdict = Judge(member, server, excluded, comparison, now);
            if (verdict.State == State.Met) met++;
            if (verdict.State == State.Unknown) unknown++;
            if (verdict is { State: State.Met, Proven: true }) proven++;
            if (verdict is { State: State.NotMet, Proven: false }) suspected++;
        }
        var state = Kleene.AtLeast(spec.Least, met, unknown);
        // Proven is what would be so even if all that is only suspected were otherwise.
        return new(state, state == State.Met ? proven >= spec.Least : state == State.NotMet && met + unknown + suspected < spec.Least);
    }
}
