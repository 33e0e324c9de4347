using System.Collections.Concurrent;
using Oops.Native;

namespace Oops.Actions.Mqtt;

/// <summary>One connection to the broker, turned by a thread of its own, from its beginning to its end.</summary>
internal sealed class MqttSession : IAsyncDisposable
{
    /// <summary>So many messages may be under way: more would only wait in memory.</summary>
    const int Window = 1000;

    const int FirstReason = 0x80, ConnectionLost = 7, MostTurns = 1000;

    static readonly TimeSpan Turn = TimeSpan.FromSeconds(5), Patience = TimeSpan.FromSeconds(1), LastTurn = TimeSpan.FromMilliseconds(100);

    readonly MqttConfig config;
    readonly Mosquitto connection;
    readonly TimeProvider time;
    readonly SemaphoreSlim window = new(Window);
    readonly ConcurrentDictionary<int, TaskCompletionSource<int>> underWay = new();
    readonly TaskCompletionSource<int> answered = New<int>();
    readonly TaskCompletionSource<string> ended = New<string>(), refused = New<string>();
    readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    Task turning = Task.CompletedTask;
    volatile bool leaving;
    int endedBy, waiting;
    long heard;

    MqttSession(MqttConfig config, Mosquitto connection, TimeProvider time)
    {
        (this.config, this.connection, this.time) = (config, connection, time);
        connection.Answered = code => answered.TrySetResult(code);
        connection.Ended = code => endedBy = code;
        connection.Taken = (number, code) => underWay.GetOrAdd(number, static _ => New<int>()).TrySetResult(code);
    }

    /// <summary>Ends when the connection has, with the reason.</summary>
    public Task<string> Ended => ended.Task;

    /// <summary>Ends when the broker does not take a message, with the reason.</summary>
    public Task<string> Refused => refused.Task;

    /// <summary>The broker has been told that this is the end: it is to forget the will. Else the will says it.</summary>
    public bool IsTold { get; set; }

    /// <summary>A connection that stands; null, and why there is none. To connect takes as long as the kernel tries (<see cref="Mosquitto.Connect"/>), and there is one try at a time: where it takes longer than it should, <paramref name="late"/> hears why nothing is published meanwhile.</summary>
    public static async Task<(MqttSession? Session, string Why)> OpenAsync(MqttConfig config, MosquittoOptions options, MosquittoMessage will, TimeProvider time, Action<string> late, CancellationToken stop)
    {
        if (Mosquitto.TryOpen(options, will, out var why) is not { } connection) return (null, why);
        var session = new MqttSession(config, connection, time);
        var silent = $"it does not answer within {config.Timeout.TotalSeconds:0.#} s";
        try
        {
            session.turning = session.TurnAsync();
            await Task.WhenAny(session.reached.Task, session.Ended, Task.Delay(config.Timeout, time, stop)).ConfigureAwait(false);
            stop.ThrowIfCancellationRequested();
            if (!session.reached.Task.IsCompleted && !session.Ended.IsCompleted) late(silent);
            await Task.WhenAny(session.reached.Task, session.Ended).WaitAsync(stop).ConfigureAwait(false);
            await Task.WhenAny(session.answered.Task, session.Ended, Task.Delay(config.Timeout, time, stop)).ConfigureAwait(false);
            stop.ThrowIfCancellationRequested();
            if (session.answered.Task is { IsCompletedSuccessfully: true, Result: 0 })
            {
                _ = session.WatchAsync();
                return (session, "");
            }

            why = session.answered.Task.IsCompletedSuccessfully ? session.Refusal(session.answered.Task.Result)
                : session.Ended.IsCompletedSuccessfully ? session.Ended.Result + (config.IsFive && session.endedBy == ConnectionLost ? "; a broker that knows only MQTT 3.1.1 may end it like this: then write version: 3.1.1" : "")
                : silent;
        }
        catch (OperationCanceledException)
        {
            why = "stopping";
        }

        await session.DisposeAsync().ConfigureAwait(false);
        return (null, why);
    }

    /// <summary>Gives a message to the broker as soon as there is room. The task that it returns ends when the broker has it: with 0, or a reason; null: the connection has ended.</summary>
    public async Task<Task<int>?> PublishAsync(MosquittoMessage message, CancellationToken stop)
    {
        var room = window.WaitAsync(stop);
        await Task.WhenAny(room, Ended).ConfigureAwait(false);
        if (Ended.IsCompleted) return null;
        await room.ConfigureAwait(false);
        return Give(message);
    }

