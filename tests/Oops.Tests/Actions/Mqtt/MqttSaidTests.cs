using Oops.Actions.Mqtt;
using Oops.Bus;
using Oops.Core;
using Oops.Tests.Engine;
using Oops.Wire.Bus;
using Xunit;

namespace Oops.Tests.Actions.Mqtt;

public sealed class MqttSaidTests
{
    readonly MqttSaid said = new(2);
    readonly List<MqttSaid.Said> open = [];
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
        Settle(true);
        Assert.Empty(said.Zones);
        Assert.Empty(News());
    }

    [Fact]
    public void That_a_zone_is_well_is_said_again_where_the_connection_ended_before_the_broker_had_it()
    {
        News(Zone("nl", State.NotMet), Down(State.Met));
        Settle(true);
        Assert.Equal(["zone-ready/nl=met"], News(Zone("nl", State.Met), Down(State.Met)));
        Assert.Empty(News(Zone("nl", State.Met), Down(State.Met)));
        said.Forget();
        Assert.Equal(["condition/zone-ready/ns1/nl"], said.Zones);
        Assert.Equal(["server-down=met", "zone-ready/nl=met"], News(Zone("nl", State.Met), Down(State.Met)).Order(StringComparer.Ordinal));
        Settle(true);
        Assert.Empty(said.Zones);
    }

    [Fact]
    public void What_ended_while_there_was_no_connection_is_told_over_the_next()
    {
        News(Zone("nl", State.NotMet), Down(State.Met));
        said.Forget();
        Assert.Equal(["server-down=unknown", "zone-ready/nl=met"], News(Zone("nl", State.Met)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_the_broker_could_not_take_is_said_again_when_it_is_tried_again_and_not_before()
    {
        News(Down(State.NotMet));
        Settle(false);
        Assert.Empty(News(Down(State.NotMet)));
        Assert.True(said.Retry());
        Assert.False(said.Retry());
        Assert.Equal(["server-down=not-met"], News(Down(State.NotMet)));
        Settle(true);
        Assert.False(said.Retry());
    }

    [Fact]
    public void A_refusal_of_what_is_over_concerns_nothing_newer()
    {
        News(Down(State.NotMet));
        var old = open.ToList();
        News(Down(State.Met));
        said.End(old[0], settled: false);
        Assert.False(said.Retry());
    }

    [Fact]
    public void However_many_zones_are_named_one_after_the_other_few_are_followed_and_each_that_is_not_any_more_has_a_last_word()
    {
        var over = 0;
        for (var i = 0; i < 1000; i++)
        {
            ConditionReport[] followed = [.. said.Zones.Select(z => Zone(z.Split('/')[3], State.NotMet))];
            over += News([Zone($"z{i}", State.NotMet), .. followed]).Count(static n => n.EndsWith("=unknown", StringComparison.Ordinal));
            Settle(true);
            Assert.InRange(said.Zones.Count, 1, 2);
            Assert.Contains($"condition/zone-ready/ns1/z{i}", said.Zones);
        }

        Assert.Equal(998, over);
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

    List<string> News(params ConditionReport[] believed)
    {
        open.Clear();
        open.AddRange(said.News(believed, voice));
        return [.. open.Select(o => o.Signal).Select(s => $"{s.Condition}{(s.Zone is null ? "" : "/" + s.Zone)}={BusJson.Word(s.State)}")];
    }

    void Settle(bool settled) => open.ForEach(o => said.End(o, settled));

    static ConditionReport Down(State state, string because = "x", int at = 1) => new("condition/server-down/ns1", "server-down", state, true, DateTimeOffset.UnixEpoch.AddSeconds(at), because);

    static ConditionReport Sum(int met, int notMet) => new("condition/zone-ready/ns1", "zone-ready", notMet > 0 ? State.NotMet : State.Met, true, null, "x") { Counts = new(met, notMet, 0, null) };

    static ConditionReport Zone(string zone, State state) => new("condition/zone-ready/ns1/" + zone, "zone-ready", state, true, null, "x");
}
