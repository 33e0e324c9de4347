using System.Collections.Concurrent;
using Oops.Core;
using Oops.Engine;
using Oops.Native;

namespace Oops.Tests.Sources;

/// <summary>An engine that only remembers what it was sent, when, and by which thread.</summary>
internal sealed class RecordingEngine(TimeProvider? time = null) : IEngine
{
    readonly BlockingCollection<Input> inputs = [];
    volatile Shown shown = Show(new([], false, null, 0));

    public TimeProvider Time { get; } = time ?? TimeProvider.System;

    public At Now => time is null ? BootClock.Now : BootTime.Now(time).At;

    public ConcurrentQueue<(Input Input, string? Thread, bool Pool)> All { get; } = new();

    public void Send(Input input)
    {
        All.Enqueue((input, Thread.CurrentThread.Name, Thread.CurrentThread.IsThreadPoolThread));
        inputs.Add(input);
    }

    /// <summary>What every server looks like.</summary>
    public ServerView View
    {
        get => shown.View;
        set
        {
            var before = shown;
            shown = Show(value);
            before.Replaced.SetResult();
        }
    }

    public ServerView Server(string name) => View;

    /// <summary>Rung by <see cref="Ring"/>.</summary>
    readonly ConcurrentDictionary<string, TaskCompletionSource> bells = [];

    public Task NewSerial(string server) => bells.GetOrAdd(server, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>The serials that zones are known to have.</summary>
    public ConcurrentDictionary<string, uint> Known { get; } = [];

    public Task<IReadOnlyList<uint?>> Serials(string server, IReadOnlyList<string> zones) => Task.FromResult<IReadOnlyList<uint?>>([.. zones.Select(z => Known.TryGetValue(z, out var serial) ? serial : (uint?)null)]);

    /// <summary>A zone of the server has a new serial. False: nobody waits for that.</summary>
    public bool Ring(string server)
    {
        if (!bells.TryRemove(server, out var bell)) return false;
        bell.SetResult();
        return true;
    }

    static Shown Show(ServerView view)
    {
        var replaced = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return new(view with { Replaced = replaced.Task }, replaced);
    }

    sealed record Shown(ServerView View, TaskCompletionSource Replaced);

    /// <summary>The next input of this kind; others before it are passed over. Fails after a minute: a source spares a server that answers slowly, as all do on a busy machine.</summary>
    public T Next<T>(Predicate<T>? which = null)
        where T : Input
    {
        var deadline = Environment.TickCount64 + 60_000;
        while (inputs.TryTake(out var input, (int)Math.Max(1, deadline - Environment.TickCount64)))
            if (input is T found && (which is null || which(found)))
                return found;
        throw new TimeoutException($"no {typeof(T).Name}; there were: {string.Join("; ", All.Select(a => a.Input))}");
    }

    /// <summary>Fails if an input of this kind comes within the time.</summary>
    public void None<T>(int milliseconds, Predicate<T>? which = null)
        where T : Input
    {
        var deadline = Environment.TickCount64 + milliseconds;
        while (inputs.TryTake(out var input, (int)Math.Max(0, deadline - Environment.TickCount64)))
            if (input is T found && (which is null || which(found)))
                throw new Xunit.Sdk.XunitException($"there was {found}");
    }
}
