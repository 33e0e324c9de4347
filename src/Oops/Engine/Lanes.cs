using Oops.Core;

namespace Oops.Engine;

/// <summary>
/// The way into the machine: the urgent lane (process exits, people, outcomes, channel changes, words about servers), drained first, and the bulk lane
/// (measurements of zones). Any thread sends and never waits longer than the gate is held; one thread takes.
/// </summary>
internal sealed class Lanes
{
    /// <summary>Zones of one piece of a listed set: what a machine takes well within a millisecond.</summary>
    const int Piece = 500;

    /// <summary>From so many measurements on, sources that read very much at once are asked to wait: some 2 MB. The machine takes them in some 10 ms.</summary>
    internal const int Crowd = 10_000;

    readonly object gate = new();
    readonly Queue<object> urgent = new();
    readonly Dictionary<object, Box> words = [];
    readonly BulkLane bulk = new();
    readonly Dictionary<string, (int Pid, long Start)> incarnations = new(StringComparer.Ordinal);
    readonly Func<string, IReadOnlyList<string>> siblings;
    TaskCompletionSource? room;
    bool sleeping;
    bool woken;

    sealed class Box(Input input)
    {
        public Input Input = input;
    }

    /// <param name="siblings">All channels of the server that a channel belongs to: what they measured of an incarnation ends with it.</param>
    public Lanes(Func<string, IReadOnlyList<string>> siblings) => this.siblings = siblings;

    /// <summary>How many inputs were replaced by a newer one about the same subject.</summary>
    public long Merged
    {
        get { lock (gate) return bulk.Merged; }
    }

    public int Waiting
    {
        get { lock (gate) return urgent.Count + bulk.Count; }
    }

    public void Send(params ReadOnlySpan<Input> inputs)
    {
        if (inputs.IsEmpty) return;
        lock (gate)
        {
            foreach (var input in inputs) Add(input);
            Pulse();
        }
    }

    /// <summary>Has something run on the machine's thread, between two steps.</summary>
    public void Send(Action question)
    {
        lock (gate)
        {
            urgent.Enqueue(question);
            Pulse();
        }
    }

    /// <summary>An <see cref="Input"/> or an <see cref="Action"/>; null: the lane is empty.</summary>
    public object? TakeUrgent()
    {
        lock (gate)
        {
            if (!urgent.TryDequeue(out var item)) return null;
            if (item is not Box box) return item;
            var key = KeyOf(box.Input);
            if (words.TryGetValue(key, out var known) && known == box) words.Remove(key);
            return box.Input;
        }
    }

    /// <summary>Null: it is empty, or something urgent has come since that was asked for: of one channel what it opened comes before what it then measured.</summary>
    public Input? TakeBulk()
    {
        lock (gate)
        {
            if (urgent.Count > 0) return null;
            var taken = bulk.TryTake(out var input) ? input : null;
            if (room is not null && bulk.Weight <= Crowd / 2)
            {
                room.SetResult();
                room = null;
            }

            return taken;
        }
    }

    /// <summary>Ends when measurements no longer crowd the bulk lane.</summary>
    public Task RoomAsync()
    {
        lock (gate)
        {
            if (bulk.Weight < Crowd) return Task.CompletedTask;
            room ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return room.Task;
        }
    }

    /// <summary>Sleeps until something is sent, <see cref="Wake"/>, or the time is over. Only the thread that takes.</summary>
    public void Wait(TimeSpan atMost)
    {
        lock (gate)
        {
            if (urgent.Count == 0 && bulk.Count == 0 && !woken)
            {
                sleeping = true;
                // Rounded up: waking a fraction early would spin until the deadline.
                Monitor.Wait(gate, (int)Math.Clamp(Math.Ceiling(atMost.TotalMilliseconds), 0, int.MaxValue));
                sleeping = false;
            }

            woken = false;
        }
    }

    public void Wake()
    {
        lock (gate)
        {
            woken = true;
            Pulse();
        }
    }

    void Add(Input input)
    {
        switch (input)
        {
            case ZonesListed listed when listed.Zones.Count > Piece:
                foreach (var piece in Cut(listed)) bulk.Add(piece);
                break;
            case ZoneSignal or ChannelRead or ZonesListed:
                bulk.Add((Signal)input);
                break;
            case ServerSignal s:
                Word((s.Channel, s.Measure), s);
                break;
            case ErrorRates r:
                Word((r.Channel, Measure.ExtendedErrors), r);
                break;
            case ExternalClaim e:
                Word((e.By, e.Condition, e.Server), e);
                break;
            default:
                Void(input);
                urgent.Enqueue(input);
                break;
        }
    }

    void Pulse()
    {
        if (sleeping) Monitor.Pulse(gate);
    }

    void Word(object key, Input input)
    {
        if (words.TryGetValue(key, out var waiting))
        {
            waiting.Input = input;
            return;
        }

        var box = new Box(input);
        words.Add(key, box);
        urgent.Enqueue(box);
    }

    static object KeyOf(Input input) => input switch
    {
        ServerSignal s => (s.Channel, s.Measure),
        ErrorRates r => (r.Channel, Measure.ExtendedErrors),
        ExternalClaim e => (e.By, e.Condition, e.Server),
        _ => input,
    };

    void Void(Input input)
    {
        switch (input)
        {
            case ChannelOpened or ChannelLost:
                Forget(((Signal)input).Channel);
                break;
            case ProcessStarted started:
                if (incarnations.TryGetValue(started.Channel, out var known) && known == (started.Pid, started.StartTime)) break;
                incarnations[started.Channel] = (started.Pid, started.StartTime);
                foreach (var channel in siblings(started.Channel)) Forget(channel);
                break;
            case ProcessGone gone:
                incarnations.Remove(gone.Channel);
                foreach (var channel in siblings(gone.Channel)) Forget(channel);
                break;
        }
    }

    // The urgent lane overtakes: what the bulk lane holds from before the change must not be heard after it as if it were new.
    // Words that wait in the urgent lane are in order; only a newer one must not take the place of one from before the change.
    void Forget(string channel)
    {
        bulk.Void(channel);
        if (words.Count == 0) return;
        foreach (var (key, box) in words)
        {
            if (box.Input is not Signal s || s.Channel != channel) continue;
            words.Remove(key);
        }
    }

    static IEnumerable<ZonesListed> Cut(ZonesListed listed)
    {
        for (var from = 0; from < listed.Zones.Count; from += Piece)
        {
            var count = Math.Min(Piece, listed.Zones.Count - from);
            var piece = new string[count];
            for (var i = 0; i < count; i++) piece[i] = listed.Zones[from + i];
            yield return new ZonesListed(listed.Channel, piece, listed.Last && from + count == listed.Zones.Count) { First = listed.First && from == 0 };
        }
    }
}
