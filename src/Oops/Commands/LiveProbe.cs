using Oops.Core;
using Oops.Engine;
using Oops.Native;

namespace Oops.Commands;

/// <summary>What `check --live` shows an action in place of a running engine: nothing is decided, what it says is dropped.</summary>
internal sealed class LiveProbe(Policy policy) : IEngine, IAsyncDisposable
{
    public TimeProvider Time => BootTime.Instance;

    public At Now => BootTime.Now(Time).At;

    public void Send(Input input)
    {
    }

    public ServerView Server(string name) => new([.. policy.Servers.FirstOrDefault(s => s.Name == name)?.Zones ?? []], false, null, 0);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
