using Oops.Core;
using Oops.Journal;
using Oops.Wire.Dns;

namespace Oops.Engine;

/// <summary>
/// Runs reactions: in order per subject, several subjects at once. Of the latest kind only the newest waits per subject; each of the every kind waits, within a bound, and
/// in the outbox until it is done; so does the newest of the latest kind, where the action asks for that. One that fails for now is tried again with growing waits; its subject waits, others do not.
/// </summary>
internal sealed class ReactionRunner(IAction action, IEngine engine, Guarded guarded, IOutbox? outbox, CancellationToken stop, bool queued = false)
{
    /// <summary>How many of the every kind may wait.</summary>
    public const int Bound = 10_000;

    /// <summary>An every that could not be done for so long is given up.</summary>
    static readonly TimeSpan GiveUp = TimeSpan.FromDays(1);

    sealed record Waiting(ReactionIntent Intent, long Outbox, At Since);

    // Each try of what carries zones costs whole transfers.
    static readonly TimeSpan LongestOfZones = TimeSpan.FromMinutes(5);

    sealed class Subject(string name, Backoff backoff)
    {
        public readonly string Name = name;
        public readonly LinkedList<Waiting> Line = [];
        public readonly Backoff Backoff = backoff;
        public bool Active;
        public CancellationTokenSource? Pause;
    }

    readonly object gate = new();
    readonly Dictionary<string, Subject> subjects = new(StringComparer.Ordinal);
    readonly Queue<Subject> ready = new();
    readonly TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    bool open = !queued;
    int running;
    int every;

    /// <summary>How many wait or run.</summary>
    public int Depth
    {
        get { lock (gate) return subjects.Values.Sum(s => s.Line.Count); }
    }

    /// <summary>Begins with what an earlier run had not finished; what has come since is behind that.</summary>
    public void Resume()
    {
        lock (gate)
        {
            List<Waiting> early = open ? [] : [.. subjects.Values.SelectMany(static s => s.Line)];
            if (!open)
            {
                subjects.Clear();
                ready.Clear();
                every = 0;
            }

            var ours = early.Select(static w => w.Outbox).ToHashSet();
            foreach (var (id, intent) in outbox?.Load(action.Name) ?? [])
            {
                if (!ours.Contains(id)) Enqueue(new(intent, id, engine.Now));
            }

            foreach (var waiting in early) Enqueue(waiting);
            open = true;
            StartMore();
        }
    }

    public void Take(ReactionIntent intent)
    {
        lock (gate)
        {
            if (intent.Each == Each.Every && every >= Bound)
            {
                engine.Send(new Applied(intent.Action, intent.Sequence, new Failed($"{Bound} are waiting already")));
                engine.Send(new Shed($"outbox of {action.Name}", 1));
                return;
            }

            // In the outbox and in the line at once: else one that begins in between would find it in both.
            Enqueue(new(intent, (intent.Each == Each.Every || action.CarriesZones) && outbox is not null ? outbox.Add(intent) : 0, engine.Now));
        }
    }

    public async Task StoppedAsync()
    {
        lock (gate)
            if (running == 0) return;
        await idle.Task.ConfigureAwait(false);
    }

    void Enqueue(Waiting waiting)
    {
        var intent = waiting.Intent;
        var name = intent.Zone is not { } zone ? intent.Server : action.CarriesZones ? zone : intent.Server + "/" + zone;
        if (!subjects.TryGetValue(name, out var subject)) subjects.Add(name, subject = new(name, action.CarriesZones ? new(Backoff.First, LongestOfZones) : new()));
        if (intent.Each == Each.Every) every++;
        else if (subject.Line.Any(w => IsLate(intent, w)))
        {
            Forget(waiting);
            return;
        }
        else Supersede(subject);
        subject.Line.AddLast(waiting);
        if (!subject.Active)
        {
            subject.Active = true;
            ready.Enqueue(subject);
        }

        StartMore();
    }

    /// <summary>Several servers tell of one zone: what one that lags says takes the place of nothing newer, unless that waits for so long that its server may be gone for good.</summary>
    bool IsLate(ReactionIntent intent, Waiting than) =>
        action.CarriesZones && intent.Each == Each.Latest && than.Intent.Each == Each.Latest && intent.Server != than.Intent.Server && intent.Serial is { } serial && than.Intent.Serial is { } newer && Serial.IsNewer(newer, serial) && engine.Now - than.Since < GiveUp;

    // The one at the head may be running; it is not in the line then.
    void Supersede(Subject subject)
    {
        for (var node = subject.Line.First; node is not null;)
        {
            var next = node.Next;
            if (node.Value.Intent.Each == Each.Latest)
            {
                subject.Line.Remove(node);
                Forget(node.Value);
                subject.Backoff.Reset();
                subject.Pause?.Cancel();
            }

            node = next;
        }
    }

    void StartMore()
    {
        while (open && running < action.Parallel && !stop.IsCancellationRequested && ready.TryDequeue(out var subject))
        {
            var waiting = subject.Line.First!.Value;
            subject.Line.RemoveFirst();
            running++;
            _ = Task.Run(() => TryAsync(subject, waiting), CancellationToken.None);
        }
    }

    async Task TryAsync(Subject subject, Waiting waiting)
    {
        var outcome = await guarded.ApplyAsync(waiting.Intent).ConfigureAwait(false);
        if (outcome is Retry retry && waiting.Intent.Each == Each.Every && engine.Now - waiting.Since > GiveUp) outcome = new Failed($"given up after {GiveUp.TotalHours:0} h: {retry.Why}");
        if (!stop.IsCancellationRequested) engine.Send(new Applied(action.Name, waiting.Intent.Sequence, outcome));
        TimeSpan? pause = null;
        lock (gate)
        {
            running--;
            if (outcome is Retry again)
            {
                foreach (var late in subject.Line.Where(w => IsLate(w.Intent, waiting)).ToList())
                {
                    subject.Line.Remove(late);
                    Forget(late);
                }

                if (waiting.Intent.Each == Each.Every || subject.Line.All(w => w.Intent.Each != Each.Latest))
                {
                    subject.Line.AddFirst(waiting);
                    pause = Longer(subject.Backoff.Next(), again.After);
                    subject.Pause = CancellationTokenSource.CreateLinkedTokenSource(stop);
                }
                else Forget(waiting);
            }
            else
            {
                subject.Backoff.Reset();
                if (waiting.Intent.Each == Each.Every) every--;
                Forget(waiting);
            }

            if (pause is null) Requeue(subject);
            StartMore();
            // Looked at under the lock: whoever stops us in between has seen that one still runs, and waits for this.
            if (stop.IsCancellationRequested && running == 0) idle.TrySetResult();
        }

        if (pause is { } wait) await PauseAsync(subject, wait).ConfigureAwait(false);
    }

    void Forget(Waiting waiting)
    {
        if (waiting.Outbox != 0) outbox?.Remove(waiting.Outbox);
    }

    static TimeSpan Longer(TimeSpan ours, TimeSpan? asked) => asked is { } wait && wait > ours ? wait : ours;

    async Task PauseAsync(Subject subject, TimeSpan wait)
    {
        try
        {
            await Task.Delay(wait, engine.Time, subject.Pause!.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // A newer one came, or we stop.
        }

        lock (gate)
        {
            subject.Pause?.Dispose();
            subject.Pause = null;
            Requeue(subject);
            StartMore();
        }
    }

    void Requeue(Subject subject)
    {
        if (subject.Line.Count > 0)
        {
            ready.Enqueue(subject);
        }
        else
        {
            subject.Active = false;
            subjects.Remove(subject.Name);
        }
    }
}
