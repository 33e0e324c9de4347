using System.Collections.Immutable;
using Oops.Core;
using Oops.Native;

namespace Oops.Routers;

/// <summary>The ledger of an action whose router has none of it in a file of its own, with those of others in whose place it comes. These are read as its own, and go once its own says what they did.</summary>
internal sealed class RouterLedger(string action, LedgerFile file, Heritage heritage)
{
    /// <summary>Ledgers are written one action at a time: one may have to remove another's, which must be the one that it has read.</summary>
    static readonly Lock Files = new();

    ImmutableArray<RouteWanted>? standing;
    IReadOnlyList<Stray> before = [];

    public string Path => file.Path;

    /// <summary>What the router was told.</summary>
    public ImmutableArray<RouteWanted> Standing => standing ??= Look();

    /// <summary>Null when it is in place, and in that of those before it; else why not.</summary>
    public string? Write(ImmutableArray<RouteWanted> routes)
    {
        lock (Files)
        {
            _ = Standing;
            var was = file.Read();
            var text = Ledger.Render(action, routes, heritage.Router);
            if ((was is not null && IsOfAnother(was) ? SetAside(was) : null) is { } stays) return stays;
            if (text != was && file.Write(text) is { } cannot) return cannot;
            standing = routes;
            foreach (var stray in before)
                // Its action may be there with another router, and have written its own by now.
                if (Stray.Read(stray.Path, stray.Kind)?.Router == stray.Router && Try(() => File.Delete(stray.Path)) is { } why) return why;
            before = [];
            return null;
        }
    }

    /// <summary>What another router was told, and goes on with, with what was set aside of that one before and nobody has inherited yet. The file is replaced next.</summary>
    string? SetAside(string was)
    {
        var told = Ledger.Parse(was);
        if (told.All(r => r.Form == RouteForm.Withdrawn)) return null;
        var router = Ledger.RouterOf(was);
        var aside = new LedgerFile(Strays.Aside(Path, router));
        return aside.Write(Ledger.Render(action, Ledger.JoinEach(told, [Ledger.Parse(aside.Read() ?? "")]), router));
    }

    ImmutableArray<RouteWanted> Look()
    {
        var text = file.Read() ?? "";
        var routes = IsOfAnother(text) ? [] : Ledger.Parse(text);
        before = heritage.Before();
        return Ledger.JoinEach(routes, before.Select(s => s.Routes));
    }

    /// <summary>What another router was told says nothing of this one.</summary>
    bool IsOfAnother(string text) => heritage.Router.Length > 0 && Ledger.RouterOf(text) is { Length: > 0 } told && told != heritage.Router;

    static string? Try(Action act)
    {
        try
        {
            act();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"cannot take the place of the ledger before it: {Reason.Of(e)}";
        }
    }
}
