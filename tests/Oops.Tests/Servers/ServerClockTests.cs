using Oops.Core;
using Oops.Servers;
using Xunit;

namespace Oops.Tests.Servers;

public sealed class ServerClockTests
{
    static readonly DateTime Noon = new(2026, 11, 27, 12, 0, 0, DateTimeKind.Utc);
    readonly ServerClock clock = new();

    [Fact]
    public void A_time_of_the_servers_is_between_question_and_answer_at_the_latest_at_the_answer()
    {
        clock.Take(S(100), S(103), Noon);
        Assert.Equal(S(113), clock.At(Noon.AddSeconds(10)));
    }

    [Fact]
    public void A_faster_answer_says_it_better_and_a_slower_one_shifts_nothing()
    {
        clock.Take(S(100), S(103), Noon);
        clock.Take(S(200), S(200.1), Noon.AddSeconds(99));
        Assert.Equal(S(111.1), clock.At(Noon.AddSeconds(10)));
        clock.Take(S(300), S(320), Noon.AddSeconds(200));
        Assert.Equal(S(111.1), clock.At(Noon.AddSeconds(10)));
        Assert.Equal(0, clock.Steps);
    }

    [Fact]
    public void A_clock_that_drifts_is_followed_and_one_that_was_set_is_told()
    {
        clock.Take(S(100), S(100.01), Noon);
        // Slower than ours by 0.2 s.
        clock.Take(S(1000), S(1000.01), Noon.AddMilliseconds(899_800));
        Assert.Equal((S(100.2), 0), (clock.At(Noon), clock.Steps));
        clock.Take(S(2000), S(2000.01), Noon.AddSeconds(1900));
        Assert.Equal((S(100.01), 0), (clock.At(Noon), clock.Steps));
        clock.Take(S(3000), S(3000.01), Noon.AddHours(1));
        Assert.Equal((S(3000.01), 1), (clock.At(Noon.AddHours(1)), clock.Steps));
        clock.Take(S(4000), S(4000.01), Noon);
        Assert.Equal(2, clock.Steps);
    }

    static At S(double seconds) => new((long)Math.Round(seconds * 1000) * TimeSpan.TicksPerMillisecond);
}
