using System.Net;
using System.Net.Sockets;
using System.Text;
using Oops.Lab.Harness;

namespace Oops.Bench.Latency;

/// <summary>Says when a server is ready, by itself: the first moment at which it has answered for each of its zones. A sleeping poll of 1 ms.</summary>
internal static class SoaPoll
{
    /// <summary>CLOCK_REALTIME in nanoseconds of the answer for the last of the zones.</summary>
    public static async Task<long> ReadyAsync(string address, IEnumerable<string> zones, CancellationToken stop)
    {
        var waiting = zones.ToList();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(IPAddress.Parse(address), 53);
        byte[] answer = new byte[4096];
        ushort id = 0;
        while (true)
        {
            byte[] query = Query(++id, waiting[0]);
            try
            {
                await socket.SendAsync(query, stop);
                using var late = new CancellationTokenSource(50);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stop);
                // knotd has its sockets before it serves: what was asked in between is answered late, and passed over here.
                int count;
                do
                    count = await socket.ReceiveAsync(answer, either.Token);
                while (answer[0] != query[0] || answer[1] != query[1]);
                long now = WireTap.Now();
                // A response with AA, NOERROR, and an answer.
                if (count > 12 && (answer[2] & 0x84) == 0x84 && (answer[3] & 15) == 0 && answer[7] > 0)
                {
                    waiting.RemoveAt(0);
                    if (waiting.Count == 0)
                        return now;
                    continue;
                }
            }
            catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !stop.IsCancellationRequested))
            {
            }
            await Task.Delay(1, stop);
        }
    }

    static byte[] Query(ushort id, string zone)
    {
        var bytes = new List<byte> { (byte)(id >> 8), (byte)id, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0 };
        foreach (string label in zone.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            bytes.Add((byte)label.Length);
            bytes.AddRange(Encoding.ASCII.GetBytes(label));
        }
        bytes.AddRange([0, 0, 6, 0, 1]);
        return [.. bytes];
    }
}
