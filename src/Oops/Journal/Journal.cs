using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Oops.Core;
using Oops.Native;

namespace Oops.Journal;

/// <summary>
/// What the machine was told and what it decided, on the disk. One thread writes, in batches of at most a tenth of a second. A full disk or a broken file stops it with an alarm and a
/// counter, never the decisions; it is tried again every minute, and at once when somebody waits for the disk.
/// </summary>
internal sealed partial class Journal : IAsyncDisposable
{
    /// <summary>More than this waiting for a slow disk is shed and counted.</summary>
    const int Most = 200_000;

    static readonly TimeSpan Batch = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan Again = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Clean = TimeSpan.FromHours(1);

    readonly string path;
    readonly string boot;
    readonly string version;
    readonly TimeSpan keep;
    readonly TimeProvider time;
    readonly ILogger log;
    readonly Channel<JournalItem> queue = Channel.CreateBounded<JournalItem>(new BoundedChannelOptions(Most) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
    readonly Lock gate = new();
    JournalWriter? writer;
    RunItem? lastRun;
    Task running = Task.CompletedTask;
    long lost;
    long written;
    string? broken;
    bool forGood;
    long cleanedAt;

    public Journal(string folder, string boot, string version, TimeSpan keep, TimeProvider time, ILogger log)
    {
        path = Path.Combine(folder, FileName);
        this.boot = boot;
        this.version = version;
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
        running = Task.Factory.StartNew(RunAsync, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
    }

    /// <summary>A tap of the engine: never waits.</summary>
    public void Record(Moment now, Input input, IReadOnlyList<Effect> effects)
    {
        if (input is Tick && effects.Count == 0) return;
        Queue(new StepItem(now, input, effects.Count == 0 ? [] : [.. effects]));
    }

    public void Queue(JournalItem item)
    {
        if (!queue.Writer.TryWrite(item))
        {
            Interlocked.Increment(ref lost);
            item.Durable?.TrySetResult(false);
        }
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
        queue.Writer.TryComplete();
        await running.ConfigureAwait(false);
        writer?.Dispose();
    }

    Moment BootTime() => Engine.BootTime.Now(time);

    async Task RunAsync()
    {
        var batch = new List<JournalItem>();
        while (await queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            var awaited = Take(batch);
            if (!awaited && batch.Count < 500)
            {
                // Whoever waits for the disk is not kept waiting by the batch: the reader wakes for each item, and a durable one ends it.
                var until = time.GetTimestamp();
                while (!awaited && time.GetElapsedTime(until) < Batch && batch.Count < 5000)
                {
                    using var over = new CancellationTokenSource(Batch, time);
                    try
                    {
                        if (!await queue.Reader.WaitToReadAsync(over.Token).ConfigureAwait(false)) break;
                    }
                    catch (OperationCanceledException)
                    {
                        break;
                    }

                    awaited = Take(batch);
                }
            }

            Write(batch, awaited && batch.Exists(i => i is { Durable: not null } and not SettleItem));
            batch.Clear();
        }
    }

    bool Take(List<JournalItem> batch)
    {
        var awaited = false;
        while (batch.Count < 5000 && queue.Reader.TryRead(out var item))
        {
            batch.Add(item);
            awaited |= item.Durable is not null;
        }

        return awaited;
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
            if (lastRun is { } run) writer!.Write([run with { Now = now, Snapshot = null, Durable = null }, new StepItem(now, new Shed("journal", Lost), [])], durable: false);
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
            writer = JournalWriter.Open(path, boot, version, out var refused);
            if (refused is not null)
            {
                forGood = true;
                Break($"{path}: {refused}");
                return false;
            }

            cleanedAt = time.GetTimestamp();
            return true;
        }
        catch (SqliteException e)
        {
            Break(e.Message);
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Break($"{path}: {Reason.Of(e)}");
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
