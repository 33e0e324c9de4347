using System.Text;
using Oops.Native;

namespace Oops.Config;

/// <summary>What holds for every path of a Unix socket in a config.</summary>
internal static class SocketRules
{
    public static void Check(string socket, string path, ConfigErrors errors)
    {
        if (Encoding.UTF8.GetByteCount(socket) > DatagramSocket.LongestAddress)
            errors.Add(path, $"is longer than the {DatagramSocket.LongestAddress} bytes that a Unix socket's path may have");
    }
}
