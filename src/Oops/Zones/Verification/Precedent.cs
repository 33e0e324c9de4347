using Oops.Zones.Compact;

namespace Oops.Zones.Verification;

/// <summary>
/// What a verdict leaves for the version after: of each page what it came to, and on what that rests. It keeps the pages of its version alive, which the next one shares but for what changed.
/// </summary>
internal sealed class Precedent
{
    /// <summary>Places of faults that are kept with their pages. Pages beyond are judged again: a zone that is bad everywhere is not to fill the memory.</summary>
    public const int MostPlaces = 10_000;

    readonly ZonePlan plan;
    readonly Dictionary<ZonePage, PageResult> results;

    /// <param name="plan">By which it was judged.</param>
    /// <param name="results">Of the pages of names, then of those of hashes; null: not kept.</param>
    public Precedent(ZonePlan plan, PageResult?[] results)
    {
        this.plan = plan with { Precedent = null };
        this.results = new(results.Length);
        var names = plan.Zone.Names.Pages;
        for (var i = 0; i < results.Length; i++)
        {
            if (results[i] is { Grounds: not null } result)
                this.results.Add(i < names.Length ? names[i] : plan.Zone.Hashes.Pages[i - names.Length], result);
        }
    }

    public ZoneVersion Zone => plan.Zone;

    public Denial Denial => plan.Denial;

    /// <summary>The same keys and the same kind of proofs, no other DNAME above all, at that moment or a later one: each page can be compared.</summary>
    public bool IsOf(ZoneKeys keys, Denial denial, VerifyOptions options, ZoneVersion zone) =>
        zone.Apex == Zone.Apex && zone.HidesAll == Zone.HidesAll && options.Now >= plan.Options.Now && options.MostIterations == plan.Options.MostIterations
        && plan.Denial.IsLike(denial) && plan.Keys.AreSame(keys);

    public bool Has(ZonePage page) => results.ContainsKey(page);

    public PageResult? Of(ZonePage page) => results.GetValueOrDefault(page);

    /// <summary>Where a name is whose signatures were found to be by their keys; null: nowhere.</summary>
    public (ZonePage? Page, int Node) Find(bool hashed, ReadOnlySpan<byte> key)
    {
        var pages = (hashed ? Zone.Hashes : Zone.Names).Pages;
        var index = ZoneTree.PageOf(pages, key);
        return index >= 0 && pages[index].TryFind(key, out var node) && Of(pages[index]) is { Unsound: false } ? (pages[index], node) : default;
    }
}
