using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Oops.Commands;

/// <summary>SIGTERM and SIGINT end the daemon, SIGHUP asks it to read its config; several before it has answered are one.</summary>
internal sealed class DaemonSignals : IDisposable
{
    readonly CancellationTokenSource stopping = new();
    readonly Channel<bool> reloads = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    readonly PosixSignalRegistration[] registrations;

    public DaemonSignals() =>
        registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, c =>
            {
                c.Cancel = true;
                reloads.Writer.TryWrite(true);
            }),
        ];

    public CancellationToken Stopping => stopping.Token;

    /// <summary>True: reload. False: end.</summary>
    public async ValueTask<bool> NextAsync()
    {
        try
        {
            return await reloads.Reader.ReadAsync(stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        foreach (var registration in registrations) registration.Dispose();
        stopping.Dispose();
    }

    void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        try
        {
            stopping.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // A second one while the first is obeyed.
        }
    }
}
