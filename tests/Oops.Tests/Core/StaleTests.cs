using System.Net;
using Oops.Core;
using Xunit;

namespace Oops.Tests.Core;

/// <summary>A zone that is behind its primary, as several channels see it.</summary>
public sealed class StaleTests
{
    const string Api = "knot/ns1/control", Told = "knot/ns1/bus", There = "primary/ns1", One = "probe/ns1/1", Other = "probe/ns1/2";

    readonly Rig rig = new(Rig.Simple(null, new KindSpec("stale", Kind.ZoneStale) { Span = TimeSpan.FromSeconds(5) }) with
    {
        Channels =
        [
            Rig.Process(), Rig.Control(), Rig.Bus(),
            new(There, "ns1", Standing.Reference, [Measure.Serial], TimeSpan.FromSeconds(600)),
            new(One, "ns1", Standing.Witness, [Measure.Serial], TimeSpan.FromSeconds(600), IPAddress.Parse("192.0.2.1")),
            new(Other, "ns1", Standing.Witness, [Measure.Serial], TimeSpan.FromSeconds(600), IPAddress.Parse("192.0.2.2")),
        ],
    });

    [Fact]
    public void A_zone_that_was_updated_is_not_behind_for_a_witness_that_has_not_read_it_again()
    {
        All(1);
        Say(There, 2).Say(One, 2).Say(Other, 2);
        Assert.Equal(State.NotMet, After(10));
    }

    [Fact]
    public void It_is_behind_no_more_as_soon_as_who_asks_it_has_the_new_serial()
    {
        All(1);
        Say(There, 2);
        Assert.Equal(State.Met, After(6));
        Say(One, 2).Say(Other, 2);
        Assert.Equal(State.NotMet, After(0));
        // And the next time it is counted from then.
        Say(There, 3);
        Assert.Equal(State.NotMet, After(4));
        Assert.Equal(State.Met, After(2));
    }

    [Fact]
    public void One_address_of_two_that_serves_the_old_zone_is_behind()
    {
        All(1);
        Say(There, 2).Say(Told, 2).Say(Api, 2).Say(One, 2);
        Assert.Equal(State.Met, After(6));
        Say(Other, 2);
        Assert.Equal(State.NotMet, After(0));
    }

    void All(long serial)
    {
        rig.Say([.. Rig.Healthy()]);
        foreach (string channel in (string[])[Api, Told, There, One, Other]) Say(channel, serial);
        Assert.Equal(State.NotMet, After(0));
    }

    StaleTests Say(string channel, long serial)
    {
        rig.Say(new ZoneSignal(channel, "a", Measure.Serial, serial));
        return this;
    }

    State After(double seconds) => rig.Pass(seconds).Condition("stale", zone: "a").State;
}
