using Oops.Commands;
using Oops.Simulate;
using Xunit;

namespace Oops.Tests.Simulate;

/// <summary>What must never be, in schedules that chance makes and a seed repeats.</summary>
public sealed class SimulationTests
{
    static readonly bool Long = Environment.GetEnvironmentVariable("OOPS_LONG") == "1";

    /// <summary>A few hundred always, a million with `make test-long`, which tells its seeds as it goes; what was never reached would prove nothing.</summary>
    [Fact]
    public void Nothing_that_must_never_be_is_reached_by_chance()
    {
        var (all, piece) = Long ? (1_000_000, 50_000) : (300, 300);
        List<string> broken = [];
        HashSet<Reached> reached = [];
        var done = 0L;
        for (var from = 1; from <= all; from += piece)
        {
            var result = Simulation.Run((ulong)from, piece, 1, () => !TestContext.Current.CancellationToken.IsCancellationRequested);
            broken.AddRange(Shown(result));
            reached.UnionWith(result.Reached.Where(r => r.Times > 0).Select(r => r.What));
            done += result.Schedules;
            if (Long) Console.WriteLine($"simulate: seeds {from} to {from + piece - 1}, {result.Steps} steps, digest {result.Digest:x16}, {result.Violations.Sum(v => v.Schedules)} violations");
        }

        Assert.Empty(broken);
        Assert.Equal(all, done);
        Assert.Empty(Enum.GetValues<Reached>().Except(reached));
    }

    [Fact]
    public void Sites_share_the_data_and_the_attacks() => Assert.Empty(Shown(Simulation.Run(1_000_000_007, 10, 8, () => true)));

    [Fact]
    public void The_same_seeds_give_the_same_bytes()
    {
        var (one, two) = (Simulation.Run(42, 40, 2, () => true), Simulation.Run(42, 40, 2, () => true));
        Assert.Equal((one.Digest, one.Steps, one.Schedules), (two.Digest, two.Steps, two.Schedules));
        Assert.NotEqual(one.Digest, Simulation.Run(43, 40, 2, () => true).Digest);
    }

    [Fact]
    public void A_schedule_of_many_is_played_again_by_its_own_seed() => Assert.Equal(Schedule.Play(7, 3).Digest, Schedule.Play(7, 3).Digest);

    [Theory]
    [InlineData("write either a file or --random N", "simulate")]
    [InlineData("--sites 51: a number from 1 to 50", "simulate", "--random", "1", "--sites", "51")]
    [InlineData("--random 0: a number from 1", "simulate", "--random", "0")]
    [InlineData("--random -5: a number from 1", "simulate", "--random", "-5")]
    [InlineData("--random x: a number from 1", "simulate", "--random", "x")]
    public void Neither_a_file_nor_chance_is_not_understood(string says, params string[] words)
    {
        var parsed = Root.New().Parse(words);
        if (parsed.Errors.Count > 0) Assert.Equal(says, Assert.Single(parsed.Errors).Message);
        else Assert.Equal(2, parsed.Invoke());
    }

    static IEnumerable<string> Shown(SimulationResult result) => result.Violations.Select(v => $"{v.Schedules} schedules, seeds {string.Join(' ', v.Seeds)}: {v.First.What}\n{Shrinker.Shrink(v.First)}");
}
