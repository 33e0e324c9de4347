using Oops.Core;
using Oops.Native;

namespace Oops.Engine;

/// <summary>What is told of each step, on the machine's thread and in order: the journal, the log, the watchers. Must not wait for anything.</summary>
internal delegate void Tap(Moment now, Input input, IReadOnlyList<Effect> effects);

/// <summary>
/// The machine and its turn: urgent inputs first, then deadlines, then bulk, one input at a time, so that whatever is urgent waits for one step at most.
/// One thread owns it; time comes from outside, so that a test turns it by hand.
/// </summary>
internal sealed class EngineLoop
{
    /// <summary>Later than this at a wake-up: we were stopped, starved or suspended, not merely scheduled late.</summary>
    public static readonly TimeSpan Paused = TimeSpan.FromSeconds(1);

    /// <summary>After a pause the sockets are read before timers are believed.</summary>
    public static readonly TimeSpan Catch = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest sleep: a pause of ours is seen although no deadline was missed, and the kernel's waits do not count suspended time as deadlines do.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    const int StuckAfter = 1000;

    readonly Lanes lanes;
    readonly TimeProvider time;
    readonly Action<Intent> act;
    readonly Action<Exception, Input> fault;
    readonly List<Effect> effects = [];
    At expected = At.Never;
    At ticksFrom = At.Zero;
    long mergedTold;
    int standing;

    public EngineLoop(Machine machine, Lanes lanes, TimeProvider time, Action<Intent> act, Action<Exception, Input> fault)
    {
        Machine = machine;
        this.lanes = lanes;
        this.time = time;
        this.act = act;
        this.fault = fault;
    }

    /// <summary>Replaced at a reload, between two steps.</summary>
    public Machine Machine { get; set; }

    public List<Tap> Taps { get; } = [];

    public long Steps { get; private set; }

    public long Faults { get; private set; }

    public TimeSpan WorstLateness { get; private set; }

    public Moment Now => BootTime.Now(time);

    /// <summary>Does all there is to do and returns when to come back without being woken.</summary>
    public At Turn()
    {
        NoticePause();
        while (true)
        {
            if (lanes.TakeUrgent() is { } item)
            {
                if (item is Action question) question();
                else Step((Input)item);
                continue;
            }

            var now = Now;
            var deadline = At.Max(Machine.NextDeadline, ticksFrom);
            if (deadline <= now.At && standing < StuckAfter)
            {
                Step(Tick.Instance, now);
                standing = Machine.NextDeadline <= now.At ? standing + 1 : 0;
                continue;
            }

            if (lanes.TakeBulk() is { } input)
            {
                Step(input, Steady(now));
                continue;
            }

            if (TellMerged()) continue;

            // A machine whose deadline stays in the past is a bug; it shall not burn a core on top.
            if (standing >= StuckAfter) deadline = now.At + Paused;
            standing = 0;
            expected = At.Min(deadline, now.At + Longest);
            return expected;
        }
    }

    /// <summary>One step, now. While we catch up after a pause, time stands just before the next deadline: what the sockets held is heard before timers are believed.</summary>
    public void Step(Input input) => Step(input, Steady(Now));

    Moment Steady(Moment now) =>
        now.At < ticksFrom && Machine.NextDeadline is var deadline && deadline <= now.At ? now with { At = new(deadline.Ticks - 1) } : now;

    void Step(Input input, Moment now)
    {
        effects.Clear();
        try
        {
            Machine.Step(now, input, effects);
        }
        catch (Exception e)
        {
            // A bug on one input must not end the decisions on all others; what the step had decided until then still stands.
            Faults++;
            fault(e, input);
        }

        Steps++;
        foreach (var effect in effects)
            if (effect is Intent intent) act(intent);
        try
        {
            foreach (var tap in Taps) tap(now, input, effects);
        }
        catch (Exception e)
        {
            // Nor may a bug in what is only told end what is decided.
            Faults++;
            fault(e, input);
        }
    }

    void NoticePause()
    {
        var late = expected == At.Never ? TimeSpan.Zero : Now.At - expected;
        expected = At.Never;
        if (late > WorstLateness) WorstLateness = late;
        if (late < Paused) return;
        ticksFrom = Now.At + Catch;
        Step(new Shed(Shed.OwnPause, (long)late.TotalMilliseconds));
    }

    bool TellMerged()
    {
        var merged = lanes.Merged;
        if (merged == mergedTold) return false;
        Step(new Shed(Shed.BulkLane, merged - mergedTold));
        mergedTold = merged;
        return true;
    }
}
