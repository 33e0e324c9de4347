using Microsoft.Extensions.Logging;
using Oops.Core;
using Oops.Native;

namespace Oops.Journal;

/// <summary>
/// What the machine was told and what it decided, on the disk. One thread of its own writes: decisions, and what somebody waits for, at once and with all that was queued before; mere measurements
/// every five seconds, so that a quiet daemon sleeps. A full disk or a broken file stops it with an alarm and a counter, never the decisions; it is tried again every minute, and at once when somebody waits for the disk.
/// </summary>
internal sealed partial class Journal : IAsyncDisposable
{
    /// <summary>More than this waiting for a slow disk is shed and counted.</summary>
    const int Most = 200_000;

    /// <summary>From so many on, whoever reads very much at once is asked to wait: some 3 MB.</summary>
    const int Crowd = 4 * Batch;

    /// <summary>A disk that does nothing for so long is not waited for.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>The most that one transaction takes.</summary>
    const int Batch = 5000;

    /// <summary>How long measurements may wait for others.</summary>
    static readonly TimeSpan Collecting = TimeSpan.FromSeconds(5);
    static readonly TimeSpan Again = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Clean = TimeSpan.FromHours(1);

    readonly string path;
    readonly Origin origin;
    readonly TimeSpan keep;
    readonly TimeProvider time;
    readonly ILogger log;
    readonly object queue = new();
    readonly Queue<JournalItem> waiting = new();
    readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Lock gate = new();
    Thread? thread;
    TaskCompletionSource? room;
    bool stuck;
    bool quiet;
    bool urgent;
    bool ending;
    JournalWriter? writer;
    RunItem? lastRun;
    long lost;
    long written;
    string? broken;
    bool forGood;
    long cleanedAt;

    public Journal(string folder, Origin origin, TimeSpan keep, TimeProvider time, ILogger log)
    {
        path = Path.Combine(folder, FileName);
        this.origin = origin;
        this.keep = keep;
        this.time = time;
        this.log = log;
    }

    public const string FileName = "journal.db";

    /// <summary>Why nothing is written, or null: all is well.</summary>
    public string? Broken
    {
        get { lock (gate) return broken; }
    }

    /// <summary>Told when <see cref="Broken"/> changes; on the journal's thread.</summary>
    public Action<string?>? Changed { get; set; }

    /// <summary>Records that could not be written.</summary>
    public long Lost => Interlocked.Read(ref lost);

    public long Written => Interlocked.Read(ref written);

    public string FilePath => path;

    /// <summary>Opens the file, so that a failure is known at once, and begins to write.</summary>
    public void Start()
    {
        TryOpen();
        thread = new Thread(Run) { Name = "oops-journal", IsBackground = true };
        thread.Start();
    }

    /// <summary>A tap of the engine: never waits.</summary>
    public void Record(Moment now, Input input, IReadOnlyList<Effect> effects)
    {
        if (input is Tick && effects.Count == 0) return;
        Queue(new StepItem(now, input, effects.Count == 0 ? [] : [.. effects]));
    }

    public void Queue(JournalItem item)
    {
        lock (queue)
        {
            if (!ending && waiting.Count < Most)
            {
                waiting.Enqueue(item);
                urgent |= item is not StepItem { Effects.Length: 0 } || waiting.Count >= Batch;
                if (urgent || quiet) Monitor.Pulse(queue);
                return;
            }
        }

        Interlocked.Increment(ref lost);
        item.Durable?.TrySetResult(false);
    }

