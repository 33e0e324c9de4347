using System.Collections.Immutable;
using System.Net;
using Oops.Core;

namespace Oops.Routers;

/// <summary>A ledger of ours that no action of the config keeps: its action was renamed or removed, has no route any more, or speaks to another router now. The router goes on with what is in it.</summary>
/// <param name="Path">The file.</param>
/// <param name="Kind">The adapter's word.</param>
/// <param name="Action">Who wrote it.</param>
/// <param name="Router">Which router was told, as <see cref="IKeepsLedger.Router"/> says it; empty: the file does not say.</param>
/// <param name="Routes">What it was told.</param>
internal sealed record Stray(string Path, string Kind, string Action, string Router, ImmutableArray<RouteWanted> Routes)
{
    /// <summary>What goes out because of it.</summary>
    public IReadOnlyList<IPNetwork> Announced => [.. Routes.Where(r => r.Form != RouteForm.Withdrawn).SelectMany(r => r.Prefixes).Distinct()];

    public string Prefixes => string.Join(' ', Announced);

    public bool Shares(IEnumerable<string> routes) => Routes.Any(r => routes.Contains(r.Route, StringComparer.Ordinal));

    /// <summary>Null: that is no file of ours, or it cannot be read.</summary>
    public static Stray? Read(string path, string kind)
    {
        var text = new LedgerFile(path).Read() ?? "";
        return Ledger.ActionOf(text) is { } action ? new(path, kind, action, Ledger.RouterOf(text), Ledger.Parse(text)) : null;
    }
}
