using System.Collections.Immutable;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Oops.Core;
using Oops.Engine;

namespace Oops.Sources.Dnstap;

/// <summary>The Frame Streams server that a DNS server sends its dnstap to. See README.md for what begins and ends each claim.</summary>
internal sealed class DnstapSource : ISource
{
    /// <summary>DESIGN, claims, 3.</summary>
    const int ValidityRefreshes = 3;

    readonly DnstapTarget target;
    readonly DnstapMeter meter;
    readonly Lock gate = new();
    TaskCompletionSource began = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int connections, open;
    string? told;

    public DnstapSource(DnstapTarget target)
    {
        this.target = target;
        meter = new(Name, target.Window, target.SlopeWindow);
    }

    public string Name => $"dnstap/{target.Server}";

    /// <summary>A messenger: servers push, and drop what they cannot push. Where a source reads the server's own counters, that decides while nothing comes here.</summary>
    public ImmutableArray<ChannelSpec> Covers =>
    [
        new(Name, target.Server, Standing.Messenger, [Measure.QueryRate, Measure.QueryRateSlope, Measure.ExtendedErrors], DnstapMeter.RefreshOf(target.Window) * ValidityRefreshes),
    ];

    /// <summary>What was seen since the source was made.</summary>
    public DnstapCounts Counts { get; } = new();

    /// <summary>Where it listens, with port 0 resolved; null while it does not.</summary>
    public EndPoint? Listening { get; private set; }

    public IReadOnlyList<SourceCount> Counted => Counts.All(meter.Voided);

