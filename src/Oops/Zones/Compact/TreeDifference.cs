namespace Oops.Zones.Compact;

/// <summary>Two trees side by side.</summary>
internal static class TreeDifference
{
    /// <summary>A name of one of them, or of both; where it is not, it is none.</summary>
    public delegate void Compare(ReadOnlySpan<byte> key, in ZoneNode was, in ZoneNode @is);

    /// <summary>Goes over what stands in pages that they do not share, in canonical order, each name once: all that differs, and its neighbours.</summary>
    public static void Each(ZoneTree before, ZoneTree after, Compare compare)
    {
        var was = new ZoneCursor(Without(before, after), 0, 0);
        var @is = new ZoneCursor(Without(after, before), 0, 0);
        while (!was.Current.IsNone || !@is.Current.IsNone)
        {
            var order = was.Current.IsNone ? 1 : @is.Current.IsNone ? -1 : was.Current.Key.SequenceCompareTo(@is.Current.Key);
            var key = order > 0 ? @is.Current.Key : was.Current.Key;
            compare(key, order > 0 ? default : was.Current, order < 0 ? default : @is.Current);
            if (order <= 0)
                was.Next();
            if (order >= 0)
                @is.Next();
        }
    }

    /// <summary>The pages that the other has not.</summary>
    public static ZonePage[] Without(ZoneTree tree, ZoneTree other)
    {
        var shared = new HashSet<ZonePage>(other.Pages.Length);
        foreach (var page in other.Pages)
            shared.Add(page);
        var own = new List<ZonePage>();
        foreach (var page in tree.Pages)
        {
            if (!shared.Contains(page))
                own.Add(page);
        }

        return [.. own];
    }
}
