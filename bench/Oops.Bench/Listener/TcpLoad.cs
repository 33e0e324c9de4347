using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Oops.Bench.Listener;

/// <summary>Connections over TCP: each asks once and closes, several at a time; or they are opened and say nothing.</summary>
internal sealed class TcpLoad(IPEndPoint to, byte[][] queries)
{
    const int AtOnce = 8;

    readonly List<Socket> idle = [];

    /// <summary>Connect, ask, read the answer, close, for so long. By blocking threads: the kernel does most of it.</summary>
    public LoadResult Run(TimeSpan span)
    {
        long answered = 0, wrong = 0, lost = 0;
        var latencies = new List<double>[AtOnce];
        var began = Stopwatch.GetTimestamp();
        var threads = Enumerable.Range(0, AtOnce).Select(t => new Thread(() =>
        {
            var (mine, buffer) = (latencies[t] = [], new byte[4096]);
            // An address of its own: a port that waits in TIME_WAIT is one of 28,000 for each.
            var from = new IPAddress(to.Address.GetAddressBytes() is [127, ..] ? [127, 0, 1, (byte)(1 + t)] : to.Address.GetAddressBytes());
            for (var i = t; Stopwatch.GetElapsedTime(began) < span; i += AtOnce)
            {
                var at = Stopwatch.GetTimestamp();
                switch (Ask(from, queries[i % queries.Length], buffer))
                {
                    case null: Interlocked.Increment(ref lost); break;
                    case false: Interlocked.Increment(ref wrong); break;
                    default: Interlocked.Increment(ref answered); break;
                }

                mine.Add(Stopwatch.GetElapsedTime(at).TotalMicroseconds);
            }
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        var took = Stopwatch.GetElapsedTime(began).TotalSeconds;
        var all = latencies.SelectMany(l => l).Order().ToList();
        return new(answered / took, lost, wrong, all[all.Count / 2], all[(int)(all.Count * 0.99)]);
    }

    /// <summary>Opens so many and keeps them. How many are open.</summary>
    public int Open(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(new IPAddress([127, 0, 2, (byte)(1 + i % 200)]), 0));
            socket.Connect(to);
            idle.Add(socket);
        }

        return idle.Count;
    }

    /// <summary>How many of those are closed by the other side.</summary>
    public int Gone() => idle.Count(static s => s.Poll(0, SelectMode.SelectRead));

    public void Close()
    {
        idle.ForEach(static s => s.Dispose());
        idle.Clear();
    }

    bool? Ask(IPAddress from, byte[] query, byte[] buffer)
    {
        try
        {
            using var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 2000 };
            socket.SetRawSocketOption(0, 24, BitConverter.GetBytes(1)); // IP_BIND_ADDRESS_NO_PORT: a port is chosen with the connection
            socket.Bind(new IPEndPoint(from, 0));
            socket.Connect(to);
            BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)query.Length);
            query.CopyTo(buffer, 2);
            socket.Send(buffer.AsSpan(0, 2 + query.Length));
            var have = 0;
            while (have < 2 || have < 2 + BinaryPrimitives.ReadUInt16BigEndian(buffer))
            {
                var n = socket.Receive(buffer.AsSpan(have));
                if (n == 0) return null;
                have += n;
            }

            return Queries.IsAnswer(buffer.AsSpan(2, have - 2));
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
