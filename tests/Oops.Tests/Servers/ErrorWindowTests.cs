using System.Collections.Immutable;
using Oops.Core;
using Oops.Servers;
using Xunit;

namespace Oops.Tests.Servers;

public sealed class ErrorWindowTests
{
    readonly ErrorWindow window = new(TimeSpan.FromSeconds(2));

    [Fact]
    public void Each_code_rises_at_its_own_rate_and_one_that_stands_still_is_not_told()
    {
        Assert.Null(Add(10, (6, 1_000_000), (9, 7), (12, 0)));
        Assert.Equal(new ErrorRates("c", [new(6, 50), new(12, 0.5)]), Add(12, (6, 1_000_100), (9, 7), (12, 1)));
        Assert.Equal(new ErrorRates("c", []), Add(14, (6, 1_000_100), (9, 7), (12, 1)));
    }

    [Fact]
    public void A_counter_that_went_back_is_of_another_process_and_gives_no_rate()
    {
        Add(10, (6, 500), (9, 7));
        Assert.Null(Add(12, (6, 2), (9, 900)));
        Assert.Equal(new ErrorRates("c", [new(6, 1)]), Add(14, (6, 4), (9, 900)));
        window.Reset();
        Assert.Null(Add(16, (6, 1_000_000), (9, 1_000_000)));
    }

    [Fact]
    public void After_a_gap_and_at_the_same_instant_there_is_no_rate()
    {
        Add(10, (6, 0));
        Assert.Null(Add(10, (6, 10)));
        Assert.Null(Add(17, (6, 20)));
        Assert.Equal(new ErrorRates("c", [new(6, 5)]), Add(19, (6, 30)));
    }

    ErrorRates? Add(double seconds, params (int Code, long Count)[] counts) =>
        window.Add("c", new((long)(seconds * TimeSpan.TicksPerSecond)), [.. counts.Select(c => new ErrorCount(c.Code, c.Count))]);
}
