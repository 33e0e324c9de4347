using System.Globalization;
using System.Net;
using Oops.Dns;

namespace Oops.Bench.Listener;

/// <summary>The listener alone: every question gets the same TXT. `Oops.Bench listener-serve PORT`.</summary>
internal static class EchoServer
{
    // The owner is the question's name; TXT, IN, a minute, "Report received"; and an OPT.
    static readonly byte[] Answer = [0xC0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, 16, 15, .. "Report received"u8, 0, 0, 41, 1232 >> 8, 1232 & 0xFF, 0, 0, 0, 0, 0, 0];

    public static async Task<int> RunAsync(string[] arguments)
    {
        var options = new DnsListenerOptions
        {
            Addresses = [new(IPAddress.Loopback, int.Parse(arguments[0], CultureInfo.InvariantCulture))],
            Connections = 12_000,
            ConnectionsPerPeer = 1000,
            Idle = TimeSpan.FromMinutes(5),
        };
        if (!DnsListener.TryBind(options, TimeProvider.System, out var listener, out var error))
        {
            Console.Error.WriteLine(error);
            return 1;
        }

        Console.WriteLine("listening");
        await listener.RunAsync(Reply, CancellationToken.None);
        return 0;
    }

    internal static int Reply(ReadOnlySpan<byte> request, Span<byte> response, in Peer peer)
    {
        var end = 12;
        while (end < request.Length && request[end] != 0) end += request[end] + 1;
        end += 5;
        if (end > request.Length) return 0;
        request[..end].CopyTo(response);
        response[2] |= 0x84;
        response[7] = 1;
        response[11] = 1;
        Answer.CopyTo(response[end..]);
        return end + Answer.Length;
    }
}