    /// <summary>Ends when less waits for the disk, or that has done nothing for a while: what is known of zones comes before what is written of it.</summary>
    public async Task RoomAsync()
    {
        Task half;
        lock (queue)
        {
            if (waiting.Count < Crowd || stuck || ending) return;
            half = (room ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        if (await Task.WhenAny(half, Task.Delay(Patience, time)).ConfigureAwait(false) == half) return;
        lock (queue) stuck |= room?.Task == half && !half.IsCompleted;
    }

    /// <summary>True when it, and all that was queued before, is on the disk; false when it cannot be.</summary>
    public Task<bool> QueueDurable(Func<TaskCompletionSource<bool>, JournalItem> make)
    {
        var durable = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        Queue(make(durable));
        return durable.Task;
    }

    public async ValueTask DisposeAsync()
    {
        Queue(new FlushItem(BootTime(), End: true));
        lock (queue)
        {
            ending = true;
            Monitor.Pulse(queue);
        }

        if (thread is not null) await ended.Task.ConfigureAwait(false);
        writer?.Dispose();
    }

    Moment BootTime() => Native.BootTime.Now(time);

    void Run()
    {
        try
        {
            var batch = new List<JournalItem>();
            while (Take(batch))
            {
                Write(batch, batch.Exists(i => i is { Durable: not null } and not SettleItem));
                batch.Clear();
            }
        }
        finally
        {
            ended.SetResult();
        }
    }

    /// <summary>Waits for something to write. False: nothing will come.</summary>
    bool Take(List<JournalItem> batch)
    {
        lock (queue)
        {
            if (!urgent && !ending) Monitor.Wait(queue, Collecting);
            quiet = true; // five seconds without a word
            while (waiting.Count == 0 && !ending) Monitor.Wait(queue);
            quiet = false;
            while (batch.Count < Batch && waiting.TryDequeue(out var item)) batch.Add(item);
            urgent = waiting.Count > 0;
            stuck = false;
            if (waiting.Count <= Crowd / 2)
            {
                room?.SetResult();
                room = null;
            }

            return batch.Count > 0;
        }
    }

    void Write(List<JournalItem> batch, bool durable)
    {
        foreach (var item in batch)
            if (item is RunItem begun) lastRun = begun;
        var ok = false;
        if (Ready(insist: durable))
        {
            try
            {
                writer!.Write(batch, durable);
                Interlocked.Add(ref written, batch.Count);
                ok = true;
                if (time.GetElapsedTime(cleanedAt) >= Clean)
                {
                    cleanedAt = time.GetTimestamp();
                    writer.Retain(time.GetUtcNow() - keep);
                }
            }
            catch (SqliteException e)
            {
                Break(e.Message);
            }
        }

        if (!ok) Interlocked.Add(ref lost, batch.Count);
        foreach (var item in batch) item.Durable?.TrySetResult(ok);
    }

    long brokeAt;

    bool Ready(bool insist)
    {
        if (writer is not null) return true;
        if (forGood || (!insist && time.GetElapsedTime(brokeAt) < Again)) return false;
        if (!TryOpen()) return false;
        try
        {
            // A new run: what was lost between cannot be replayed across.
            var now = BootTime();
            if (lastRun is { } run) writer!.Write([run with { Now = now, Snapshot = null, Durable = null }, new StepItem(now, new Shed(Shed.Journal, Lost), [])], durable: false);
            Tell(null);
            return true;
        }
        catch (SqliteException e)
        {
            Break(e.Message);
            return false;
        }
    }

    bool TryOpen()
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            writer = JournalWriter.Open(path, origin, out var refused);
            if (refused is not null)
            {
                forGood = true;
                Break($"{path}: {refused}");
                return false;
            }

            cleanedAt = time.GetTimestamp();
            return true;
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            Break(SqliteSchema.WhyNot(path, e));
            return false;
        }
    }

    void Break(string why)
    {
        writer?.Dispose();
        writer = null;
        brokeAt = time.GetTimestamp();
        Tell(why);
    }

    void Tell(string? why)
    {
        lock (gate)
        {
            if (broken == why) return;
            broken = why;
        }

        if (why is null) Works(path);
        else Stopped(why);
        Changed?.Invoke(why);
    }

    [LoggerMessage(200, LogLevel.Error, "the journal has stopped: {Why}; decisions go on, verbs that must be durable are refused")]
    partial void Stopped(string why);

    [LoggerMessage(201, LogLevel.Information, "the journal is written to {Path}")]
    partial void Works(string path);
}
