using System.Collections.Immutable;
using System.Net;
using Oops.Config;

namespace Oops.Routers;

/// <summary>What an action has to know of others at its router: those before it, and those beside it.</summary>
/// <param name="Router">Which router, as <see cref="IKeepsLedger.Router"/> says it; empty: it is not said in the ledger.</param>
/// <param name="Before">Ledgers in whose place its own comes.</param>
/// <param name="Beside">Prefixes of routes via other actions at that router: theirs, also where a ledger here still has them.</param>
internal sealed record Heritage(string Router, Func<IReadOnlyList<Stray>> Before, ImmutableHashSet<IPNetwork> Beside)
{
    public static Heritage None { get; } = new("", () => [], []);

    public static Heritage Of(IKeepsLedger action, OopsConfig config)
    {
        var own = RouterRoute.Via(action.Name, config).SelectMany(r => r.Prefixes).ToHashSet();
        var others = config.Actions.KeepLedgers.Where(a => a.Name != action.Name && a.Kind == action.Kind && a.Router == action.Router);
        return new(action.Router, () => Strays.Of(action, config), [.. others.SelectMany(a => RouterRoute.Via(a.Name, config)).Where(r => !r.Observed).SelectMany(r => r.Prefixes).Where(p => !own.Contains(p))]);
    }
}
