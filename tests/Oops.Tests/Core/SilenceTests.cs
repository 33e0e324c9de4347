using System.Collections.Immutable;
using System.Net;
using Oops.Core;
using Xunit;

namespace Oops.Tests.Core;

/// <summary>Hung or busy: a server that is silent on all probes is down only if everybody who looked at it during the silence saw it idle.</summary>
public sealed class SilenceTests
{
    const string Udp = "probe/ns1/192.0.2.53";
    const string Tcp = "probe/ns1/192.0.2.53/tcp";
    const string V6 = "probe/ns1/2001:db8:53::53";
    const string Cpu = "process/ns1/cpu";
    const string Counters = "nsd/ns1/counters";
    const string Control = "knot/ns1/control";

    readonly Rig rig = new Rig(Policy()).Say(new ProcessStarted("process/ns1", 10, 1000));

    static Policy Policy() => Rig.Simple() with
    {
        Channels =
        [
            new("process/ns1", "ns1", Standing.Witness, [], Timeout.InfiniteTimeSpan, Process: true),
            new(Cpu, "ns1", Standing.Witness, [Measure.Idle], TimeSpan.FromSeconds(15)),
            new(Counters, "ns1", Standing.Witness, [Measure.Idle], TimeSpan.FromSeconds(60)),
            Rig.Control(),
            Probe(Udp, "192.0.2.53", 30), Probe(Tcp, "192.0.2.53", 30), Probe(V6, "2001:db8:53::53", 30),
        ],
    };

    static ChannelSpec Probe(string name, string address, int seconds) =>
        new(name, "ns1", Standing.Witness, [Measure.Answering, Measure.Unanswered], TimeSpan.FromSeconds(seconds), IPAddress.Parse(address));

    State Down => rig.Condition("server-down").State;

    void Answers(params ReadOnlySpan<string> channels)
    {
        foreach (var channel in channels) rig.Say(new ServerSignal(channel, Measure.Answering, 1));
    }

    void Silent(double seconds, params ReadOnlySpan<string> channels)
    {
        foreach (var channel in channels) rig.Say(new ServerSignal(channel, Measure.Answering, Signal.Absent, Evidence.Suspicion) { For = TimeSpan.FromSeconds(seconds) });
    }

    void Idle(double seconds, string channel = Cpu, int value = 1, Evidence evidence = Evidence.Proof) =>
        rig.Say(new ServerSignal(channel, Measure.Idle, value, evidence, value == 1 ? "idle as can be" : "works hard") { For = TimeSpan.FromSeconds(seconds) });

