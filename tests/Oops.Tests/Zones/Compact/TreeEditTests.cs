using Oops.Wire.Dns;
using Oops.Zones.Compact;
using Xunit;

namespace Oops.Tests.Zones.Compact;

public sealed class TreeEditTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Any_sequence_of_changes_gives_what_a_sorted_set_gives_and_leaves_the_version_before_alone(int seed)
    {
        var random = new Random(seed);
        var model = new SortedSet<(string Key, ushort Type, string Data)>(Comparer<(string, ushort, string)>.Create(static (a, b) =>
        {
            var order = string.CompareOrdinal(a.Item1, b.Item1);
            order = order != 0 ? order : a.Item2.CompareTo(b.Item2);
            return order != 0 ? order : string.CompareOrdinal(a.Item3, b.Item3);
        }));
        var tree = ZoneTree.Empty;
        for (var version = 0; version < 8; version++)
        {
            var (before, lines) = (tree, Lines(tree));
            var edit = new TreeEdit(tree);
            for (var i = 0; i < 3000; i++)
            {
                var (key, type, data) = (Convert.ToHexString(BitConverter.GetBytes(random.Next(400))), (ushort)random.Next(1, 5), Convert.ToHexString(new byte[random.Next(0, 60)]));
                if (random.Next(10) < (version < 4 ? 7 : 3))
                    Assert.Equal(model.Add((key, type, data)) ? Placed.Added : Placed.Duplicate, edit.Add(Convert.FromHexString(key), (DnsType)type, default, 60, Convert.FromHexString(data)));
                else
                    Assert.Equal(model.Remove((key, type, data)), edit.Remove(Convert.FromHexString(key), (DnsType)type, default, Convert.FromHexString(data)));
            }

            tree = edit.Seal();
            Assert.Equal(model.Select(r => $"{r.Key} {r.Type} {r.Data}"), Lines(tree));
            Assert.Equal(lines, Lines(before));
            Assert.Equal(model.Select(r => r.Key).Distinct().Count(), tree.Nodes);
        }
    }

    [Fact]
    public void What_comes_in_order_leaves_full_pages()
    {
        var edit = new TreeEdit(ZoneTree.Empty);
        for (var i = 0; i < 10_000; i++)
            edit.Add(Key(i), DnsType.A, default, 60, [192, 0, 2, 1]);
        var tree = edit.Seal();
        Assert.InRange(tree.Octets / tree.Pages.Length, ZonePage.Full * 9 / 10, ZonePage.Full);
    }

    [Fact]
    public void A_change_copies_only_the_page_that_it_touches()
    {
        var edit = new TreeEdit(ZoneTree.Empty);
        for (var i = 0; i < 10_000; i++)
            edit.Add(Key(i), DnsType.A, default, 60, [192, 0, 2, 1]);
        var before = edit.Seal();
        var change = new TreeEdit(before);
        change.Add(Key(5_000), DnsType.A, default, 60, [192, 0, 2, 2]);
        var after = change.Seal();
        Assert.Equal(before.Pages.Length - 1, before.Pages.ToArray().Intersect(after.Pages.ToArray()).Count());
        Assert.Equal(1, before.Find(Key(5_000)).Get(DnsType.A).Count);
        Assert.Equal(2, after.Find(Key(5_000)).Get(DnsType.A).Count);
    }

    [Fact]
    public void An_RRset_that_fits_into_no_message_is_not_taken_whole()
    {
        var edit = new TreeEdit(ZoneTree.Empty);
        var placed = Enumerable.Range(0, 70).Select(i => edit.Add([], DnsType.Txt, default, 60, [.. BitConverter.GetBytes(i), .. new byte[1000]])).ToArray();
        Assert.Equal((65, 5), (placed.Count(p => p == Placed.Added), placed.Count(p => p == Placed.TooLarge)));
    }

    [Fact]
    public void A_name_with_more_RRsets_than_anybody_has_is_not_taken_whole()
    {
        var edit = new TreeEdit(ZoneTree.Empty);
        var placed = Enumerable.Range(0, 300).Select(i => edit.Add([], (DnsType)(2000 - i), default, 60, [])).ToArray();
        Assert.Equal((TreeEdit.MaxRRsets, 300 - TreeEdit.MaxRRsets), (placed.Count(p => p == Placed.Added), placed.Count(p => p == Placed.TooLarge)));
        Assert.Equal(Placed.Added, edit.Add([], (DnsType)2000, default, 60, [1]));
    }

    [Fact]
    public void The_name_at_or_before_any_key_is_found()
    {
        var edit = new TreeEdit(ZoneTree.Empty);
        for (var i = 1; i < 5_000; i++)
            edit.Add(Key(2 * i), DnsType.A, default, 60, [192, 0, 2, 1]);
        var tree = edit.Seal();
        Assert.True(tree.FindAtOrBefore(Key(1)).IsNone);
        for (var i = 2; i < 10_000; i++)
            Assert.Equal(Key(i & ~1), tree.FindAtOrBefore(Key(i)).Key);
    }

    static byte[] Key(int i) => [(byte)(i >> 8), (byte)i, 5];

    static List<string> Lines(ZoneTree tree)
    {
        var lines = new List<string>();
        for (var cursor = tree.From(0); !cursor.Current.IsNone; cursor.Next())
        {
            foreach (var rrset in cursor.Current.RRsets)
            {
                foreach (var data in rrset.Data)
                    lines.Add($"{Convert.ToHexString(cursor.Current.Key)} {(ushort)rrset.Type} {Convert.ToHexString(data)}");
            }
        }

        return lines;
    }
}
