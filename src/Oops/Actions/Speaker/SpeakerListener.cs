using System.Net;
using Oops.Core;
using Oops.Engine;
using Oops.Native;

namespace Oops.Actions.Speaker;

/// <summary>Takes the connections of peers at one address. Whoever is none is not answered, and neither is a peer whose password could not be set.</summary>
/// <param name="at">The address.</param>
/// <param name="peers">All that the speaker has.</param>
/// <param name="changed">Peers can, or can no longer, connect.</param>
/// <param name="time">The clock of its waits.</param>
internal sealed class SpeakerListener(IPEndPoint at, IReadOnlyList<SpeakerPeer> peers, Func<Task> changed, TimeProvider time)
{
    const string Early = "not listening yet";

    static readonly TimeSpan Crowded = TimeSpan.FromMilliseconds(50);

    /// <summary>Why nobody can connect; null: they can.</summary>
    public string? Down { get; private set; } = Early;

    public IPEndPoint At => at;

    public string Address => $"{at.Address}@{at.Port}";

    /// <summary>Null: peers can connect, or it is too early to say.</summary>
    public RouterTrouble? Trouble(string action) => Down is null or Early ? null : new($"listen/{action}/{Address}", Down);

    public async Task RunAsync(CancellationToken stop)
    {
        var pauses = new Backoff();
        while (true)
        {
            var (heard, before) = (new Dictionary<IPAddress, SpeakerPeer>(), Down);
            // Read here: a file may take its time.
            var passwords = peers.Where(p => p.Address.AddressFamily == at.AddressFamily).Select(p => (Peer: p, Read: p.ReadPassword())).ToList();
            (var opened, Down, _) = await OpenAsync(socket => Prepare(socket, passwords, heard)).ConfigureAwait(false);
            if (Down != before) await changed().ConfigureAwait(false);
            if (opened is { } listening)
            {
                try
                {
                    pauses.Reset();
                    await AcceptAsync(listening, heard, stop).ConfigureAwait(false);
                }
                finally
                {
                    await listening.CloseAsync().ConfigureAwait(false);
                }
            }

            await Task.Delay(pauses.Next(), time, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Why nobody could listen there now, and whether that is because somebody does; null: it could be done.</summary>
    public async Task<(string? Why, bool Taken)> ProveAsync()
    {
        var (opened, why, taken) = await OpenAsync(static _ => null).ConfigureAwait(false);
        if (opened is { } listening) await listening.CloseAsync().ConfigureAwait(false);
        return (why, taken);
    }

    async Task<(TcpListening? Opened, string? Why, bool Taken)> OpenAsync(Func<TcpSocket, string?> prepare)
    {
        try
        {
            return (await TcpListening.OpenAsync(TcpThread.Instance, at, prepare, time).ConfigureAwait(false), null, false);
        }
        catch (IOException e)
        {
            // Where it has no errno, the words are ours.
            return (null, e.HResult < 0 ? e.Message : $"cannot listen at {Address}: {(e.HResult == Errno.AddressNotAvailable ? "the address is not on this host" : e.Message)}{(e.HResult == Errno.AccessDenied ? "; a port below 1024 takes CAP_NET_BIND_SERVICE" : "")}", e.HResult == Errno.AddressInUse);
        }
    }

    /// <summary>Null, or why nobody could be heard.</summary>
    static string? Prepare(TcpSocket socket, IEnumerable<(SpeakerPeer Peer, (string? Password, string? Problem) Read)> passwords, Dictionary<IPAddress, SpeakerPeer> heard)
    {
        string? problem = null;
        foreach (var (peer, (password, unreadable)) in passwords)
        {
            if ((unreadable ?? peer.Sign(socket, password)) is not { } cannot)
            {
                heard[peer.Address] = peer;
                continue;
            }

            problem = cannot;
            peer.Miss(cannot);
        }

        // The handshake's packets, too, are counted by a peer with TTL security.
        problem ??= TcpOptions.SetHighestTtl(socket);
        return heard.Count == 0 ? problem : null;
    }

    /// <summary>Until it is stopped.</summary>
    async Task AcceptAsync(TcpListening listening, Dictionary<IPAddress, SpeakerPeer> heard, CancellationToken stop)
    {
        while (true)
        {
            TcpConnection accepted;
            try
            {
                accepted = await listening.AcceptAsync(stop).ConfigureAwait(false);
            }
            catch (IOException)
            {
                // ECONNABORTED is the peer's; EMFILE is ours and lasts, so it is not spun on.
                await Task.Delay(Crowded, time, stop).ConfigureAwait(false);
                continue;
            }

            if (accepted.Remote is { } from && heard.TryGetValue(from.Address, out var peer)) await peer.TakeAsync(accepted).ConfigureAwait(false);
            else await accepted.CloseAsync().ConfigureAwait(false);
        }
    }
}
