using System.Net;
using System.Net.Sockets;
using Oops.Engine;
using Oops.Native;

namespace Oops.Actions.Speaker;

/// <summary>Takes the connections of peers at one address. Whoever is none is not answered, and neither is a peer whose password could not be set.</summary>
internal sealed class SpeakerListener(IPEndPoint at, IReadOnlyList<SpeakerPeer> peers, TimeProvider time)
{
    const int Backlog = 16;

    static readonly TimeSpan Crowded = TimeSpan.FromMilliseconds(50);

    /// <summary>Why nobody can connect; null: they can.</summary>
    public string? Down { get; private set; } = "not listening yet";

    public IPEndPoint At => at;

    public async Task RunAsync(CancellationToken stop)
    {
        var pauses = new Backoff();
        while (true)
        {
            Down = Open(out var socket, out var heard);
            using (socket)
            {
                if (Down is null)
                {
                    pauses.Reset();
                    await AcceptAsync(socket!, heard, stop).ConfigureAwait(false);
                }
            }

            await Task.Delay(pauses.Next(), time, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Null, or why not; the socket is the caller's in any case.</summary>
    string? Open(out Socket? socket, out Dictionary<IPAddress, SpeakerPeer> heard)
    {
        (socket, heard) = (null, []);
        try
        {
            socket = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (at.AddressFamily == AddressFamily.InterNetworkV6) socket.DualMode = false;
            socket.Bind(at);
            string? problem = null;
            foreach (var peer in peers.Where(p => p.Address.AddressFamily == at.AddressFamily))
            {
                if (peer.Sign(socket) is not { } cannot)
                {
                    heard[peer.Address] = peer;
                    continue;
                }

                problem = cannot;
                peer.Miss(cannot);
            }

            // The handshake's packets, too, are counted by a peer with TTL security.
            problem ??= TcpOptions.SetHighestTtl(socket);
            if (problem is not null && heard.Count == 0) return problem;
            socket.Listen(Backlog);
            return null;
        }
        catch (SocketException e)
        {
            return $"cannot listen at {at.Address}@{at.Port}: {Reason.Of(e)}{(e.SocketErrorCode == SocketError.AccessDenied ? "; a port below 1024 takes CAP_NET_BIND_SERVICE" : "")}";
        }
    }

    /// <summary>Until it is stopped, or the socket fails.</summary>
    async Task AcceptAsync(Socket socket, Dictionary<IPAddress, SpeakerPeer> heard, CancellationToken stop)
    {
        var open = new HashSet<Task>();
        try
        {
            while (true)
            {
                Socket accepted;
                try
                {
                    accepted = await socket.AcceptAsync(stop).ConfigureAwait(false);
                }
                catch (SocketException)
                {
                    // ECONNABORTED is the peer's; EMFILE is ours and lasts, so it is not spun on.
                    await Task.Delay(Crowded, time, stop).ConfigureAwait(false);
                    continue;
                }

                open.RemoveWhere(static t => t.IsCompletedSuccessfully);
                if (open.FirstOrDefault(static t => t.IsFaulted) is { } bug) await bug.ConfigureAwait(false);
                if (accepted.RemoteEndPoint is IPEndPoint from && heard.TryGetValue(from.Address, out var peer)) open.Add(peer.TakeAsync(accepted, stop));
                else accepted.Dispose();
            }
        }
        finally
        {
            await Task.WhenAll(open).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
