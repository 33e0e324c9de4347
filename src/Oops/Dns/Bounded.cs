using System.Net.Sockets;
using System.Security.Authentication;
using Oops.Native;

namespace Oops.Dns;

/// <summary>What is done at a peer, within a time, and what became of it in words.</summary>
internal static class Bounded
{
    /// <summary>Null: done. Else why not; one line, terminal-safe.</summary>
    /// <param name="patience">For all of it.</param>
    /// <param name="time">By that clock.</param>
    /// <param name="judge">Of the TLS handshake in it; null: none.</param>
    /// <param name="run">What is done; it may say itself why not.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public static async Task<string?> RunAsync(TimeSpan patience, TimeProvider time, TlsJudge? judge, Func<CancellationToken, Task<string?>> run, CancellationToken stop)
    {
        using var deadline = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, deadline.Token);
        try
        {
            return await run(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            stop.ThrowIfCancellationRequested();
            return $"no answer within {Config.Duration.Format(patience)}";
        }
        catch (Exception e) when (e is SocketException or { InnerException: SocketException })
        {
            var error = (e as SocketException ?? (SocketException)e.InnerException!).SocketErrorCode;
            return error == SocketError.ConnectionRefused ? "connection refused" : DnsAsker.Explain(error).Why;
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            return judge?.Words(e) ?? Reason.Of(e);
        }
    }
}
