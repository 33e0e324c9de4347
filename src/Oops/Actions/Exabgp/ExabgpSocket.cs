using System.Net.Sockets;
using Oops.Servers;

namespace Oops.Actions.Exabgp;

/// <summary>The socket of an <see cref="ExabgpRelay"/>: a program that ExaBGP runs, and whose answers are nobody else's.</summary>
internal sealed class ExabgpSocket(string path) : IExabgpDoor
{
    NetworkStream? last;

    public string Requests => $"the socket of its relay at {path}";

    public string Answers => path;

    public string Refused => "its log says why; where that is `no neighbor matching the command`, none has `api { processes [ oops ]; }`";

    public string Silent => "is it stopped, or is `exabgp.api.ack` false?";

    public string Lost => $"some answers at {path} are missing: has a neighbor no `api {{ processes [ oops ]; }}`, or did another client ask there?";

    public async ValueTask<(ExabgpWay? Way, string? Why)> OpenAsync(CancellationToken stop)
    {
        Dispose();
        var (socket, why, nobody) = await ControlSocket.ConnectAsync(path, "the socket's group", stop);
        if (socket is null) return (null, $"exabgp: {why}{(nobody ? " (ExaBGP is not running, or does not run `oops exabgp-relay`)" : "")}");
        last = new(socket, ownsSocket: true);
        return (new(last, last), null);
    }

    // The relay ends with its ExaBGP, and that ends the connection.
    public string? HasEnded() => null;

    public void Dispose()
    {
        last?.Dispose();
        last = null;
    }
}
