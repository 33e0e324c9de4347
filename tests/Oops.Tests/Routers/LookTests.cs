using Oops.Core;
using Oops.Routers;
using Xunit;

namespace Oops.Tests.Routers;

public sealed class LookTests
{
    static readonly Degradation[] Ways = [new(Prepend: 3), new(Med: 50), new(Community: (64501, 666)), new(Large: (4200000000, 1, 2))];

    [Fact]
    public void Each_form_is_known_by_its_look()
    {
        foreach (var way in Ways)
            foreach (var form in (RouteForm[])[RouteForm.Plain, RouteForm.Degraded, RouteForm.Draining, RouteForm.DrainingDegraded])
                Assert.Equal(form, Look.Of(form, way)!.Value.Form(way, null));
        Assert.Null(Look.Of(RouteForm.Withdrawn, Ways[0]));
    }

    [Fact]
    public void A_degraded_route_that_is_drained_has_what_degrades_it_and_the_community_of_draining()
    {
        Assert.Equal(new Look(Prepend: 3, IsDraining: true), Look.Of(RouteForm.DrainingDegraded, Ways[0]));
        Assert.Equal([(64501, 666), (65535, 0)], Look.Of(RouteForm.DrainingDegraded, Ways[2])!.Value.Communities);
        Assert.Equal(Look.Of(RouteForm.DrainingDegraded, Ways[2]), default(Look).With([(65535, 0), (64501, 666)]));
        Assert.Null(default(Look).With([(65535, 0), (64501, 666), (64501, 667)]));
        Assert.Equal("prepended 3 times, community 65535:0", $"{Look.Of(RouteForm.DrainingDegraded, Ways[0])}");
        // Degraded by that community it has it once.
        Assert.Equal(Look.Draining, Look.Of(RouteForm.DrainingDegraded, new Degradation(Community: (65535, 0))));
    }

    [Fact]
    public void What_looks_like_no_form_is_none()
    {
        Assert.Null(new Look(Prepend: 2).Form(Ways[0], RouteForm.Degraded));
        Assert.Null(new Look(Prepend: 3, Med: 1).Form(Ways[0], RouteForm.Degraded));
        Assert.Null(new Look(Med: 50).Form(Ways[0], null));
    }

    [Theory]
    [InlineData(RouteForm.Degraded, RouteForm.Degraded)]
    [InlineData(RouteForm.Draining, RouteForm.Draining)]
    [InlineData(null, RouteForm.Draining)]
    public void Of_two_forms_that_look_the_same_it_is_the_one_that_was_told(RouteForm? told, RouteForm is_) =>
        Assert.Equal(is_, Look.Draining.Form(new Degradation(Community: (65535, 0)), told));

    [Fact]
    public void In_words() =>
        Assert.Equal(["plain", "prepended 3 times", "MED 50", "community 64501:666", "large community 4200000000:1:2"], [default(Look).ToString(), .. Ways.Select(w => $"{Look.Of(RouteForm.Degraded, w)}")]);
}
