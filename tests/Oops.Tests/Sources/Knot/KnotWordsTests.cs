using Oops.Servers;
using Oops.Sources.Knot;
using Xunit;

namespace Oops.Tests.Sources.Knot;

/// <summary>What a signal is worth, by who sent it and who answers.</summary>
public sealed class KnotWordsTests : IDisposable
{
    static readonly KnotSignal Started = new(KnotSignalKind.Started);
    static readonly KnotSignal Stopped = new(KnotSignalKind.Stopped);

    readonly SpokenEngine engine = new();
    readonly Look look = new();
    readonly KnotWords words;

    public KnotWordsTests() =>
        words = new(new KnotOptions("ns1", "/x", "unix:path=/y", false, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(5)), engine, look);

    [Fact]
    public void The_channel_opens_when_the_names_owner_is_who_answers()
    {
        words.Owner(":1.2", 42);
        Assert.Equal(["bus lost: d-bus: cz.nic.knotd belongs to pid 42, and the server's pid is not known yet"], engine.Take());
        words.Answered(true, 42);
        Assert.Equal(["bus opened", "bus Stopping 0"], engine.Take());
        words.Answered(true, 42);
        Assert.Empty(engine.Take());
    }

    [Fact]
    public void Or_when_it_is_the_process_that_is_watched()
    {
        engine.Pid = 42;
        words.Owner(":1.2", 42);
        Assert.Equal(["bus opened"], engine.Take());
    }

    [Fact]
    public void What_another_process_may_have_said_is_urgent_and_what_the_same_one_did_is_not()
    {
        words.Owner(":1.2", 42);
        Assert.True(look.Urgent.IsCompleted);
        look.Take();
        words.Hear(":1.2", Updated("a.test", 5));
        words.Lost("d-bus: the bus closed the connection");
        words.Owner(":1.3", 42);
        Assert.False(look.Urgent.IsCompleted);
        Assert.True(look.Take().All);
        words.Hear(":1.3", Stopped);
        Assert.True(look.Urgent.IsCompleted);
        look.Take();
        words.Owner("", null);
        Assert.True(look.Urgent.IsCompleted);
    }

    [Fact]
    public void Signals_of_another_process_are_no_claims_but_make_the_witness_look()
    {
        words.Answered(true, 42);
        words.Owner(":1.2", 66);
        Assert.Equal(["bus lost: d-bus: cz.nic.knotd belongs to pid 66, but the server is pid 42"], engine.Take());
        look.Take();
        words.Hear(":1.2", Stopped);
        words.Hear(":1.2", Updated("a.test", 5));
        Assert.Empty(engine.Take());
        var (all, zones) = look.Take();
        Assert.True(all);
        Assert.Equal(["a.test"], zones.Keys);
    }

    [Fact]
    public void A_signal_of_a_sender_that_does_not_own_the_name_is_no_claim()
    {
        Open();
        words.Hear(":1.66", Stopped);
        Assert.Empty(engine.Take());
    }

    [Fact]
    public void Stopped_stands_though_its_sender_leaves_the_bus_next()
    {
        Open();
        words.Hear(":1.2", Stopped);
        Assert.Equal(["bus Stopping 1"], engine.Take());
        words.Answered(false, null);
        words.Owner("", null);
        words.Answered(false, null);
        Assert.Empty(engine.Take());
    }

    [Fact]
    public void It_ends_with_the_next_process()
    {
        Open();
        words.Hear(":1.2", Stopped);
        words.Owner("", null);
        words.Answered(false, null);
        engine.Take();
        words.Owner(":1.5", 43);
        Assert.Equal(["bus lost: d-bus: cz.nic.knotd belongs to pid 43, and the server's pid is not known yet"], engine.Take());
        words.Answered(true, 43);
        Assert.Equal(["bus opened", "bus Stopping 0"], engine.Take());
    }

