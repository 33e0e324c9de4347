using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Oops.Bench.Notify;

/// <summary>A server that has every zone, with a higher serial each time it is asked: every check is an update, and every update a command.</summary>
internal sealed class RisingSerials : IDisposable
{
    readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    uint serial;

    public RisingSerials()
    {
        socket.ReceiveBufferSize = 4 << 20;
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        new Thread(Loop) { IsBackground = true, Name = "soa" }.Start();
    }

    public int Port { get; }

    public void Dispose() => socket.Dispose();

    void Loop()
    {
        var buffer = new byte[4096];
        var from = new SocketAddress(AddressFamily.InterNetwork);
        ReadOnlySpan<byte> record = [0xC0, 0x0C, 0, 6, 0, 1, 0, 0, 0, 60, 0, 22, 0, 0];
        while (true)
        {
            try
            {
                socket.ReceiveFrom(buffer, SocketFlags.None, from);
                var end = 12;
                while (buffer[end] != 0)
                    end += buffer[end] + 1;
                end += 5; // behind the question
                buffer[2] = 0x84;
                buffer[3] = 0;
                buffer.AsSpan(6, 6).Clear();
                buffer[7] = 1;
                record.CopyTo(buffer.AsSpan(end));
                var numbers = buffer.AsSpan(end + record.Length, 20);
                BinaryPrimitives.WriteUInt32BigEndian(numbers, ++serial);
                for (var i = 4; i < 20; i += 4)
                    BinaryPrimitives.WriteUInt32BigEndian(numbers[i..], 3600);
                socket.SendTo(buffer.AsSpan(0, end + record.Length + 20), SocketFlags.None, from);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.Interrupted or SocketError.OperationAborted or SocketError.NotSocket)
            {
                return;
            }
            catch (SocketException)
            {
                // ICMP of a question whose socket is closed.
            }
        }
    }
}
