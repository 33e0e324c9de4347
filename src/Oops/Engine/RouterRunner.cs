using Oops.Core;

namespace Oops.Engine;

/// <summary>Keeps one router at the latest table: one application or read-back at a time, the newest intent wins, a failed one is tried again until it is superseded. A new intent does not wait for a read-back: that is given up.</summary>
internal sealed class RouterRunner(IAction action, IEngine engine, Guarded guarded, CancellationToken stop)
{
    /// <summary>The same table again so soon after it was applied: the machine sees no effect. Repeating it without a pause would only burn the router.</summary>
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    readonly object gate = new();
    readonly Backoff retries = new();
    readonly Backoff repeats = new();
    RouterIntent? latest;
    RouterIntent? applied;
    At appliedAt = At.Zero;
    TaskCompletionSource news = New();
    TaskCompletionSource look = New();
    bool pending;
    bool reading;
    bool busy;

    /// <summary>The last reading failed.</summary>
    bool unseen;
    CancellationTokenSource? read;

    /// <summary>Completes when nothing is under way.</summary>
    public Task Running { get; private set; } = Task.CompletedTask;

    /// <summary>On the machine's thread: begins at once, up to the first wait for the router.</summary>
    public void Take(RouterIntent intent)
    {
        CancellationTokenSource? superseded;
        bool begun;
        lock (gate)
        {
            if (latest is not null && intent.Sequence <= latest.Sequence) return;
            latest = intent;
            pending = true;
            news.TrySetResult();
            superseded = read;
            begun = busy;
            busy = true;
        }

        if (begun) superseded?.Cancel();
        else Running = WorkAsync();
    }

    public void Read()
    {
        lock (gate)
        {
            reading = true;
            look.TrySetResult();
            if (busy) return;
            busy = true;
        }

        Running = WorkAsync();
    }

    async Task WorkAsync()
    {
        while (Next(out var intent))
        {
            if (intent is null)
            {
                await ReadAsync(latest).ConfigureAwait(false);
                continue;
            }

            if (IsRepeat(intent) && !await PauseAsync(intent, repeats.Next()).ConfigureAwait(false)) continue;
            var outcome = await guarded.ApplyAsync(intent).ConfigureAwait(false);
            if (stop.IsCancellationRequested) continue;
            applied = outcome is Done ? intent : null;
            appliedAt = engine.Now;
            engine.Send(new Applied(action.Name, intent.Sequence, outcome));
            var away = unseen;
            await ReadAsync(intent).ConfigureAwait(false);
            if (outcome is not Retry || (away && !unseen)) retries.Reset();
            if (outcome is Retry && ((away && !unseen) || await PauseAsync(intent, retries.Next()).ConfigureAwait(false))) Again();
        }
    }

    /// <summary>The pause before it is told again, which is what costs a router that refuses. What is to be read meanwhile is read, and one that has come back is told at once. False: a newer intent came first.</summary>
    async Task<bool> PauseAsync(RouterIntent intent, TimeSpan wait)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var delay = Task.Delay(wait, engine.Time, over.Token);
        while (true)
        {
            var first = await Task.WhenAny(news.Task, delay, look.Task).ConfigureAwait(false);
            if (first == look.Task && !stop.IsCancellationRequested)
            {
                var away = unseen;
                lock (gate) Looked();
                await ReadAsync(intent).ConfigureAwait(false);
                if (!away || unseen) continue;
                retries.Reset();
                first = delay;
            }

            await over.CancelAsync().ConfigureAwait(false);
            return first == delay && !stop.IsCancellationRequested;
        }
    }

    /// <summary>Within the gate.</summary>
    void Looked()
    {
        reading = false;
        look = New();
    }

    bool Next(out RouterIntent? intent)
    {
        lock (gate)
        {
            intent = pending ? latest : null;
            if (stop.IsCancellationRequested || (!pending && !reading))
            {
                busy = false;
                return false;
            }

            if (pending) news = New();
            else Looked();
            pending = false;
            return true;
        }
    }

    void Again()
    {
        lock (gate) pending = true;
    }

    bool IsRepeat(RouterIntent intent)
    {
        if (applied is { } last && Same(last, intent) && engine.Now - appliedAt < Soon) return true;
        repeats.Reset();
        return false;
    }

    static bool Same(RouterIntent a, RouterIntent b)
    {
        if (a.Routes.Length != b.Routes.Length) return false;
        for (var i = 0; i < a.Routes.Length; i++)
        {
            var (x, y) = (a.Routes[i], b.Routes[i]);
            if (x.Route != y.Route || x.Form != y.Form || x.Degrade != y.Degrade || !x.Prefixes.AsSpan().SequenceEqual(y.Prefixes.AsSpan())) return false;
        }

        return true;
    }

    async ValueTask ReadAsync(Intent? intent)
    {
        // Not disposed: Take may be cancelling it, and without a timer or a link it holds nothing.
        var superseded = new CancellationTokenSource();
        lock (gate)
        {
            if (pending) return;
            read = superseded;
        }

        var observed = await guarded.ReadAsync(intent, superseded.Token).ConfigureAwait(false);
        lock (gate) read = null;
        if (observed is null) return;
        unseen = observed is RouterUnseen;
        engine.Send(observed);
    }

    static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
