namespace Oops.Zones.Compact;

/// <summary>Names in canonical order, in pages. It never changes: an edit makes another one, which shares the pages that it left alone.</summary>
internal sealed class ZoneTree(ZonePage[] pages)
{
    public static readonly ZoneTree Empty = new([]);

    readonly ZonePage[] pages = pages;

    public ReadOnlySpan<ZonePage> Pages => pages;

    /// <summary>Names.</summary>
    public int Nodes { get; } = pages.Sum(static p => p.Nodes);

    /// <summary>Octets that they take.</summary>
    public long Octets { get; } = pages.Sum(static p => (long)p.Length);

    /// <summary>The name of that key; none if it is not there.</summary>
    public ZoneNode Find(ReadOnlySpan<byte> key)
    {
        var page = PageOf(pages, key);
        return page >= 0 && pages[page].TryFind(key, out var offset) ? pages[page][offset] : default;
    }

    /// <summary>The last name that is not behind that key; none if there is none.</summary>
    public ZoneNode FindAtOrBefore(ReadOnlySpan<byte> key)
    {
        var page = PageOf(pages, key);
        if (page < 0)
            return default;
        var found = default(ZoneNode);
        for (var at = 0; at < pages[page].Length; at += found.Size)
        {
            var node = pages[page][at];
            if (node.Key.SequenceCompareTo(key) > 0)
                break;
            found = node;
        }

        return found;
    }

    /// <summary>A cursor on the first name at or behind that key.</summary>
    public ZoneCursor From(ReadOnlySpan<byte> key)
    {
        var page = Math.Max(0, PageOf(pages, key));
        if (page >= pages.Length)
            return new ZoneCursor(pages, page, 0);
        pages[page].TryFind(key, out var offset);
        return new ZoneCursor(pages, page, offset);
    }

    /// <summary>A cursor on a name of a page, by default the first.</summary>
    public ZoneCursor From(int page, int offset = 0) => new(pages, page, offset);

    /// <summary>The page that has the key, or that it would be in; -1: it would be before all.</summary>
    public static int PageOf(ReadOnlySpan<ZonePage> pages, ReadOnlySpan<byte> key)
    {
        var (low, high) = (0, pages.Length);
        while (low < high)
        {
            var middle = (low + high) >> 1;
            if (pages[middle].FirstKey.SequenceCompareTo(key) <= 0)
                low = middle + 1;
            else
                high = middle;
        }

        return low - 1;
    }
}

/// <summary>Goes over the names of a tree, from one page to the next.</summary>
internal ref struct ZoneCursor(ReadOnlySpan<ZonePage> pages, int page, int offset)
{
    readonly ReadOnlySpan<ZonePage> pages = pages;
    int page = page, offset = offset;

    /// <summary>None: behind the last.</summary>
    public ZoneNode Current
    {
        get
        {
            while (page < pages.Length && offset >= pages[page].Length)
                (page, offset) = (page + 1, 0);
            return page < pages.Length ? pages[page][offset] : default;
        }
    }

    public void Next()
    {
        // To look may lead to the next page, and with it to another offset.
        var size = Current.Size;
        offset += size;
    }
}