    /// <summary>The last message, which waits for no room.</summary>
    public Task<int>? PublishLast(MosquittoMessage message)
    {
        if (Ended.IsCompleted) return null;
        _ = window.WaitAsync(CancellationToken.None);
        return Give(message);
    }

    public async ValueTask DisposeAsync()
    {
        // Before the thread is told: what it has not queued by then it would not send.
        if (IsTold) connection.Leave();
        leaving = true;
        // A broker that hangs is not waited for: the thread ends within a turn, and one that still connects when the kernel gives up.
        await Task.WhenAny(CloseAsync(), Task.Delay(Patience + LastTurn, time)).ConfigureAwait(false);
    }

    async Task CloseAsync()
    {
        await turning.ConfigureAwait(false);
        connection.Dispose();
    }

    Task<int> Give(MosquittoMessage message)
    {
        if (connection.Publish(message, out var number) is { } why)
        {
            refused.TrySetResult($"{message.Topic}: {why}");
            window.Release();
            return Task.FromResult(FirstReason);
        }

        if (Interlocked.Increment(ref waiting) == 1) Volatile.Write(ref heard, time.GetTimestamp());
        return TakenAsync(number, message.Topic);
    }

    async Task<int> TakenAsync(int number, string topic)
    {
        var taken = underWay.GetOrAdd(number, static _ => New<int>()).Task;
        await Task.WhenAny(taken, Ended).ConfigureAwait(false);
        underWay.TryRemove(number, out _);
        Volatile.Write(ref heard, time.GetTimestamp());
        Interlocked.Decrement(ref waiting);
        window.Release();
        if (!taken.IsCompleted) return FirstReason;
        if (taken.Result >= FirstReason) refused.TrySetResult($"{topic}: {Mosquitto.Reason(taken.Result, connecting: false).ToLowerInvariant()}");
        return taken.Result;
    }

    /// <summary>A broker that answers pings and acknowledges nothing would keep all that comes after from being said, and nobody would know.</summary>
    async Task WatchAsync()
    {
        var most = TimeSpan.FromTicks(Math.Max(config.Timeout.Ticks, 3 * config.KeepAlive.Ticks));
        while (!Ended.IsCompleted)
        {
            using var over = new CancellationTokenSource();
            await Task.WhenAny(Ended, Task.Delay(most / 4, time, over.Token)).ConfigureAwait(false);
            await over.CancelAsync().ConfigureAwait(false);
            if (Volatile.Read(ref waiting) > 0 && time.GetElapsedTime(Volatile.Read(ref heard)) > most) ended.TrySetResult($"it has acknowledged nothing for {most.TotalSeconds:0} s");
        }
    }

    async Task TurnAsync()
    {
        try
        {
            ended.TrySetResult(await OwnThread.RunAsync(Run, "oops-mqtt").ConfigureAwait(false));
        }
        catch (Exception e)
        {
            // It owns the thread: whatever ends it ends the connection, and those who wait for that.
            ended.TrySetResult(e.Message);
        }
    }

    string Run()
    {
        var why = connection.Connect(config.Broker, config.BrokerPort, (int)config.KeepAlive.TotalSeconds);
        reached.TrySetResult();
        // Nobody waits for it any more.
        if (why is null && leaving)
        {
            connection.Leave();
            IsTold = true;
        }

        for (var turns = 0; why is null && !leaving;)
        {
            why = connection.Turn(Turn);
            if (!answered.Task.IsCompleted && ++turns > MostTurns) why = "it does not speak MQTT";
        }

        // The good-bye goes out, and then the library says that there is no connection.
        var since = time.GetTimestamp();
        while (why is null && IsTold && time.GetElapsedTime(since) < Patience) why = connection.Turn(LastTurn);
        return endedBy >= FirstReason ? Mosquitto.Reason(endedBy, connecting: false).ToLowerInvariant() : why ?? "the connection was ended";
    }

    string Refusal(int code) => code switch
    {
        // Unacceptable protocol version, of 3.1.1 and of 5.
        1 or 0x84 when config.IsFive => "it speaks no MQTT 5: write version: 3.1.1",
        _ => Mosquitto.Reason(code, connecting: true).ToLowerInvariant(),
    };

    static TaskCompletionSource<T> New<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
