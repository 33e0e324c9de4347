using Oops.Core;
using Xunit;

namespace Oops.Tests.Core;

public sealed class WordsTests
{
    [Theory]
    [InlineData(-3, "0s")]
    [InlineData(0, "0s")]
    [InlineData(0.8, "800ms")]
    [InlineData(0.9999, "1s")]
    [InlineData(1.5, "1.5s")]
    [InlineData(59.97, "1m")]
    [InlineData(90, "1m30s")]
    [InlineData(3600, "1h")]
    [InlineData(5430, "1h30m")]
    [InlineData(90_000, "1d1h")]
    public void A_span_is_written_as_in_the_config(double seconds, string text) => Assert.Equal(text, Words.Of(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(0, "route", "0 routes")]
    [InlineData(1, "route", "1 route")]
    [InlineData(2, "route", "2 routes")]
    [InlineData(1, "process", "1 process")]
    [InlineData(2, "process", "2 processes")]
    public void What_is_counted_is_named_by_its_number(int number, string thing, string text) => Assert.Equal(text, Words.Count(number, thing));

    [Fact]
    public void A_time_that_the_clock_does_not_bear_out_is_not_unspoken()
    {
        var simple = Rig.Simple(conditions: new KindSpec("lapsing", Kind.SignaturesExpiring) { Span = TimeSpan.FromSeconds(30) });
        var rig = new Rig(simple with { Channels = simple.Channels.Add(new("probe/ns1/zones", "ns1", Standing.Witness, [Measure.SignatureExpiry], Timeout.InfiniteTimeSpan)) });
        rig.Say(new ChannelOpened("probe/ns1/zones"), new ClockTrust(false, "nothing synchronises it"));
        rig.Say(new ZoneSignal("probe/ns1/zones", "a", Measure.SignatureExpiry, 10));
        Assert.Equal((State.Unknown, "wall-clock facts do not count: nothing synchronises it"), (rig.Condition("lapsing", zone: "a").State, rig.Condition("lapsing", zone: "a").Because));
        var alarm = rig.Machine.Status(rig.Moment).Alarms.Single(a => a.Id == "clock");
        Assert.StartsWith("wall-clock facts do not count: nothing synchronises it; let chrony or systemd-timesyncd synchronise it", alarm.Text, StringComparison.Ordinal);
        Assert.Contains("`limits: { wall-clock: trusted }`", alarm.Text, StringComparison.Ordinal);
        rig.Say(new ClockTrust(true, "synchronised"));
        Assert.Equal(State.Met, rig.Condition("lapsing", zone: "a").State);
    }

    [Fact]
    public void A_span_without_an_end_is_ever() => Assert.Equal("ever", Words.Of(Timeout.InfiniteTimeSpan));
}
