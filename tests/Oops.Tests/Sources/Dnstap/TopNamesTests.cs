using Oops.Sources.Dnstap;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Sources.Dnstap;

public sealed class TopNamesTests
{
    readonly TopNames top = new();

    [Fact]
    public void The_most_frequent_names_come_first()
    {
        Add("b.test", 3);
        Add("a.test", 5);
        Add("c.test", 1);
        Assert.Equal(["a.test", "b.test"], top.Most(2));
    }

    [Fact]
    public void A_heavy_name_is_kept_among_any_number_of_others()
    {
        for (var i = 0; i < 10_000; i++)
        {
            Add($"r{i}.random.test", 1);
            if (i % 4 == 0) Add("heavy.test", 1);
        }

        Assert.Equal("heavy.test", top.Most(3)[0]);
    }

    [Fact]
    public void Of_names_that_only_passed_through_nothing_is_said()
    {
        for (var i = 0; i < 10_000; i++) Add($"r{i}.random.test", 1);
        Assert.Empty(top.Most(3));
    }

    [Fact]
    public void What_is_old_fades()
    {
        Add("old.test", 8);
        for (var i = 0; i < 3; i++) top.Age();
        Add("new.test", 2);
        Assert.Equal(["new.test", "old.test"], top.Most(2));
        top.Age();
        Assert.Equal(["new.test"], top.Most(2));
    }

    [Fact]
    public void Names_are_printed_safely()
    {
        var wire = new byte[] { 4, 0x1b, (byte)'[', 0, 0xFF, 0 };
        var offset = 0;
        Assert.True(DnsName.TryRead(wire, ref offset, out var hostile));
        top.Add(hostile);
        Assert.Equal([@"\027[\000\255"], top.Most(1));
    }

    void Add(string name, int times)
    {
        Assert.True(DnsName.TryParse(name, out var parsed));
        for (var i = 0; i < times; i++) top.Add(parsed);
    }
}
