using Oops.Sources.Knot.Gate;
using Xunit;

namespace Oops.Tests.Sources.Knot.Gate;

public sealed class KnotGateOptionsTests
{
    static readonly KnotGateOptions Default = new() { Control = "/run/knot/knot.sock" };

    [Fact]
    public void The_defaults_are_good() => Assert.Empty(Default.Problems());

    [Fact]
    public void Whoever_may_answer_later_than_knotd_waits_is_told_both_times()
    {
        var (key, what) = Assert.Single((Default with { Deadline = TimeSpan.FromMinutes(4) }).Problems());
        Assert.Equal("knotd-timeout", key);
        Assert.Contains("5m15s", what, StringComparison.Ordinal);
        Assert.Contains("5m;", what, StringComparison.Ordinal);
        Assert.Empty((Default with { Deadline = TimeSpan.FromMinutes(4), KnotdTimeout = TimeSpan.FromMinutes(6) }).Problems());
    }

    [Fact]
    public void Times_that_are_none_are_refused()
    {
        Assert.NotEmpty((Default with { Deadline = TimeSpan.Zero }).Problems());
        Assert.NotEmpty((Default with { Interval = TimeSpan.Zero }).Problems());
        Assert.NotEmpty((Default with { AtOnce = 0 }).Problems());
    }
}