    [Fact]
    public void Silent_on_all_probes_and_idle_meanwhile_is_down_and_says_why()
    {
        Silent(4, Udp, Tcp, V6);
        Idle(0.5);
        Assert.Equal(State.Met, Down);
        Assert.True(rig.Condition("server-down").Proven);
        Assert.Contains("hung: silent on all probes and idle (idle as can be)", rig.Condition("server-down").Because, StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_ends_it()
    {
        Silent(4, Udp, Tcp, V6);
        Idle(0.5);
        Answers(Udp);
        Assert.NotEqual(State.Met, Down);
        Answers(Tcp, V6, Control);
        Assert.Equal(State.NotMet, Down);
    }

    [Fact]
    public void Who_looks_only_while_a_probe_is_not_answered_is_quiet_until_then_and_not_silent()
    {
        var policy = Policy();
        var asked = new Rig(policy with { Channels = [.. policy.Channels.Select(c => c.Name == Cpu ? c with { WhenUnanswered = true } : c)] }).Say(new ProcessStarted("process/ns1", 10, 1000));
        foreach (var channel in (string[])[Udp, Tcp, V6]) asked.Say(new ServerSignal(channel, Measure.Answering, 1));
        ChannelReport At(string name) => asked.Machine.Status(asked.Moment).Channels.Single(c => c.Name == name);
        Assert.True(At(Cpu) is { Open: false, Quiet: true });
        Assert.True(At(Control) is { Open: false, Quiet: false });
        asked.Say(new ServerSignal(Udp, Measure.Answering, Signal.Absent, Evidence.Suspicion));
        asked.Say(new ServerSignal(Tcp, Measure.Answering, Signal.Absent, Evidence.Suspicion));
        asked.Say(new ServerSignal(V6, Measure.Answering, Signal.Absent, Evidence.Suspicion));
        Assert.True(At(Cpu) is { Open: false, Quiet: false });
    }

    [Fact]
    public void What_nobody_measures_is_said_to_be_missing()
    {
        var missing = Assert.Single(rig.Machine.Status(rig.Moment).NotMonitored);
        Assert.Contains("server-shutting-down", missing, StringComparison.Ordinal);
        Assert.Contains("delegation-mismatch", missing, StringComparison.Ordinal);
    }

    [Fact]
    public void Silence_alone_is_never_down_however_long()
    {
        for (var i = 0; i < 100; i++)
        {
            Silent(4, Udp, Tcp, V6);
            rig.Pass(10);
            Assert.NotEqual(State.Met, Down);
        }
    }

    [Fact]
    public void An_answer_at_any_address_shows_that_it_is_not_hung()
    {
        Silent(4, Udp, Tcp);
        Answers(V6);
        Idle(0.5);
        Assert.NotEqual(State.Met, Down);
    }

    [Fact]
    public void What_a_route_does_not_hear_shows_it_too()
    {
        // The route hears only its own address, where all is silent; the server answers at another one.
        rig.Say(Rig.Router(RouteForm.Plain), new Confirm("anna", []));
        Answers(Udp, Tcp, V6, Control);
        Silent(4, Udp, Tcp);
        Idle(0.5);
        rig.Pass(20);
        Assert.NotEqual(RouteState.Withdrawn, rig.Route().State);
    }

    [Fact]
    public void Idle_before_the_silence_says_nothing_of_it()
    {
        Idle(5);
        rig.Pass(2);
        Silent(1, Udp, Tcp, V6);
        Assert.Equal(State.Unknown, Down);
    }

    [Fact]
    public void Idle_across_the_beginning_of_the_silence_says_nothing_of_it()
    {
        Silent(4, Udp, Tcp, V6);
        Idle(5);
        Assert.Equal(State.Unknown, Down);
        Idle(3.5);
        Assert.Equal(State.Met, Down);
    }

    [Fact]
    public void The_silence_is_as_old_as_the_youngest_of_its_probes()
    {
        Silent(10, Udp, V6);
        Silent(2, Tcp);
        Idle(5);
        Assert.Equal(State.Unknown, Down);
        Idle(1);
        Assert.Equal(State.Met, Down);
    }

    [Fact]
    public void Its_beginning_is_told_once_and_kept()
    {
        foreach (var channel in (ReadOnlySpan<string>)[Udp, Tcp, V6])
            rig.Say(new ServerSignal(channel, Measure.Unanswered, 1, Evidence.Suspicion) { For = TimeSpan.FromSeconds(1) });
        rig.Pass(3);
        Silent(0, Udp, Tcp, V6);
        Idle(3.5);
        Assert.Equal(State.Met, Down);
        rig.Pass(1);
        Silent(0, Udp, Tcp, V6);
        Assert.Equal(State.Met, Down);
    }

    [Fact]
    public void Who_saw_it_work_is_believed()
    {
        Silent(4, Udp, Tcp, V6);
        Idle(0.5);
        Idle(2, Counters, value: 0);
        Assert.Equal(State.Unknown, Down);
        Assert.Contains("silent, but it works (works hard)", rig.Condition("server-down").Because, StringComparison.Ordinal);
        Idle(2, Counters);
        Assert.Equal(State.Met, Down);
    }

    [Fact]
    public void Counters_that_moved_before_the_silence_are_no_word_about_it()
    {
        Idle(5, Counters, value: 0);
        rig.Pass(1);
        Silent(0.5, Udp, Tcp, V6);
        Assert.Equal(State.Unknown, Down);
        Idle(0.4);
        Assert.Equal(State.Met, Down);
    }

    [Fact]
    public void Counters_alone_are_enough_where_no_process_is_seen()
    {
        Silent(4, Udp, Tcp, V6);
        Idle(3, Counters);
        Assert.Equal(State.Met, Down);
    }

    [Fact]
    public void A_suspicion_of_idleness_is_none_of_a_hang()
    {
        Silent(4, Udp, Tcp, V6);
        Idle(3, evidence: Evidence.Suspicion);
        Assert.Equal(State.Unknown, Down);
    }

    [Fact]
    public void A_control_socket_that_answers_during_the_silence_is_an_answer_and_one_that_did_before_is_none()
    {
        Answers(Control);
        rig.Pass(5);
        Silent(4, Udp, Tcp, V6);
        Idle(0.5);
        Assert.Equal(State.Met, Down);
        Answers(Control);
        Assert.NotEqual(State.Met, Down);
    }

    [Fact]
    public void A_port_that_refuses_neither_makes_it_hung_nor_hides_it()
    {
        Silent(4, Udp, V6);
        rig.Say(new ServerSignal(Tcp, Measure.Answering, 0, Evidence.Suspicion));
        Assert.Equal(State.Unknown, Down);
        Idle(0.5);
        Assert.Equal(State.Met, Down);
    }

    [Fact]
    public void What_could_not_be_asked_was_not_silent()
    {
        Silent(4, Udp, Tcp);
        rig.Say(new ServerSignal(V6, Measure.Answering, Signal.Unasked, Evidence.Suspicion, "no route to host"));
        Idle(0.5);
        Assert.Equal(State.Unknown, Down);
        Assert.Contains(rig.Condition("server-down").Claims, c => c.Says == "cannot be asked (no route to host)");
    }

    [Fact]
    public void A_word_about_the_silence_ends_with_its_validity()
    {
        Silent(4, Udp, Tcp, V6);
        Idle(0.5);
        for (var i = 0; i < 20; i++)
        {
            rig.Pass(1);
            Silent(0, Udp, Tcp, V6);
        }

        Assert.Equal(State.Unknown, Down);
    }

    [Fact]
    public void A_reload_keeps_what_was_known_of_the_silence()
    {
        Silent(4, Udp, Tcp, V6);
        Idle(0.5);
        rig.Pass(1);
        var next = rig.Reloaded(Policy());
        Assert.Equal(State.Met, next.Condition("server-down").State);
        next.Say(new ServerSignal(Cpu, Measure.Idle, 1) { For = TimeSpan.FromSeconds(4.9) });
        Assert.Equal(State.Met, next.Condition("server-down").State);
        next.Say(new ServerSignal(Cpu, Measure.Idle, 1) { For = TimeSpan.FromSeconds(6) });
        Assert.Equal(State.Unknown, next.Condition("server-down").State);
    }

    [Fact]
    public void A_new_incarnation_has_not_been_silent_yet()
    {
        Silent(4, Udp, Tcp, V6);
        Idle(0.5);
        rig.Pass(1);
        rig.Say(new ProcessStarted("process/ns1", 11, (long)(rig.Now * 100)));
        Assert.NotEqual(State.Met, Down);
        Assert.Null(rig.Machine.UnansweredSince("ns1"));
    }

    [Fact]
    public void The_first_unanswered_question_is_known_and_the_answer_ends_it()
    {
        Assert.Null(rig.Machine.UnansweredSince("ns1"));
        rig.Say(new ServerSignal(Udp, Measure.Unanswered, 1, Evidence.Suspicion) { For = TimeSpan.FromSeconds(1) });
        Assert.Equal(rig.Moment.At - TimeSpan.FromSeconds(1), rig.Machine.UnansweredSince("ns1"));
        Assert.Equal(State.Unknown, Down);
        Answers(Udp);
        Assert.Null(rig.Machine.UnansweredSince("ns1"));
        rig.Say(new ServerSignal(Udp, Measure.Unanswered, 1, Evidence.Suspicion), new ChannelLost(Udp, "stopped"));
        Assert.Null(rig.Machine.UnansweredSince("ns1"));
    }

    [Fact]
    public void It_is_down_exactly_when_a_plain_reading_of_the_rule_says_so()
    {
        string[] probes = [Udp, Tcp, V6], witnesses = [Cpu, Counters];
        var hung = 0;
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            var rig = new Rig(Policy()).Say(new ProcessStarted("process/ns1", 10, 1000));
            Dictionary<string, (long Value, double At, double Since)> said = [];
            for (var step = 0; step < 60; step++)
            {
                rig.Pass(random.Next(4) == 0 ? random.Next(8) : random.Next(10) / 10.0);
                var span = random.Next(60) / 10.0;
                if (random.Next(3) > 0) Ask(probes[random.Next(3)], random.Next(12) switch { 0 => 1, 1 => 0, 2 => Signal.Unasked, _ => Signal.Absent }, span);
                else if (random.Next(6) == 0) Ask(Control, 1, 0);
                else Ask(witnesses[random.Next(2)], random.Next(4) == 0 ? 0 : 1, span);
                var down = rig.Condition("server-down").State == State.Met;
                Assert.True(down == IsHung(rig.Now), $"seed {seed}, step {step}: {string.Join(", ", said)}");
                hung += down ? 1 : 0;
            }

            void Ask(string channel, long value, double span)
            {
                var measure = witnesses.Contains(channel) ? Measure.Idle : Measure.Answering;
                rig.Say(new ServerSignal(channel, measure, value, value == Signal.Absent ? Evidence.Suspicion : Evidence.Proof) { For = TimeSpan.FromSeconds(span) });
                var goesOn = measure == Measure.Answering && value == Signal.Absent && said.TryGetValue(channel, out var before) && before.Value == value;
                said[channel] = (value, rig.Now, goesOn ? said[channel].Since : rig.Now - span);
            }

            bool IsHung(double now)
            {
                // A refusal as proof is down by itself: three in a row, by this host.
                if (probes.Any(p => Lives(p, 30, now) is { Value: 0 })) return true;
                var all = probes.Select(p => Lives(p, 30, now)).ToList();
                if (all.Exists(p => p is not { Value: Signal.Absent })) return false;
                var since = all.Max(p => p!.Value.Since) - 1e-6;
                if (Lives(Control, 180, now) is { Value: 1 } control && control.At >= since) return false;
                var words = new[] { Lives(Cpu, 15, now), Lives(Counters, 60, now) }.Where(w => w is { } word && word.Since >= since).ToList();
                return words.Count > 0 && words.TrueForAll(w => w!.Value.Value == 1);
            }

            (long Value, double At, double Since)? Lives(string channel, double valid, double now) => said.TryGetValue(channel, out var word) && now < word.At + valid - 1e-6 ? word : null;
        }

        Assert.True(hung > 500, $"{hung} of {400 * 60} steps were down: the histories say nothing");
    }
}
