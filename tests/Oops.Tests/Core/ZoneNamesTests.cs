using System.Text;
using Oops.Core;
using Xunit;

namespace Oops.Tests.Core;

public sealed class ZoneNamesTests
{
    [Fact]
    public void Each_of_very_many_names_has_one_number_and_is_read_as_it_was()
    {
        const int many = 200_000;
        var names = new ZoneNames();
        for (var i = 0; i < many; i++) Assert.Equal(i, names.Intern($"customer-{i}.example"));
        Assert.Equal(many, names.Count);
        for (var i = 0; i < many; i++)
        {
            Assert.Equal(i, names.Find($"customer-{i}.example"));
            Assert.Equal($"customer-{i}.example", names.Name(i));
        }

        Assert.Equal(-1, names.Find("customer.example"));
        Assert.Equal(7, names.Intern(Encoding.UTF8.GetBytes("customer-7.example")));
    }

    [Fact]
    public void The_longest_names_fit_and_what_is_longer_or_nothing_has_no_number()
    {
        var names = new ZoneNames();
        for (var i = 0; i < 50; i++) Assert.Equal(i, names.Intern(i.ToString("d4", null) + new string('a', ZoneNames.Longest - 4)));
        Assert.Equal(new string('a', ZoneNames.Longest - 4), names.Name(49)[4..]);
        Assert.Equal(-1, names.Intern(new string('a', ZoneNames.Longest + 1)));
        Assert.Equal(-1, names.Intern(""));
    }

    [Fact]
    public void A_set_stays_as_it_was_while_names_are_added()
    {
        var names = new ZoneNames();
        for (var i = 0; i < 100; i++) names.Intern($"z{i}");
        var odd = new ZoneSet(names, names.Count, i => i % 2 == 1);
        for (var i = 100; i < 100_000; i++) names.Intern($"z{i}");
        Assert.Equal(50, odd.Count);
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"z{(2 * i) + 1}"), odd);
    }

    [Fact]
    public void Two_sets_are_the_same_when_they_have_the_same_zones_in_the_same_order()
    {
        ZoneSet all = ["a", "b", "c"];
        Assert.True(all.IsSame(["a", "b", "c"]));
        Assert.True(all.IsSame(new ZoneSet(all.Names)));
        Assert.False(all.IsSame(["a", "c", "b"]));
        Assert.False(all.IsSame(["a", "b"]));
        Assert.False(all.IsSame(new(all.Names, 3, i => i != 1)));
        Assert.True(new ZoneSet(all.Names, 3, i => i != 1).IsSame(["a", "c"]));
    }

    [Fact]
    public void A_column_has_a_value_where_one_was_written_and_the_default_elsewhere()
    {
        var column = new Column<long>();
        column.Set(1_000_000, 0);
        Assert.Equal(0, column[1_000_000]);
        column.Set(5_000, 7);
        column.At(3)++;
        Assert.Equal((0, 1, 7, 0), (column[0], column[3], column[5_000], column[int.MaxValue]));
        column.Set(5_000, 0);
        Assert.Equal(0, column[5_000]);
    }

    [Fact]
    public void What_two_sets_differ_in_is_the_same_whether_they_share_their_names_or_not()
    {
        var names = new ZoneNames();
        for (var i = 0; i < 200; i++) names.Intern($"z{i}");
        var before = new ZoneSet(names, 130, i => i != 7);
        var after = new ZoneSet(names, 200, i => i is not (63 or 64));
        string[] added = ["z7", .. Enumerable.Range(130, 70).Select(i => $"z{i}")];
        Assert.Equal(added, after.Without(before));
        Assert.Equal(["z63", "z64"], before.Without(after));
        Assert.Equal(added, after.Without([.. before]));
        Assert.Equal(["z63", "z64"], before.Without([.. after]));
        Assert.Empty(after.Without(after));
    }
}
