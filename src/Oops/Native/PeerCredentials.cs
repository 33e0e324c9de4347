using System.Net.Sockets;

namespace Oops.Native;

/// <summary>Who is at the other end of a connected Unix socket, as the kernel recorded it at connect(2) or listen(2) (SO_PEERCRED, unix(7)).</summary>
/// <param name="Pid">0 when the peer is outside our pid namespace.</param>
internal readonly record struct PeerCredentials(int Pid, uint Uid, uint Gid)
{
    const int SolSocket = 1;
    const int SoPeerCred = 17;

    /// <summary>False on a socket that is not a connected Unix socket.</summary>
    public static bool TryRead(Socket socket, out PeerCredentials peer)
    {
        peer = default;
        Span<byte> ucred = stackalloc byte[12];
        try
        {
            if (socket.GetRawSocketOption(SolSocket, SoPeerCred, ucred) != 12) return false;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }

        peer = new(BitConverter.ToInt32(ucred), BitConverter.ToUInt32(ucred[4..]), BitConverter.ToUInt32(ucred[8..]));

        // A TCP socket answers pid 0 and ids of -1.
        return peer.Uid != uint.MaxValue;
    }

    /// <summary>The process at the other end, with its start time: the name of one incarnation. False where it lives in a pid namespace that we cannot see into, or has ended.</summary>
    public static bool TryReadProcess(Socket socket, out ProcStat process)
    {
        process = default;
        return TryRead(socket, out var peer) && peer.Pid > 0 && Proc.TryReadStat(peer.Pid, out process);
    }
}
