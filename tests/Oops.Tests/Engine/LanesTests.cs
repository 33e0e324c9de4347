using Xunit;
using Oops.Core;
using Oops.Engine;

namespace Oops.Tests.Engine;

public sealed class LanesTests
{
    static Lanes New() => new(channel => channel is "process" or "knot" or "probe" ? ["process", "knot", "probe"] : []);

    static ZoneSignal Serial(string zone, long serial, string channel = "knot") => new(channel, zone, Measure.Serial, serial);

    static List<Input> Drain(Lanes lanes)
    {
        var all = new List<Input>();
        while ((lanes.TakeUrgent() as Input ?? lanes.TakeBulk()) is { } input) all.Add(input);
        return all;
    }

    [Fact]
    public void A_process_exit_overtakes_a_flood_of_zone_signals()
    {
        var lanes = New();
        for (var i = 0; i < 1000; i++) lanes.Send(Serial($"z{i}", i));
        lanes.Send(new ProcessGone("elsewhere", "signal 9"));
        Assert.IsType<ProcessGone>(lanes.TakeUrgent());
        Assert.Equal(1000, Drain(lanes).Count);
    }

    [Fact]
    public void What_a_channel_measures_is_not_taken_before_it_was_opened_however_the_taker_and_the_sender_meet()
    {
        var lanes = New();
        // The taker has found nothing urgent, and is about to look at the rest.
        Assert.Null(lanes.TakeUrgent());
        lanes.Send(new ChannelOpened("knot"), Serial("a", 1));
        Assert.Null(lanes.TakeBulk());
        Assert.Equal([new ChannelOpened("knot"), Serial("a", 1)], Drain(lanes));
    }

    [Fact]
    public void A_hundred_thousand_signals_keep_the_latest_of_each_subject_and_count_the_rest()
    {
        var lanes = New();
        for (var i = 0; i < 100_000; i++) lanes.Send(Serial($"z{i % 1000}", i));
        var left = Drain(lanes).Cast<ZoneSignal>().ToList();
        Assert.Equal(1000, left.Count);
        Assert.All(left, s => Assert.Equal(99_000 + int.Parse(s.Zone.AsSpan(1)), s.Value));
        Assert.Equal(99_000, lanes.Merged);
    }

    [Fact]
    public void A_complete_read_stays_behind_what_it_completes()
    {
        var lanes = New();
        lanes.Send(Serial("a", 1));
        lanes.Send(new ChannelRead("knot"));
        lanes.Send(Serial("a", 2));
        lanes.Send(Serial("b", 2));
        lanes.Send(new ChannelRead("knot"));
        Assert.Equal([Serial("a", 2), new ChannelRead("knot"), Serial("b", 2), new ChannelRead("knot")], Drain(lanes));
    }

    [Fact]
    public void Reads_without_news_between_them_are_one()
    {
        var lanes = New();
        for (var i = 0; i < 1000; i++)
        {
            lanes.Send(Serial("a", i));
            lanes.Send(new ChannelRead("knot"));
        }

        Assert.Equal([Serial("a", 999), new ChannelRead("knot")], Drain(lanes));
    }

    [Fact]
    public void What_was_measured_before_the_channel_was_lost_is_void()
    {
        var lanes = New();
        lanes.Send(Serial("a", 1));
        lanes.Send(Serial("a", 1, "probe"));
        lanes.Send(new ChannelLost("knot", "reset"));
        lanes.Send(new ChannelOpened("knot"));
        lanes.Send(Serial("a", 2));
        Assert.Equal([new ChannelLost("knot", "reset"), new ChannelOpened("knot"), Serial("a", 1, "probe"), Serial("a", 2)], Drain(lanes));
    }

    [Fact]
    public void What_was_measured_of_the_last_incarnation_is_void_in_the_next()
    {
        var lanes = New();
        lanes.Send(Serial("a", 1));
        lanes.Send(new ProcessStarted("process", 7, 70));
        lanes.Send(Serial("a", 2));
        lanes.Send(new ProcessStarted("process", 7, 70));
        Assert.Equal([new ProcessStarted("process", 7, 70), new ProcessStarted("process", 7, 70), Serial("a", 2)], Drain(lanes));
    }

    [Fact]
    public void A_word_after_a_new_incarnation_does_not_take_the_place_of_one_before()
    {
        var lanes = New();
        lanes.Send(new ServerSignal("probe", Measure.Answering, 0));
        lanes.Send(new ProcessStarted("process", 8, 80));
        lanes.Send(new ServerSignal("probe", Measure.Answering, 1));
        Assert.Equal(
            [new ServerSignal("probe", Measure.Answering, 0), new ProcessStarted("process", 8, 80), new ServerSignal("probe", Measure.Answering, 1)],
            Drain(lanes));
    }

    [Fact]
    public void Words_about_a_server_keep_the_latest()
    {
        var lanes = New();
        for (var i = 0; i < 1000; i++) lanes.Send(new ServerSignal("probe", Measure.QueryRate, i));
        Assert.Equal([new ServerSignal("probe", Measure.QueryRate, 999)], Drain(lanes));
    }

    [Fact]
    public void Rates_of_errors_keep_the_latest_and_those_of_a_lost_channel_do_not_take_the_place_of_newer_ones()
    {
        var lanes = New();
        for (var i = 0; i < 1000; i++) lanes.Send(new ErrorRates("dnstap", [new(6, i)]));
        lanes.Send(new ChannelLost("dnstap", "closed"), new ChannelOpened("dnstap"), new ErrorRates("dnstap", [new(6, 5)]));
        Assert.Equal([new ErrorRates("dnstap", [new(6, 999)]), new ChannelLost("dnstap", "closed"), new ChannelOpened("dnstap"), new ErrorRates("dnstap", [new(6, 5)])], Drain(lanes));
    }

    [Fact]
    public void A_large_zone_set_comes_in_pieces_of_which_only_the_last_ends_it()
    {
        var lanes = New();
        lanes.Send(new ZonesListed("knot", [.. Enumerable.Range(0, 1201).Select(i => $"z{i}")], Last: true) { First = true });
        var pieces = Drain(lanes).Cast<ZonesListed>().ToList();
        Assert.Equal([false, false, true], pieces.Select(p => p.Last));
        Assert.Equal([true, false, false], pieces.Select(p => p.First));
        Assert.Equal(Enumerable.Range(0, 1201).Select(i => $"z{i}"), pieces.SelectMany(p => p.Zones));
    }

    [Fact]
    public void A_sleeper_is_woken_by_what_is_sent()
    {
        var lanes = New();
        var sleeper = new Thread(() => lanes.Wait(TimeSpan.FromMinutes(1)));
        sleeper.Start();
        lanes.Send(Tick.Instance);
        Assert.True(sleeper.Join(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void Who_reads_very_much_is_asked_to_wait_until_half_of_the_crowd_is_gone()
    {
        var lanes = new Lanes(_ => []);
        Assert.True(lanes.RoomAsync().IsCompleted);
        for (var i = 0; i < Lanes.Crowd; i++) lanes.Send(new ZoneSignal("c", $"z{i}", Measure.Serial, 1));
        var room = lanes.RoomAsync();
        for (var i = 0; i < (Lanes.Crowd / 2) - 1; i++) lanes.TakeBulk();
        Assert.False(room.IsCompleted);
        lanes.TakeBulk();
        Assert.True(room.IsCompleted);
        Assert.True(lanes.RoomAsync().IsCompleted);
    }
}
