using System.Collections.Concurrent;
using Oops.Core;
using Oops.Engine;
using Oops.Native;

namespace Oops.Lab.Harness;

/// <summary>An engine that knows nothing of the server and remembers what it was sent.</summary>
internal sealed class Recorder : IEngine
{
    public ConcurrentQueue<Input> All { get; } = new();

    public TimeProvider Time => TimeProvider.System;

    public At Now => BootClock.Now;

    public void Send(Input input) => All.Enqueue(input);

    public ServerView Server(string name) => new([], false, null, 0);

    public T? Last<T>(Func<T, bool> which)
        where T : Input => All.OfType<T>().LastOrDefault(which);
}
