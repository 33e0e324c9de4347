using Oops.Actions.Mqtt;
using Oops.Bus;
using Oops.Core;
using Oops.Tests.Engine;
using Oops.Wire.Bus;
using Xunit;

namespace Oops.Tests.Actions.Mqtt;

public sealed class MqttSaidTests
{
    readonly MqttSaid said = new();
    readonly BusVoice voice = new("ams1", "n1", _ => null, c => c, TimeSpan.FromHours(3), new FakeTime());

    [Fact]
    public void All_is_said_once_and_then_only_what_differs()
    {
        Assert.Equal(["server-down=not-met", "zone-ready=met"], News(Down(State.NotMet), Sum(2, 0)));
        Assert.Empty(News(Down(State.NotMet, because: "other words"), Sum(2, 0)));
        Assert.Equal(["server-down=met"], News(Down(State.Met), Sum(2, 0)));
        Assert.Equal(["zone-ready=not-met"], News(Down(State.Met), Sum(1, 1)));
        said.Forget();
        Assert.Equal(["server-down=met", "zone-ready=not-met"], News(Down(State.Met), Sum(1, 1)));
    }

    [Fact]
    public void What_turned_and_turned_back_between_two_looks_is_said_since_it_began_anew()
    {
        News(Down(State.NotMet, at: 1));
        Assert.Equal(["server-down=not-met"], News(Down(State.NotMet, at: 2)));
    }

    [Fact]
    public void A_zone_is_said_while_it_is_not_well_and_once_more_when_it_is()
    {
        Assert.Equal(["zone-ready/nl=not-met"], News(Zone("nl", State.NotMet)));
        Assert.Equal(["condition/zone-ready/ns1/nl"], said.Zones);
        Assert.Empty(News(Zone("nl", State.NotMet)));
        Assert.Equal(["zone-ready/nl=unknown"], News(Zone("nl", State.Unknown)));
        said.Forget();
        Assert.Equal(["zone-ready/nl=met"], News(Zone("nl", State.Met)));
        Assert.Empty(said.Zones);
        Assert.Empty(News());
    }

    [Fact]
    public void A_zone_that_a_rule_has_said_is_followed_until_it_is_well()
    {
        said.Note(Zone("nl", State.NotMet));
        Assert.Empty(News(Zone("nl", State.NotMet)));
        Assert.Equal(["zone-ready/nl=met"], News(Zone("nl", State.Met)));
        said.Note(Zone("nl", State.Met));
        Assert.Empty(said.Zones);
    }

    [Fact]
    public void What_is_not_watched_any_more_is_unknown_and_is_said_so_once()
    {
        News(Down(State.Met), Zone("nl", State.NotMet));
        Assert.Equal(["server-down=unknown", "zone-ready/nl=unknown"], News().Order(StringComparer.Ordinal));
        Assert.Empty(News());
    }

    List<string> News(params ConditionReport[] believed) => [.. said.News(believed, voice).Select(s => $"{s.Condition}{(s.Zone is null ? "" : "/" + s.Zone)}={BusJson.Word(s.State)}")];

    static ConditionReport Down(State state, string because = "x", int at = 1) => new("condition/server-down/ns1", "server-down", state, true, DateTimeOffset.UnixEpoch.AddSeconds(at), because);

    static ConditionReport Sum(int met, int notMet) => new("condition/zone-ready/ns1", "zone-ready", notMet > 0 ? State.NotMet : State.Met, true, null, "x") { Counts = new(met, notMet, 0, null) };

    static ConditionReport Zone(string zone, State state) => new("condition/zone-ready/ns1/" + zone, "zone-ready", state, true, null, "x");
}
