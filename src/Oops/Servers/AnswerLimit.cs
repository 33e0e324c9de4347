namespace Oops.Servers;

/// <summary>The time that a server has for an answer: for each silence within it, and for all of it. What we wait for ourselves meanwhile is not the server's time.</summary>
internal sealed class AnswerLimit : IDisposable
{
    // A server that keeps sending a byte now and then must not hold us for ever. A million zones take knotd 3.2 some seconds.
    const int LongestAnswer = 24;

    readonly TimeSpan silence;
    readonly TimeProvider time;
    readonly CancellationToken stop;
    readonly CancellationTokenSource limit;
    readonly CancellationTokenSource both;
    readonly long began;
    TimeSpan ours;

    /// <summary>The first piece is awaited from now on.</summary>
    /// <param name="silence">The longest wait for a piece.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stop">Ends it.</param>
    /// <param name="longest">Of all of it; null: a multiple of that wait.</param>
    public AnswerLimit(TimeSpan silence, TimeProvider time, CancellationToken stop, TimeSpan? longest = null)
    {
        (this.silence, this.time, this.stop) = (silence, time, stop);
        Longest = longest ?? LongestAnswer * silence;
        began = time.GetTimestamp();
        limit = new(silence, time);
        both = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
    }

    /// <summary>Of all of it.</summary>
    public TimeSpan Longest { get; }

    /// <summary>It was too long in all.</summary>
    public bool IsOver => Left <= TimeSpan.Zero;

    /// <summary>For the waits on the server.</summary>
    public CancellationToken Token => both.Token;

    TimeSpan Left => Longest + ours - time.GetElapsedTime(began);

    /// <summary>Waits until there is room for more; null: there always is.</summary>
    public async ValueTask RoomAsync(Func<Task>? room)
    {
        if (room is null || room() is not { IsCompleted: false } full) return;
        limit.CancelAfter(Timeout.InfiniteTimeSpan);
        var waiting = time.GetTimestamp();
        await full.WaitAsync(stop);
        ours += time.GetElapsedTime(waiting);
    }

    /// <summary>The next piece is awaited from now on. False: it is over.</summary>
    public bool Next()
    {
        var left = Left;
        if (left <= TimeSpan.Zero) return false;
        limit.CancelAfter(left < silence ? left : silence);
        return true;
    }

    public void Dispose()
    {
        both.Dispose();
        limit.Dispose();
    }
}
