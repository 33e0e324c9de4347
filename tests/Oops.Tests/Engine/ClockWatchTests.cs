using Oops.Core;
using Oops.Engine;
using Oops.Native;
using Xunit;

namespace Oops.Tests.Engine;

public sealed class ClockWatchTests
{
    readonly Recorder engine = new();

    void Step(ClockWatch watch) => watch.Record(BootTime.Now(engine.Clock), Tick.Instance, []);

    ClockTrust? Last => engine.Sent.OfType<ClockTrust>().LastOrDefault();

    [Fact]
    public void A_synchronised_clock_is_trusted_and_told_once()
    {
        var watch = new ClockWatch(engine, () => true);
        for (var i = 0; i < 10; i++)
        {
            engine.Clock.Advance(TimeSpan.FromMinutes(1));
            Step(watch);
        }

        Assert.True(Assert.Single(engine.Sent.OfType<ClockTrust>()).Trusted);
    }

    [Fact]
    public void A_step_of_the_wall_clock_takes_the_trust_for_an_hour()
    {
        var watch = new ClockWatch(engine, () => true);
        Step(watch);
        engine.Clock.Step = TimeSpan.FromHours(-3);
        Step(watch);
        Assert.False(Last!.Trusted);
        Assert.Contains("stepped by -10800", Last.Why, StringComparison.Ordinal);
        engine.Clock.Advance(TimeSpan.FromMinutes(59));
        Step(watch);
        Assert.False(Last.Trusted);
        engine.Clock.Advance(TimeSpan.FromMinutes(2));
        Step(watch);
        Assert.True(Last.Trusted);
    }

    [Fact]
    public void An_unsynchronised_clock_is_not_trusted()
    {
        Step(new ClockWatch(engine, () => false));
        Assert.Equal(new ClockTrust(false, "nothing synchronises it"), Last);
    }
}
