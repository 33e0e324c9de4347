using System.Collections.Immutable;
using System.Net;
using Oops.Routers;

namespace Oops.Actions.Frr;

/// <summary>A prefix in bgpd's table, as `show bgp ipv4 unicast PREFIX json` prints it: its paths, and the peers that it was sent to.</summary>
internal sealed record FrrEntry(ImmutableArray<FrrPath> Paths, ImmutableArray<string> To)
{
    const int MostNames = 4;

    FrrPath? Own => Paths.FirstOrDefault(p => p is { IsOwn: true, Removed: false });

    /// <summary>Another path than ours is the one that goes out.</summary>
    bool IsHidden => Paths.Any(p => p is { Best: true, IsOwn: false });

    public static string Command(IPNetwork prefix) => $"show bgp {FrrDialogue.Family(prefix)} unicast {prefix} json";

    /// <summary>Null: that is none. One without paths is not in the table.</summary>
    public static FrrEntry? Parse(string text, uint? asn) => FrrJson.Read(text, root => root.Child("warning") is not null ? null
        : new FrrEntry([.. root.Items("paths").Select(p => FrrPath.Of(p, asn))], [.. root.Members("advertisedTo").Select(p => p.Name).Order(StringComparer.Ordinal)]));

    /// <summary>False: bgpd has something to do with it yet, and a reading in a moment will say more. It collects changes for 50 ms; and it fills a session for the first time after up to a second.</summary>
    /// <param name="up">A session carries its family.</param>
    public bool IsSettled(bool up) => !Paths.Any(p => p.Removed || p.Waiting) && !(up && To.IsEmpty && Own is { Valid: true } && !IsHidden);

    /// <summary>What there is to say of it; null: it is not there.</summary>
    /// <param name="prefix">Which.</param>
    /// <param name="up">A session carries its family.</param>
    public PrefixRead? Read(IPNetwork prefix, bool up) =>
        Said(prefix, up) is { } read ? read with { Other = !To.IsEmpty && Paths.Any(p => p is { IsRedistributed: true, Valid: true, Removed: false }) ? "`redistribute`" : null } : null;

    PrefixRead? Said(IPNetwork prefix, bool up)
    {
        if (Own is not { } own)
            return To.IsEmpty || Paths.All(p => p.Removed) ? null : new(prefix, null, $"announced to {Names()}, redistributed or learned: not by `network`");
        if (!To.IsEmpty)
            return IsHidden ? new(prefix, null, $"announced to {Names()} as another path has it, not as `network` does") : new(prefix, own.Look, $"announced to {Names()}");
        if (own.Valid && !up) return new(prefix, own.Look, "no BGP session of this family is up");
        return new(prefix, own.Look, $"in the router's table, but {Silence(own)}") { Unheard = true };
    }

    string Silence(FrrPath own) => !own.Valid ? "not valid: `bgp network import-check` finds no route for it. Add one, as a blackhole, or write `no bgp network import-check`"
        : IsHidden ? "hidden by a better path, which goes to no session"
        : "advertised to no session: an outbound filter keeps it, or there is none and `bgp ebgp-requires-policy` wants one";

    string Names() => string.Join(", ", To.Take(MostNames).Select(Clean)) + (To.Length > MostNames ? $" and {To.Length - MostNames} more" : "");

    static string Clean(string name) => string.Concat(name.Take(64).Select(c => char.IsControl(c) ? ' ' : c));
}
