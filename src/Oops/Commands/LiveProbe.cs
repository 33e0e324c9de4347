using Oops.Control;
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

    /// <summary>Whether a running oops listens there, for that action.</summary>
    public static async Task<bool> ListensAsync(string socket, string action, string address, CancellationToken stop)
    {
        using var client = new ControlClient(socket);
        try
        {
            var (answer, _) = await client.GetAsync("/explain/" + Uri.EscapeDataString($"action/{action}"), ControlJson.Default.ExplainAnswer, stop).ConfigureAwait(false);
            return answer?.Action?.Listening.Contains(new ListenReport(address, null)) == true;
        }
        catch (NoDaemonException)
        {
            return false;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
