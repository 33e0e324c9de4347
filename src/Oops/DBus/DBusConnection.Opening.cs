using System.Net.Sockets;
using Oops.Wire.DBus;

namespace Oops.DBus;

internal sealed partial class DBusConnection
{
    /// <summary>Connects, authenticates (EXTERNAL: the kernel says who we are) and says Hello.</summary>
    public static async ValueTask<DBusOpened> OpenAsync(DBusOptions options, TimeProvider time, CancellationToken stop)
    {
        var points = DBusAddress.Parse(options.Address, out var why);
        foreach (var point in points)
        {
            var opened = await OpenAsync(point, options, time, stop);
            if (opened.Connection is not null) return opened;
            why = opened.Why;
        }

        return new(null, why.StartsWith("d-bus", StringComparison.Ordinal) ? why : $"d-bus: {why}");
    }

    static async ValueTask<DBusOpened> OpenAsync(UnixDomainSocketEndPoint point, DBusOptions options, TimeProvider time, CancellationToken stop)
    {
        var where = point.ToString();
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        DBusConnection? connection = null;
        var good = false;
        try
        {
            using var limit = new CancellationTokenSource(options.Timeout, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
            await socket.ConnectAsync(point, both.Token);
            var buffer = new byte[4096];
            var (filled, why) = await AuthenticateAsync(socket, buffer, both.Token);
            if (why is not null) return new(null, $"d-bus: {why} at {where}");
            connection = new DBusConnection(socket, options, time);
            connection.reading = connection.ReadAsync(buffer, filled);
            why = await connection.HelloAsync(both.Token);
            good = why is null;
            return good ? new(connection, "") : new(null, $"{why} at {where}");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new(null, $"d-bus: no answer within {options.Timeout.TotalSeconds:0.#} s at {where}");
        }
        catch (SocketException e)
        {
            // .NET makes "Cannot assign requested address" of ENOENT.
            return new(null, $"d-bus: {(e.SocketErrorCode == SocketError.AddressNotAvailable ? "no such socket" : e.Message)} at {where}");
        }
        finally
        {
            if (!good && connection is not null) await connection.DisposeAsync();
            if (!good) socket.Dispose();
        }
    }

    // Bytes of the first message that came along with the last line, moved to the buffer's start; or why not.
    static async ValueTask<(int Filled, string? Why)> AuthenticateAsync(Socket socket, byte[] buffer, CancellationToken stop)
    {
        await SendAllAsync(socket, DBusSasl.External.ToArray(), stop);
        var filled = 0;
        var challenged = false;
        while (true)
        {
            if (DBusSasl.TryLine(buffer.AsSpan(0, filled), out var line, out var consumed, out var tooLong))
            {
                var kind = DBusSasl.Parse(line, out _);
                buffer.AsSpan(consumed, filled - consumed).CopyTo(buffer);
                filled -= consumed;
                if (kind == DBusSaslKind.Ok)
                {
                    await SendAllAsync(socket, DBusSasl.Begin.ToArray(), stop);
                    return (filled, null);
                }

                // One challenge, once: a server that goes on asking would go on for ever.
                if (kind != DBusSaslKind.Data || challenged) return (0, kind == DBusSaslKind.Rejected ? "authentication refused" : "authentication failed");
                challenged = true;
                await SendAllAsync(socket, DBusSasl.AsTheSocketSays.ToArray(), stop);
                continue;
            }

            if (tooLong) return (0, "authentication failed: a line without end");
            var got = await socket.ReceiveAsync(buffer.AsMemory(filled), SocketFlags.None, stop);
            if (got == 0) return (0, "closed while authenticating");
            filled += got;
        }
    }

    static async ValueTask SendAllAsync(Socket socket, byte[] bytes, CancellationToken stop)
    {
        for (var sent = 0; sent < bytes.Length;)
            sent += await socket.SendAsync(bytes.AsMemory(sent), SocketFlags.None, stop);
    }

    async ValueTask<string?> HelloAsync(CancellationToken stop)
    {
        var reply = await CallBusAsync("Hello", null, stop);
        if (reply.Message is null) return reply.Why;
        var body = reply.Message.Read();
        if (reply.Message.Signature != "s" || !body.TryString(out var name) || name.Length == 0) return "d-bus: a wrong answer to Hello";
        UniqueName = name;
        return null;
    }
}
