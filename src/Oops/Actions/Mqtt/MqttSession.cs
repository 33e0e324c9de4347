using System.Collections.Concurrent;
using Oops.Native;

namespace Oops.Actions.Mqtt;

/// <summary>One connection to the broker, turned by a thread of its own, from its beginning to its end.</summary>
internal sealed class MqttSession : IAsyncDisposable
{
    /// <summary>So many messages may be under way: more would only wait in memory.</summary>
    const int Window = 1000;

    const int FirstReason = 0x80, ConnectionLost = 7;

    static readonly TimeSpan Turn = TimeSpan.FromSeconds(5), Patience = TimeSpan.FromSeconds(1);

    readonly MqttConfig config;
    readonly Mosquitto connection;
    readonly TimeProvider time;
    readonly SemaphoreSlim window = new(Window);
    readonly ConcurrentDictionary<int, TaskCompletionSource<int>> underWay = new();
    readonly TaskCompletionSource<int> answered = New<int>();
    readonly TaskCompletionSource<string> ended = New<string>(), refused = New<string>();
    Task turning = Task.CompletedTask;
    volatile bool leaving;
    int endedBy;

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

    /// <summary>A connection that stands; null, and why there is none.</summary>
    public static async Task<(MqttSession? Session, string Why)> OpenAsync(MqttConfig config, MosquittoOptions options, MosquittoMessage will, TimeProvider time, CancellationToken stop)
    {
        if (Mosquitto.TryOpen(options, will, out var why) is not { } connection) return (null, why);
        var session = new MqttSession(config, connection, time);
        try
        {
            session.turning = session.TurnAsync();
            var late = Task.Delay(config.Timeout, time, stop);
            await Task.WhenAny(session.answered.Task, session.Ended, late).ConfigureAwait(false);
            stop.ThrowIfCancellationRequested();
            if (session.answered.Task is { IsCompletedSuccessfully: true, Result: 0 }) return (session, "");
            why = session.answered.Task.IsCompletedSuccessfully ? session.Refusal(session.answered.Task.Result)
                : session.Ended.IsCompletedSuccessfully ? session.Ended.Result + (config.IsFive && session.endedBy == ConnectionLost ? "; a broker that knows only MQTT 3.1.1 may end it like this: then write version: 3.1.1" : "")
                : $"it does not answer within {config.Timeout.TotalSeconds:0.#} s";
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
        if (connection.Publish(message, out var number) is { } why)
        {
            refused.TrySetResult($"{message.Topic}: {why}");
            window.Release();
            return Task.FromResult(FirstReason);
        }

        return TakenAsync(number, message.Topic);
    }

    public async ValueTask DisposeAsync()
    {
        leaving = true;
        connection.Leave();
        // A broker that hangs is not waited for: the thread ends within a turn.
        await Task.WhenAny(turning, Task.Delay(Patience, time)).ConfigureAwait(false);
        connection.Dispose();
    }

    async Task<int> TakenAsync(int number, string topic)
    {
        var taken = underWay.GetOrAdd(number, static _ => New<int>()).Task;
        await Task.WhenAny(taken, Ended).ConfigureAwait(false);
        underWay.TryRemove(number, out _);
        window.Release();
        if (!taken.IsCompleted) return FirstReason;
        if (taken.Result >= FirstReason) refused.TrySetResult($"{topic}: {Mosquitto.Reason(taken.Result, connecting: false).ToLowerInvariant()}");
        return taken.Result;
    }

    async Task TurnAsync()
    {
        try
        {
            ended.TrySetResult(await OwnThread.RunAsync(Run, "oops-mqtt").ConfigureAwait(false));
        }
        catch (IOException e)
        {
            ended.TrySetResult(e.Message);
        }
    }

    string Run()
    {
        var why = connection.Connect(config.Broker, config.BrokerPort, (int)config.KeepAlive.TotalSeconds);
        while (why is null && !leaving) why = connection.Turn(Turn);
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
