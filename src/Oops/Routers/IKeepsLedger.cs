using Oops.Actions;
using Oops.Config;

namespace Oops.Routers;

/// <summary>An action whose router goes on with what it was told when the action is gone, and that says in a ledger what that is.</summary>
internal interface IKeepsLedger : IActionConfig
{
    RouterKind Kind { get; }

    /// <summary>Which router, and who of its neighbours: what one action told, another with the same here can take back.</summary>
    string Router { get; }

    /// <summary>Its ledger.</summary>
    string LedgerPath(OopsConfig config) => Path.Combine(config.RuntimeDirectory, $"{Kind.Word}-{Name}{Kind.Ending}");

    /// <summary>The glob of its ledger and those of others of its kind.</summary>
    string LedgerGlob(OopsConfig config) => Path.Combine(config.RuntimeDirectory, $"{Kind.Word}-*{Kind.Ending}");

    /// <summary>It takes the place of the stray at its next change, and shows until then what the router has of it.</summary>
    bool Inherits(Stray stray, OopsConfig config) => stray.Kind == Kind.Word && stray.Router == Router;

    /// <summary>It shows what is in the stray without taking its place: a person can release it.</summary>
    bool Shows(Stray stray, OopsConfig config) => false;
}
