using System.Net;
using Oops.Engine;
using Oops.Native;

namespace Oops.Actions.Speaker;

/// <summary>Takes the connections of peers at one address. Whoever is none is not answered, and neither is a peer whose password could not be set.</summary>
internal sealed class SpeakerListener(IPEndPoint at, IReadOnlyList<SpeakerPeer> peers, TimeProvider time)
{
    static readonly TimeSpan Crowded = TimeSpan.FromMilliseconds(50);

    /// <summary>Why nobody can connect; null: they can.</summary>
    public string? Down { get; private set; } = "not listening yet";

    public IPEndPoint At => at;

    public async Task RunAsync(CancellationToken stop)
    {
        var pauses = new Backoff();
        while (true)
        {
            var heard = new Dictionary<IPAddress, SpeakerPeer>();
            if (await OpenAsync(heard).ConfigureAwait(false) is { } listening)
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

    /// <summary>Null: <see cref="Down"/> says why not.</summary>
    async Task<TcpListening?> OpenAsync(Dictionary<IPAddress, SpeakerPeer> heard)
    {
        // Read here: a file may take its time.
        var passwords = peers.Where(p => p.Address.AddressFamily == at.AddressFamily).Select(p => (Peer: p, Read: p.ReadPassword())).ToList();
        try
        {
            var listening = await TcpListening.OpenAsync(TcpThread.Instance, at, socket => Prepare(socket, passwords, heard), time).ConfigureAwait(false);
            Down = null;
            return listening;
        }
        catch (IOException e)
        {
            // Where it has no errno, the words are ours.
            Down = e.HResult < 0 ? e.Message : $"cannot listen at {at.Address}@{at.Port}: {e.Message}{(e.HResult == Errno.AccessDenied ? "; a port below 1024 takes CAP_NET_BIND_SERVICE" : "")}";
            return null;
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
        var open = new HashSet<Task>();
        try
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

                open.RemoveWhere(static t => t.IsCompletedSuccessfully);
                if (open.FirstOrDefault(static t => t.IsFaulted) is { } bug) await bug.ConfigureAwait(false);
                if (accepted.Remote is { } from && heard.TryGetValue(from.Address, out var peer)) open.Add(peer.TakeAsync(accepted, stop));
                else await accepted.CloseAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            await Task.WhenAll(open).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
