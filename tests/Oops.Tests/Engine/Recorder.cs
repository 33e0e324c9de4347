using Xunit;
using System.Collections.Concurrent;
using Oops.Core;
using Oops.Engine;

namespace Oops.Tests.Engine;

/// <summary>An engine without a machine: keeps what it is sent, and lets a test wait for it.</summary>
internal sealed class Recorder : IEngine
{
    readonly SemaphoreSlim arrived = new(0);

    public FakeTime Clock { get; } = new();

    public ConcurrentQueue<Input> Sent { get; } = new();

    public TimeProvider Time => Clock;

    public At Now => new(Clock.GetTimestamp());

    public Dictionary<string, ServerView> Views { get; } = [];

    public TransferTalk Transfers { get; } = new();

    /// <summary>Called inside <see cref="Send"/>.</summary>
    public Action<Input>? Hearing { get; set; }

    public void Send(Input input)
    {
        Hearing?.Invoke(input);
        Sent.Enqueue(input);
        arrived.Release();
    }

    public ServerView Server(string name) => Views.GetValueOrDefault(name) ?? new([], false, null, 0);

    /// <summary>The next input of this type that was not taken before.</summary>
    public async Task<T> NextAsync<T>() where T : Input
    {
        while (true)
        {
            Assert.True(await arrived.WaitAsync(TimeSpan.FromSeconds(10)), $"no {typeof(T).Name} came");
            Assert.True(Sent.TryDequeue(out var input));
            if (input is T wanted) return wanted;
        }
    }

    /// <summary>Waits until somebody waits for the clock, then moves it.</summary>
    public async Task AdvanceAsync(TimeSpan span, int timers = 1)
    {
        await Eventually(() => Clock.Timers >= timers);
        Clock.Advance(span);
    }

    public static async Task Eventually(Func<bool> condition)
    {
        for (var i = 0; i < 1000 && !condition(); i++) await Task.Delay(10);
        Assert.True(condition());
    }
}
