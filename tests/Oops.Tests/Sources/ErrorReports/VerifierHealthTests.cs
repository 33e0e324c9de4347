using Oops.Core;
using Oops.Reports.Verify;
using Oops.Sources.ErrorReports;
using Xunit;

namespace Oops.Tests.Sources.ErrorReports;

/// <summary>When it is the verifier that finds nothing, and not the names of which nothing can be said.</summary>
public sealed class VerifierHealthTests
{
    readonly VerifierHealth health = new();
    int rung;

    public VerifierHealthTests() => health.Rung = () => rung++;

    [Fact]
    public void The_first_check_decides() => Assert.Equal("reports cannot be verified: no library", After(CheckVerdict.Unknown));

    [Fact]
    public void One_of_which_nothing_can_be_said_is_nothing_and_three_in_a_row_are()
    {
        Assert.Null(After(CheckVerdict.NotConfirmed));
        Assert.Equal(new At(1), health.State.Since);
        Assert.Null(After(CheckVerdict.Unknown));
        Assert.Null(After(CheckVerdict.Unknown));
        Assert.Null(After(CheckVerdict.Confirmed));
        Assert.Equal(new At(1), health.State.Since);
        Assert.Null(After(CheckVerdict.Unknown));
        Assert.Null(After(CheckVerdict.Unknown));
        Assert.NotNull(After(CheckVerdict.Unknown));
        Assert.Null(After(CheckVerdict.NotConfirmed));
        Assert.Equal(new At(8), health.State.Since);
        Assert.Equal(4, rung);
    }

    long now;

    string? After(CheckVerdict verdict)
    {
        health.Take(verdict, "no library", new At(++now));
        return health.State.Why;
    }
}