    [Fact]
    public void It_ends_with_an_answer_of_another_process_that_has_no_bus()
    {
        Open();
        words.Hear(":1.2", Stopped);
        words.Owner("", null);
        engine.Take();
        words.Answered(true, 43);
        Assert.StartsWith("bus lost: d-bus: nobody owns cz.nic.knotd though knotd (pid 43) answers", Assert.Single(engine.Take()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_vanishes_without_a_word_proves_nothing_and_has_the_witness_look()
    {
        Open();
        look.Take();
        words.Owner("", null);
        Assert.StartsWith("bus lost: d-bus: nobody owns cz.nic.knotd though knotd (pid 42) answers", Assert.Single(engine.Take()), StringComparison.Ordinal);
        Assert.True(look.Take().All);
    }

    [Fact]
    public void A_control_socket_that_falls_silent_does_not_take_the_bus_along()
    {
        Open();
        words.Answered(false, null);
        words.Hear(":1.2", Updated("a.test", 5));
        Assert.Equal(["bus a.test Serial 5"], engine.Take());
    }

    [Fact]
    public void A_lost_bus_is_lost_once()
    {
        Open();
        words.Lost("d-bus: gone");
        words.Lost("d-bus: gone");
        words.Answered(true, 42);
        Assert.Equal(["bus lost: d-bus: gone"], engine.Take());
    }

    [Fact]
    public void Started_ends_stopped_and_says_nothing_of_zones()
    {
        Open();
        words.Hear(":1.2", Started);
        Assert.Equal(["bus Stopping 0"], engine.Take());
    }

    [Fact]
    public void A_failed_validation_ends_with_the_next_update()
    {
        Open();
        words.Hear(":1.2", new(KnotSignalKind.DnssecInvalid, "a.test"));
        words.Hear(":1.2", Updated("a.test", 6));
        words.Hear(":1.2", Updated("a.test", 7));
        Assert.Equal(["bus a.test Invalid 1 (knotd's validation failed)", "bus a.test Serial 6", "bus a.test Invalid 0 (updated since)", "bus a.test Serial 7"], engine.Take());
    }

    [Fact]
    public void Or_with_a_refresh_that_succeeds()
    {
        Open();
        words.Hear(":1.2", new(KnotSignalKind.DnssecInvalid, "a.test", 0));
        engine.Take();
        words.Refreshed("a.test");
        words.Refreshed("a.test");
        Assert.Equal(["bus a.test Invalid 0 (refreshed since)"], engine.Take());
    }

    [Fact]
    public void A_warning_before_signatures_expire_is_not_a_failed_validation()
    {
        Open();
        words.Hear(":1.2", new(KnotSignalKind.DnssecInvalid, "a.test", 3600));
        words.Hear(":1.2", Updated("a.test", 6));
        Assert.Equal(["bus a.test SignatureExpiry 3600", "bus a.test Serial 6", "bus a.test SignatureExpiry absent (updated since the warning)"], engine.Take());
    }

    [Fact]
    public void A_key_that_waits_for_its_DS_is_one_change_however_often_it_is_said()
    {
        Open();
        words.Hear(":1.2", new(KnotSignalKind.KskSubmission, "a.test", null, 1234, "88a7"));
        words.Hear(":1.2", new(KnotSignalKind.KskSubmission, "a.test", null, 1234, "88a7"));
        words.Hear(":1.2", new(KnotSignalKind.KskSubmission, "a.test", null, 5678, "99b8"));
        var said = engine.Take();
        Assert.Equal(said[0], said[1]);
        Assert.NotEqual(said[1], said[2]);
        Assert.EndsWith("(KSK 1234 waits for its DS)", said[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_zone_that_could_not_be_updated_is_looked_at_with_that_in_mind()
    {
        Open();
        look.Take();
        words.Hear(":1.2", new(KnotSignalKind.ZoneNotUpdated, "a.test"));
        words.Hear(":1.2", new(KnotSignalKind.ExternalVerify, "b.test", 5));
        Assert.Empty(engine.Take());
        Assert.Equal(new Dictionary<string, bool> { ["a.test"] = true, ["b.test"] = false }, look.Take().Zones);
    }

    [Fact]
    public void More_zones_than_one_request_takes_are_all_zones()
    {
        for (var i = 0; i <= Look.MaxZones; i++) look.At($"z{i}");
        var (all, zones) = look.Take();
        Assert.True(all);
        Assert.Equal(Look.MaxZones, zones.Count);
    }

    public void Dispose() => look.Dispose();

    static KnotSignal Updated(string zone, uint serial) => new(KnotSignalKind.ZoneUpdated, zone, serial);

    void Open()
    {
        words.Answered(true, 42);
        words.Owner(":1.2", 42);
        words.Answered(true, 42);
        engine.Take();
    }
}
