using System.Net;
using Oops.Core;

namespace Oops.Simulate;

/// <summary>A router as it is met outside: it obeys at once, late, or not, and loses what it had. The newest table that it has not taken is tried again once it obeys, as the runner of its action does.</summary>
internal sealed class RouterModel(string name)
{
    readonly Dictionary<string, RouteForm> table = [];

    /// <summary>What nobody has heard yet, by the intent that announced it.</summary>
    readonly Dictionary<string, long> unheard = [];

    public string Name => name;

    public IReadOnlyDictionary<string, RouteForm> Table => table;

    public bool Obeys { get; set; } = true;

    /// <summary>How long it takes to do what it is told.</summary>
    public TimeSpan Late { get; set; }

    /// <summary>It will say that the next table is done, and have done nothing.</summary>
    public bool Ignores { get; set; }

    /// <summary>It has peers that hear it. While it has none it knows for certain that nobody had what it takes back.</summary>
    public bool IsHeard { get; private set; } = true;

    public HashSet<IPNetwork> Orphans { get; } = [];

    /// <summary>Told, and not done yet.</summary>
    public RouterIntent? Pending { get; set; }

    /// <summary>When what is pending will be done.</summary>
    public At Due { get; set; } = At.Never;

    public void Has(string route, RouteForm form)
    {
        table[route] = form;
        unheard.Remove(route);
    }

    public void Alone() => IsHeard = false;

    public void Join()
    {
        IsHeard = true;
        unheard.Clear();
    }

    /// <summary>It was started again, and nobody has told it anything.</summary>
    public void Forget()
    {
        foreach (var route in table.Keys.ToList()) Has(route, RouteForm.Withdrawn);
    }

    /// <summary>Does it, and says what of it nobody had.</summary>
    public Outcome Take(RouterIntent intent)
    {
        (Pending, Due) = (null, At.Never);
        Orphans.ExceptWith(intent.Released);
        if (Ignores)
        {
            Ignores = false;
            return Outcome.Done;
        }
        List<UnheardRoute> gone = [];
        foreach (var wanted in intent.Routes)
        {
            if (wanted.Form == RouteForm.Withdrawn && unheard.Remove(wanted.Route, out var from)) gone.Add(new(wanted.Route, from));
            if (wanted.Form != RouteForm.Withdrawn && !IsHeard && table.GetValueOrDefault(wanted.Route) == RouteForm.Withdrawn) unheard[wanted.Route] = intent.Sequence;
            table[wanted.Route] = wanted.Form;
        }
        return Outcome.Done with { Unheard = [.. gone] };
    }

    public RouterObserved Read() => new(name, [.. table.Select(r => new RouteSeen(r.Key, r.Value))], [.. Orphans]);
}