    public async Task RunAsync(IEngine engine, CancellationToken stop)
    {
        (connections, open, told) = (0, 0, null);
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            SslServerAuthenticationOptions? tls = null;
            var why = "";
            if (target.Keys is { } keys) tls = DnstapTls.Read(keys, out why);
            Socket? socket = null;
            if (why.Length == 0) (socket, why) = await DnstapListener.ListenAsync(target, stop).ConfigureAwait(false);
            if (socket is not null)
            {
                using (socket)
                    await ServeAsync(socket, tls, engine, stop).ConfigureAwait(false);
            }

            Tell(why, engine);
            await Task.Delay(target.Again, engine.Time, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Ends only by cancellation, or by throwing.</summary>
    async Task ServeAsync(Socket socket, SslServerAuthenticationOptions? tls, IEngine engine, CancellationToken stop)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Tell($"no server has connected to {target.Where} yet", engine);
        Listening = socket.LocalEndPoint;
        Task[] parts = [AcceptAsync(socket, tls, engine, ending.Token), MeasureAsync(engine, ending.Token)];
        try
        {
            await (await Task.WhenAny(parts).ConfigureAwait(false)).ConfigureAwait(false);
        }
        finally
        {
            Listening = null;
            await ending.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        stop.ThrowIfCancellationRequested();
    }

    async Task AcceptAsync(Socket socket, SslServerAuthenticationOptions? tls, IEngine engine, CancellationToken stop)
    {
        var running = new HashSet<Task>();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        try
        {
            while (true)
            {
                Socket accepted;
                try
                {
                    accepted = await socket.AcceptAsync(ending.Token).ConfigureAwait(false);
                }
                catch (SocketException) when (!ending.IsCancellationRequested)
                {
                    // ECONNABORTED is the peer's; EMFILE is ours and lasts, so do not spin on it.
                    await Task.Delay(TimeSpan.FromMilliseconds(50), engine.Time, ending.Token).ConfigureAwait(false);
                    continue;
                }

                Counts.Accepted();
                if (Volatile.Read(ref connections) >= target.Connections)
                {
                    Counts.Refused();
                    accepted.Dispose();
                    continue;
                }

                // A host that lost its power says nothing more, and its connection would stand for ever.
                if (accepted.AddressFamily is not AddressFamily.Unix) KeepAlive(accepted);
                Interlocked.Increment(ref connections);
                running.RemoveWhere(static t => t.IsCompletedSuccessfully);
                running.Add(ConnectedAsync(accepted, tls, engine, ending));
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // Stopped, or a bug on one of the connections, which throws below.
        }

        await Task.WhenAll(running).ConfigureAwait(false);
        stop.ThrowIfCancellationRequested();
    }

    async Task ConnectedAsync(Socket socket, SslServerAuthenticationOptions? tls, IEngine engine, CancellationTokenSource ending)
    {
        // Accepting goes on.
        await Task.Yield();
        var tally = new FrameTally(meter.Errors, engine.Transfers, target.Server);
        var (end, why) = (ConnectionEnd.Closed, "oops stops");
        var started = false;
        try
        {
            using var plain = new NetworkStream(socket, ownsSocket: true);
            using var secure = tls is null ? null : new SslStream(plain, leaveInnerStreamOpen: true);
            if (secure is not null && await ShakeAsync(secure, tls!, engine, ending.Token).ConfigureAwait(false) is { } failed)
            {
                (end, why) = (ConnectionEnd.NoTls, failed);
                return;
            }

            (end, why) = await new DnstapConnection(secure ?? (Stream)plain, tally, target, engine.Time).RunAsync(() => Began(tally, ref started, engine), ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // Stopped.
        }
        catch
        {
            await ending.CancelAsync().ConfigureAwait(false);
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref connections);
            Ended(tally, started, end, why, engine);
        }
    }

    /// <summary>Null: it is secure.</summary>
    async Task<string?> ShakeAsync(SslStream secure, SslServerAuthenticationOptions tls, IEngine engine, CancellationToken stop)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var timer = engine.Time.CreateTimer(static l => ((CancellationTokenSource)l!).Cancel(), late, target.Patience, Timeout.InfiniteTimeSpan);
        try
        {
            await secure.AuthenticateAsServerAsync(tls, late.Token).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (e is AuthenticationException or IOException or SocketException)
        {
            return tls.ClientCertificateRequired ? "TLS failed, or the server has no certificate of the authority" : "TLS failed";
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return $"no TLS handshake within {target.Patience.TotalSeconds:0.#} s";
        }
    }

    void Began(FrameTally tally, ref bool started, IEngine engine)
    {
        lock (gate)
        {
            started = true;
            Counts.Began(tally);
            if (open++ > 0) return;
            told = null;
            meter.Begin(engine.Now, Counts.Totals);
            engine.Send(new ChannelOpened(Name));
            began.TrySetResult();
        }
    }

    void Ended(FrameTally tally, bool started, ConnectionEnd end, string why, IEngine engine)
    {
        lock (gate)
        {
            Counts.Ended(tally, end);
            if (started) open--;
            if (open == 0) Tell(why, engine);
        }
    }

    /// <summary>Why there is nothing to hear, once.</summary>
    void Tell(string why, IEngine engine)
    {
        lock (gate)
        {
            if (told == why) return;
            told = why;
            engine.Send(new ChannelLost(Name, $"dnstap: {why}"));
        }
    }

    /// <summary>A bucket at a time while a connection is open; asleep while there is none.</summary>
    async Task MeasureAsync(IEngine engine, CancellationToken stop)
    {
        var inputs = new List<Input>();
        while (true)
        {
            Task opened;
            lock (gate)
            {
                if (open == 0) began = new(TaskCreationOptions.RunContinuationsAsynchronously);
                opened = open == 0 ? began.Task : Task.CompletedTask;
            }

            await opened.WaitAsync(stop).ConfigureAwait(false);
            while (true)
            {
                await Task.Delay(meter.Bucket, engine.Time, stop).ConfigureAwait(false);
                lock (gate)
                {
                    if (open == 0) break;
                    inputs.Clear();
                    meter.Tick(engine.Now, Counts.Totals, inputs);
                    if (inputs.Count > 0) engine.Send(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(inputs));
                }
            }
        }
    }

    static void KeepAlive(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 30);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
    }
}
