using System.Net;
using Oops.Routers;
using Oops.Wire.Gobgp;

namespace Oops.Actions.Gobgp;

/// <summary>Looks as paths of GoBGP, and back.</summary>
internal static class GobgpLook
{
    /// <param name="prefix">Of what.</param>
    /// <param name="look">How it shall look.</param>
    /// <param name="asn">GoBGP's, which it puts once before the path by itself.</param>
    /// <param name="hops">The next hops.</param>
    /// <param name="within">There are peers of the same AS, which take the community for nothing but LOCAL_PREF for what it is.</param>
    public static GobgpPath Path(IPNetwork prefix, Look look, uint asn, GobgpHops hops, bool within) => new(prefix, hops.Of(prefix))
    {
        AsPath = [.. Enumerable.Repeat(asn, look.Prepend)],
        Med = look.Med,
        LocalPref = look.IsDraining && within ? 0 : null,
        Communities = [.. look.Communities.Select(c => (uint)c.Asn << 16 | c.Value)],
        Large = look.Large is { } l ? [(l.Asn, l.Data1, l.Data2)] : [],
    };

    /// <summary>Null: no form of ours looks so.</summary>
    public static Look? Of(GobgpPath path, uint asn, GobgpHops hops)
    {
        if (path.HasMore || path.Origin != 0 || path.Large.Length > 1 || !hops.Of(path.Prefix).Equals(path.NextHop) || path.AsPath.Any(a => a != asn))
            return null;
        if (new Look(path.AsPath.Length, path.Med, null, path.Large is [var l] ? l : null).With(path.Communities.Select(c => ((ushort)(c >> 16), (ushort)c))) is not { } look)
            return null;
        return path.LocalPref is null || (path.LocalPref == 0 && look.IsDraining) ? look : null;
    }
}
