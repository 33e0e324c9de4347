using System.Collections.Immutable;
using Oops.Core;

namespace Oops.Config;

/// <summary>What a condition's name stands for.</summary>
/// <param name="Spec">As the machine takes it.</param>
/// <param name="Leaves">The kinds behind it: one, or those of its members.</param>
internal sealed record ConditionInfo(ConditionSpec Spec, SubjectKind Subject, Polarity Polarity, ConditionClass Class, ImmutableArray<KindSpec> Leaves)
{
    public string Name => Spec.Name;
}

/// <summary>All conditions by name: the kinds without a parameter, and what is written under <c>conditions:</c>, resolved and judged.</summary>
internal sealed class Conditions
{
    readonly IReadOnlyDictionary<string, ConditionConfig> written;
    readonly ConfigErrors errors;
    readonly Dictionary<string, ConditionInfo?> known = new(StringComparer.Ordinal);
    readonly List<string> way = [];

    public Conditions(IReadOnlyDictionary<string, ConditionConfig> written, ConfigErrors errors)
    {
        (this.written, this.errors) = (written, errors);
        foreach (var kind in Kinds.All.Where(k => k.Parameter is null && !written.ContainsKey(k.Name)))
            known[kind.Name] = Leaf(new KindSpec(kind.Name, kind.Kind));
        foreach (var name in written.Keys.Where(n => !errors.Unbound.IsWhole($"conditions.{n}")))
            known[name] = null;
        foreach (var name in written.Keys)
            Find(name);
    }

    /// <summary>What the config names, in its order, for the machine.</summary>
    public ImmutableArray<ConditionSpec> Specs => [.. written.Keys.Select(Find).OfType<ConditionInfo>().Select(c => c.Spec)];

    /// <summary>Null if it has errors, which were reported.</summary>
    public ConditionInfo? Find(string name)
    {
        if (this.known.TryGetValue(name, out var known) || !written.TryGetValue(name, out var config))
            return known;
        if (way.Contains(name))
        {
            var circle = way.SkipWhile(n => n != name).Append(name);
            errors.Add($"conditions.{way[^1]}", $"is composed of itself: {string.Join(" -> ", circle)}; break the circle");
            return null;
        }

        way.Add(name);
        var info = config.Members is null ? Simple(name, config) : Composed(name, config);
        way.Remove(name);
        return this.known[name] = info;
    }

    static ConditionInfo Leaf(KindSpec spec) => new(spec, Kinds.Of(spec.Kind).Subject, spec.Polarity, spec.Class, [spec]);

    ConditionInfo? Simple(string name, ConditionConfig config)
    {
        var kind = config.Kind!.Value;
        if (Kinds.Find(name) is { } builtIn && builtIn.Kind != kind)
        {
            errors.Add($"conditions.{name}", $"'{name}' is a kind of its own and cannot name a condition of kind {Kinds.Of(kind).Name}; rename it");
            return null;
        }

        return Leaf(Spec(name, config));
    }

    /// <summary>A kind with its parameters, as the machine takes it.</summary>
    internal static KindSpec Spec(string name, ConditionConfig config)
    {
        var kind = config.Kind!.Value;
        var usual = new KindSpec(name, kind);
        return usual with
        {
            Span = config.Before ?? config.Behind ?? config.Within ?? usual.Span,
            Number = config.Tries ?? config.Threshold ?? config.Rate ?? config.Reports ?? (double?)config.Severity ?? usual.Number,
            Networks = config.Networks ?? usual.Networks,
            Verified = config.Verified ?? false,
            Clear = config.Clear,
            Codes = config.Codes is { } codes ? new([.. codes.Select(c => c.Code).Order()]) : ErrorCodes.None,
            Share = config.AtLeast?.Share?.Fraction ?? 1,
            Polarity = config.Polarity ?? Kinds.Of(kind).Polarity,
            Class = config.Class ?? Kinds.Of(kind).Class,
            Proof = config.Proof ?? false,
        };
    }

    ConditionInfo? Composed(string name, ConditionConfig config)
    {
        var before = errors.Count;
        if (Kinds.Find(name) is not null)
            errors.Add($"conditions.{name}", $"'{name}' is a kind and cannot name a composition; rename it");
        var members = new List<ConditionInfo>();
        for (var i = 0; i < config.Members!.Count; i++)
        {
            var path = $"conditions.{name}.{config.MembersKey}[{i}]";
            if (Find(config.Members[i]) is not { } member)
            {
                // Its own mistake was reported; ours would only repeat it.
                if (errors.Count == before)
                    return null;
                continue;
            }

            if (members.Any(m => m.Name == member.Name))
                errors.Add(path, $"'{member.Name}' is listed twice; remove one");
            else if (member.Polarity == Polarity.Level)
                errors.Add(path, $"'{member.Name}' is a level: it has values, not states; remove it");
            else if (member.Spec is KindSpec { IsHearsay: true })
                errors.Add(path, $"'{member.Name}' is a condition of each zone, not of the server, and may only degrade; use it in a route's degrade-when, with zones or share, or in a rule");
            else if (member.Subject == SubjectKind.Zone)
                errors.Add(path, $"'{member.Name}' is a condition of each zone, not of the server; compose with all-zones-ready, or use it in a route's entry with zones or share");
            else if (members.Count > 0 && members[0].Polarity != member.Polarity)
                errors.Add(path, $"'{member.Name}' is {Word(member.Polarity)} when met and '{members[0].Name}' is {Word(members[0].Polarity)}; compose one sort at a time");
            else
                members.Add(member);
        }

        if (errors.Count > before || members.Count == 0)
            return null;
        var least = config.All is not null ? members.Count : config.AtLeast?.Count ?? 1;
        return new ConditionInfo(
            new ComposedSpec(name, [.. members.Select(m => m.Name)], least),
            SubjectKind.Server,
            members[0].Polarity,
            members.Max(m => m.Class),
            [.. members.SelectMany(m => m.Leaves)]);
    }

    public static string Word(Polarity polarity) => polarity switch { Polarity.Good => "good", Polarity.Bad => "bad", _ => "a level" };
}
